/** Reads protobuf's wire format: a message is a run of numbered fields, each a varint, four or eight bytes, or a length and bytes. */
import { DeptError } from '../common/errors.ts';

const VARINT = 0;
const FIXED64 = 1;
const BYTES = 2;
const FIXED32 = 5;

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function malformed(got: string): DeptError {
  return new DeptError('bad-file', 'The bytes are not a valid ONNX model', { expected: 'a protobuf ModelProto', got });
}

class Cursor {
  readonly bytes: Uint8Array;
  position = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  get atEnd(): boolean {
    return this.position === this.bytes.byteLength;
  }

  /** Up to ten bytes of seven bits each, lowest first. */
  varint(): bigint {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.take(1)[0]!;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asUintN(64, value);
    }
    throw malformed('an integer of more than ten bytes');
  }

  take(length: number): Uint8Array {
    const end = this.position + length;
    if (end > this.bytes.byteLength) throw malformed('a field that runs past the end of its message');
    const part = this.bytes.subarray(this.position, end);
    this.position = end;
    return part;
  }
}

function toFloat(bytes: Uint8Array): number {
  return new DataView(bytes.buffer, bytes.byteOffset, 4).getFloat32(0, true);
}

/** A two's complement 64-bit integer: a number where that is exact, else a bigint. */
function toInt(value: bigint): number | bigint {
  const signed = BigInt.asIntN(64, value);
  const number = Number(signed);
  return Number.isSafeInteger(number) ? number : signed;
}

/** One field of a message. Each getter checks the wire type and throws `bad-file` where it is another one. */
export class Field {
  readonly number: number;
  readonly #wire: number;
  readonly #value: bigint | Uint8Array;

  constructor(number: number, wire: number, value: bigint | Uint8Array) {
    this.number = number;
    this.#wire = wire;
    this.#value = value;
  }

  #as(wire: number): bigint | Uint8Array {
    if (this.#wire === wire) return this.#value;
    throw malformed(`field ${this.number} with wire type ${this.#wire} in place of ${wire}`);
  }

  int(): number | bigint {
    return toInt(this.#as(VARINT) as bigint);
  }

  /** An integer that must be exact as a JavaScript number. */
  number53(): number {
    return this.#exact(this.int());
  }

  #exact(value: number | bigint): number {
    if (typeof value === 'number') return value;
    throw malformed(`the integer ${value} in field ${this.number}`);
  }

  float(): number {
    return toFloat(this.#as(FIXED32) as Uint8Array);
  }

  /** A view, not a copy. */
  bytes(): Uint8Array {
    return this.#as(BYTES) as Uint8Array;
  }

  string(): string {
    try {
      return utf8.decode(this.bytes());
    } catch (cause) {
      if (cause instanceof DeptError) throw cause;
      throw malformed(`text in field ${this.number} that is not UTF-8`);
    }
  }

  /** Repeated integers: one, or a packed run. */
  ints(): (number | bigint)[] {
    if (this.#wire === VARINT) return [this.int()];
    const cursor = new Cursor(this.bytes());
    const values: (number | bigint)[] = [];
    while (!cursor.atEnd) values.push(toInt(cursor.varint()));
    return values;
  }

  /** Repeated integers that must be exact as JavaScript numbers and not negative. */
  sizes(): number[] {
    return this.ints().map((value) => {
      if (value < 0) throw malformed(`the size ${value} in field ${this.number}`);
      return this.#exact(value);
    });
  }

  /** Repeated floats: one, or a packed run. */
  floats(): number[] {
    if (this.#wire === FIXED32) return [this.float()];
    const cursor = new Cursor(this.bytes());
    const values: number[] = [];
    while (!cursor.atEnd) values.push(toFloat(cursor.take(4)));
    return values;
  }
}

/** The fields of one message in file order. */
export function* fieldsOf(message: Uint8Array): Generator<Field, void, undefined> {
  const cursor = new Cursor(message);
  while (!cursor.atEnd) {
    const tag = cursor.varint();
    const number = Number(tag >> 3n);
    const wire = Number(tag & 7n);
    if (number === 0) throw malformed('a field with the number 0');
    if (wire === VARINT) yield new Field(number, wire, cursor.varint());
    else if (wire === FIXED64) yield new Field(number, wire, cursor.take(8));
    else if (wire === BYTES) yield new Field(number, wire, cursor.take(Number(cursor.varint())));
    else if (wire === FIXED32) yield new Field(number, wire, cursor.take(4));
    else throw malformed(`wire type ${wire}`);
  }
}
