/** Reads a ModelProto back into the plain objects that `encode.ts` writes; field numbers from onnx.proto. */
import { DeptError } from '../common/errors.ts';
import {
  type ElementType,
  type ExternalData,
  elementTypes,
  type OnnxAttribute,
  type OnnxGraph,
  type OnnxModel,
  type OnnxNode,
  type OnnxTensor,
  type OnnxValue,
} from './types.ts';
import { fieldsOf } from './wire-reader.ts';

const typeNames = new Map<number, ElementType>(
  Object.entries(elementTypes).map(([name, code]) => [code, name as ElementType]),
);

function unsupported(what: string, got: string): DeptError {
  return new DeptError('unsupported', `The ONNX model uses ${what} that this program does not read`, { got });
}

function missing(what: string): DeptError {
  return new DeptError('bad-file', `The ONNX model is incomplete: ${what}`);
}

function elementType(code: number, name: string): ElementType {
  const type = typeNames.get(code);
  if (type === undefined) throw unsupported('an element type', `type ${code} of '${name}'`);
  return type;
}

/** A list of StringStringEntryProto. */
function decodeEntries(messages: readonly Uint8Array[]): Record<string, string> {
  const entries = messages.map((message): [string, string] => {
    const entry: [string, string] = ['', ''];
    for (const field of fieldsOf(message)) {
      if (field.number === 1 || field.number === 2) entry[field.number - 1] = field.string();
    }
    return entry;
  });
  return Object.fromEntries(entries);
}

function externalData(messages: readonly Uint8Array[], tensor: string): ExternalData {
  const { location, offset = '0', length = '' } = decodeEntries(messages);
  if (location === undefined) throw missing(`tensor '${tensor}' has no file`);
  const place = [offset, length].map((text) => (/^\d+$/.test(text) ? Number(text) : Number.NaN));
  if (!place.every(Number.isSafeInteger)) throw missing(`tensor '${tensor}' has no place in its file`);
  return { location, offset: place[0]!, length: place[1]! };
}

/** A TensorProto, which is also what the `.pb` files beside ONNX's test models hold. Its data are a view into `message`. */
export function decodeTensor(message: Uint8Array): OnnxTensor {
  const dims: number[] = [];
  let name = '';
  let code = 0;
  let raw: Uint8Array = new Uint8Array();
  const external: Uint8Array[] = [];
  for (const field of fieldsOf(message)) {
    if (field.number === 1) for (const size of field.sizes()) dims.push(size);
    else if (field.number === 2) code = field.number53();
    else if (field.number === 8) name = field.string();
    else if (field.number === 9) raw = field.bytes();
    else if (field.number === 13) external.push(field.bytes());
    // float_data, int32_data, string_data, int64_data, double_data, uint64_data
    else if ([4, 5, 6, 7, 10, 11].includes(field.number)) throw unsupported('tensor data in typed fields', `'${name}'`);
  }
  const type = elementType(code, name);
  return { name, type, dims, data: external.length > 0 ? externalData(external, name) : raw };
}

function decodeAttribute(message: Uint8Array): [name: string, attribute: OnnxAttribute] {
  let name = '';
  let type = 0;
  let float = 0;
  let int: number | bigint = 0;
  let string = '';
  let tensor: OnnxTensor | undefined;
  const floats: number[] = [];
  const ints: (number | bigint)[] = [];
  for (const field of fieldsOf(message)) {
    if (field.number === 1) name = field.string();
    else if (field.number === 2) float = field.float();
    else if (field.number === 3) int = field.int();
    else if (field.number === 4) string = field.string();
    else if (field.number === 5) tensor = decodeTensor(field.bytes());
    else if (field.number === 7) for (const value of field.floats()) floats.push(value);
    else if (field.number === 8) for (const value of field.ints()) ints.push(value);
    else if (field.number === 20) type = field.number53();
  }
  switch (type) {
    case 1:
      return [name, { kind: 'float', value: float }];
    case 2:
      return [name, { kind: 'int', value: int }];
    case 3:
      return [name, { kind: 'string', value: string }];
    case 4:
      if (tensor === undefined) throw missing(`attribute '${name}' has no tensor`);
      return [name, { kind: 'tensor', value: tensor }];
    case 6:
      return [name, { kind: 'floats', value: floats }];
    case 7:
      return [name, { kind: 'ints', value: ints }];
    default:
      throw unsupported('an attribute type', `type ${type} of '${name}'`);
  }
}

