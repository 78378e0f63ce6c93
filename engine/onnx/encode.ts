/** Writes a ModelProto: protobuf wire format by hand, field numbers from onnx.proto (IR version 10). */
import {
  type ExternalData,
  elementTypes,
  type OnnxAttribute,
  type OnnxGraph,
  type OnnxModel,
  type OnnxNode,
  type OnnxTensor,
  type OnnxValue,
} from './types.ts';

const utf8 = new TextEncoder();

/** A growing protobuf message. */
class Message {
  readonly #parts: Uint8Array[] = [];
  #length = 0;

  #push(bytes: Uint8Array): void {
    this.#parts.push(bytes);
    this.#length += bytes.byteLength;
  }

  #varint(value: number | bigint): void {
    let rest = BigInt.asUintN(64, BigInt(value));
    const bytes: number[] = [];
    do {
      const low = Number(rest & 0x7fn);
      rest >>= 7n;
      bytes.push(rest === 0n ? low : low | 0x80);
    } while (rest !== 0n);
    this.#push(Uint8Array.from(bytes));
  }

  int(field: number, value: number | bigint): this {
    this.#varint(field << 3);
    this.#varint(value);
    return this;
  }

  float(field: number, value: number): this {
    this.#varint((field << 3) | 5);
    this.#push(new Uint8Array(Float32Array.of(value).buffer));
    return this;
  }

  bytes(field: number, value: Uint8Array): this {
    this.#varint((field << 3) | 2);
    this.#varint(value.byteLength);
    this.#push(value);
    return this;
  }

  string(field: number, value: string): this {
    return this.bytes(field, utf8.encode(value));
  }

  message(field: number, value: Message): this {
    return this.bytes(field, value.finish());
  }

  finish(): Uint8Array {
    const out = new Uint8Array(this.#length);
    let at = 0;
    for (const part of this.#parts) {
      out.set(part, at);
      at += part.byteLength;
    }
    return out;
  }
}

function externalEntries(data: ExternalData): Message[] {
  const entries = { location: data.location, offset: String(data.offset), length: String(data.length) };
  return Object.entries(entries).map(([key, value]) => new Message().string(1, key).string(2, value));
}

function encodeTensor(tensor: OnnxTensor): Message {
  const message = new Message();
  for (const dim of tensor.dims) message.int(1, dim);
  message.int(2, elementTypes[tensor.type]);
  message.string(8, tensor.name);
  if (tensor.data instanceof Uint8Array) return message.bytes(9, tensor.data);
  for (const entry of externalEntries(tensor.data)) message.message(13, entry);
  return message.int(14, 1); // data_location = EXTERNAL
}

/** AttributeProto.type */
const attributeTypes = { float: 1, int: 2, string: 3, tensor: 4, floats: 6, ints: 7 } as const;

function encodeAttribute(name: string, attribute: OnnxAttribute): Message {
  const message = new Message().string(1, name);
  switch (attribute.kind) {
    case 'float':
      message.float(2, attribute.value);
      break;
    case 'int':
      message.int(3, attribute.value);
      break;
    case 'string':
      message.string(4, attribute.value);
      break;
    case 'tensor':
      message.message(5, encodeTensor(attribute.value));
      break;
    case 'floats':
      for (const value of attribute.value) message.float(7, value);
      break;
    case 'ints':
      for (const value of attribute.value) message.int(8, value);
      break;
  }
  return message.int(20, attributeTypes[attribute.kind]);
}

function encodeNode(node: OnnxNode): Message {
  const message = new Message();
  for (const input of node.inputs) message.string(1, input);
  for (const output of node.outputs) message.string(2, output);
  message.string(3, node.name).string(4, node.op);
  for (const [name, attribute] of Object.entries(node.attributes)) message.message(5, encodeAttribute(name, attribute));
  return message.string(7, node.domain);
}

function encodeValue(value: OnnxValue): Message {
  const shape = new Message();
  for (const dim of value.dims) {
    const dimension = new Message();
    if (typeof dim === 'number') dimension.int(1, dim);
    else dimension.string(2, dim);
    shape.message(1, dimension);
  }
  const tensorType = new Message().int(1, elementTypes[value.type]).message(2, shape);
  return new Message().string(1, value.name).message(2, new Message().message(1, tensorType));
}

function encodeGraph(graph: OnnxGraph): Message {
  const message = new Message();
  for (const node of graph.nodes) message.message(1, encodeNode(node));
  message.string(2, graph.name);
  for (const tensor of graph.initializers) message.message(5, encodeTensor(tensor));
  for (const value of graph.inputs) message.message(11, encodeValue(value));
  for (const value of graph.outputs) message.message(12, encodeValue(value));
  return message;
}

/** The bytes of a `.onnx` file. */
export function encodeModel(model: OnnxModel): Uint8Array {
  const message = new Message().int(1, model.irVersion).string(2, model.producer).message(7, encodeGraph(model.graph));
  for (const [domain, version] of Object.entries(model.opsets)) {
    message.message(8, new Message().string(1, domain).int(2, version));
  }
  return message.finish();
}