function decodeNode(message: Uint8Array): OnnxNode {
  let op = '';
  let domain = '';
  let name = '';
  const inputs: string[] = [];
  const outputs: string[] = [];
  const attributes: [string, OnnxAttribute][] = [];
  for (const field of fieldsOf(message)) {
    if (field.number === 1) inputs.push(field.string());
    else if (field.number === 2) outputs.push(field.string());
    else if (field.number === 3) name = field.string();
    else if (field.number === 4) op = field.string();
    else if (field.number === 5) attributes.push(decodeAttribute(field.bytes()));
    else if (field.number === 7) domain = field.string();
  }
  return { op, domain, name, inputs, outputs, attributes: Object.fromEntries(attributes) };
}

/** TensorShapeProto; a dimension with neither a size nor a name is named ''. */
function decodeShape(message: Uint8Array): (number | string)[] {
  const dims: (number | string)[] = [];
  for (const field of fieldsOf(message)) {
    if (field.number !== 1) continue;
    let dim: number | string = '';
    for (const part of fieldsOf(field.bytes())) {
      if (part.number === 1) dim = part.number53();
      else if (part.number === 2) dim = part.string();
    }
    dims.push(dim);
  }
  return dims;
}

/** The last occurrence of a sub-message, if any. */
function submessage(message: Uint8Array, number: number): Uint8Array | undefined {
  let found: Uint8Array | undefined;
  for (const field of fieldsOf(message)) if (field.number === number) found = field.bytes();
  return found;
}

function decodeValue(message: Uint8Array): OnnxValue {
  let name = '';
  let tensorType: Uint8Array | undefined;
  for (const field of fieldsOf(message)) {
    if (field.number === 1) name = field.string();
    else if (field.number === 2) tensorType = submessage(field.bytes(), 1);
  }
  if (tensorType === undefined) throw unsupported('a value other than a tensor', `'${name}'`);
  const shape = submessage(tensorType, 2);
  if (shape === undefined) throw unsupported('a tensor of unknown rank', `'${name}'`);
  let code = 0;
  for (const field of fieldsOf(tensorType)) if (field.number === 1) code = field.number53();
  return { name, type: elementType(code, name), dims: decodeShape(shape) };
}

function decodeGraph(message: Uint8Array): OnnxGraph {
  let name = '';
  const nodes: OnnxNode[] = [];
  const inputs: OnnxValue[] = [];
  const outputs: OnnxValue[] = [];
  const initializers: OnnxTensor[] = [];
  for (const field of fieldsOf(message)) {
    if (field.number === 1) nodes.push(decodeNode(field.bytes()));
    else if (field.number === 2) name = field.string();
    else if (field.number === 5) initializers.push(decodeTensor(field.bytes()));
    else if (field.number === 11) inputs.push(decodeValue(field.bytes()));
    else if (field.number === 12) outputs.push(decodeValue(field.bytes()));
  }
  return { name, nodes, inputs, outputs, initializers };
}

function decodeOpset(message: Uint8Array): [domain: string, version: number] {
  const opset: [string, number] = ['', 0];
  for (const field of fieldsOf(message)) {
    if (field.number === 1) opset[0] = field.string();
    else if (field.number === 2) opset[1] = field.number53();
  }
  return opset;
}

/**
 * The model in a `.onnx` file. Tensor data are views into `bytes`. Parts that the engine never writes are skipped where
 * they carry no meaning of their own (documentation, value_info), else refused.
 * Errors: `bad-file` (not protobuf, or incomplete), `unsupported` (subgraphs, sequences, typed data fields ...).
 */
export function decodeModel(bytes: Uint8Array): OnnxModel {
  let irVersion = 0;
  let producer = '';
  let graph: OnnxGraph | undefined;
  const opsets: [string, number][] = [];
  for (const field of fieldsOf(bytes)) {
    if (field.number === 1) irVersion = field.number53();
    else if (field.number === 2) producer = field.string();
    else if (field.number === 7) graph = decodeGraph(field.bytes());
    else if (field.number === 8) opsets.push(decodeOpset(field.bytes()));
  }
  if (graph === undefined) throw missing('it has no graph');
  return { irVersion, producer, opsets: Object.fromEntries(opsets), graph };
}
