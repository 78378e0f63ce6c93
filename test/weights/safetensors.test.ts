import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Dtype, ELEMENT_ARRAYS, elementCount, isDtype } from '../../engine/weights/dtypes.ts';
import {
  readFloats,
  readSafetensorsHeader,
  readTensor,
  type TensorToMake,
  type TensorToWrite,
  writeSafetensors,
} from '../../engine/weights/safetensors.ts';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'dept-safetensors-'));
  path = join(folder, 'x.safetensors');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A file with this header text and this many bytes of data. */
function writeRaw(header: string, dataBytes: number, headerLength = Buffer.byteLength(header)): void {
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(headerLength));
  writeFileSync(path, Buffer.concat([length, Buffer.from(header), Buffer.alloc(dataBytes)]));
}

test('every element type comes back as written', () => {
  const bits = Uint8Array.from({ length: 48 }, (_, i) => (i * 37) % 64);
  const tensors: Record<string, TensorToWrite> = {};
  for (const dtype of Object.keys(ELEMENT_ARRAYS).filter(isDtype)) {
    const data = new ELEMENT_ARRAYS[dtype](bits.slice().buffer);
    tensors[`t.${dtype}`] = { dtype, shape: [2, data.length / 2], data };
  }
  writeSafetensors(path, tensors, { format: 'pt' });
  const file = readSafetensorsHeader(path);
  expect(file.metadata).toEqual({ format: 'pt' });
  expect([...file.tensors.keys()].sort()).toEqual(Object.keys(tensors).sort());
  for (const [name, { dtype, shape, data }] of Object.entries(tensors)) {
    expect(file.tensors.get(name)).toMatchObject({ name, dtype, shape, byteLength: 48 });
    expect(readTensor(file, name)).toEqual(data);
  }
});

test('written files hold to the format: padded header, aligned tensors, nothing else in the folder', () => {
  const sizes = fc.array(fc.tuple(fc.constantFrom<Dtype[]>('F32', 'I64', 'U8', 'F16'), fc.nat(5)), { maxLength: 8 });
  fc.assert(
    fc.property(sizes, (list) => {
      const tensors: Record<string, TensorToWrite> = {};
      for (const [i, [dtype, length]] of list.entries()) {
        const array = ELEMENT_ARRAYS[dtype];
        const bytes = new Uint8Array(length * array.BYTES_PER_ELEMENT).fill(i + 1);
        tensors[`t${i}`] = { dtype, shape: [length], data: new array(bytes.buffer) };
      }
      writeSafetensors(path, tensors);
      const bytes = readFileSync(path);
      expect((8 + Number(bytes.readBigUInt64LE())) % 8).toBe(0);
      const file = readSafetensorsHeader(path);
      expect(file.tensors.size).toBe(list.length);
      for (const { name, dtype, offset } of file.tensors.values()) {
        expect(offset % ELEMENT_ARRAYS[dtype].BYTES_PER_ELEMENT).toBe(0);
        expect(readTensor(file, name)).toEqual(tensors[name]!.data);
      }
      expect(readdirSync(folder)).toEqual(['x.safetensors']);
    }),
    { numRuns: 30 },
  );
});

test('values are made one after another, as they are written, and a wrong one leaves no file', () => {
  const made: string[] = [];
  const of = (name: string, shape: number[]): TensorToMake => ({
    dtype: 'F32',
    shape,
    make: () => {
      made.push(`${name}, ${readdirSync(folder).length} file`);
      return Float32Array.of(1, 2);
    },
  });
  writeSafetensors(path, { a: of('a', [2]), b: of('b', [2, 1]) });
  expect(made).toEqual(['a, 1 file', 'b, 1 file']);
  expect(readTensor(readSafetensorsHeader(path), 'b')).toEqual(Float32Array.of(1, 2));
  rmSync(path);
  expect(() => writeSafetensors(path, { a: of('a', [2]), b: of('b', [3]) })).toThrow(
    expect.objectContaining({ code: 'shape-mismatch' }),
  );
  expect(readdirSync(folder)).toEqual([]);
});

test('a view into a larger buffer is written from its own offset', () => {
  const data = Float32Array.from([0, 1, 2, 3]).subarray(1, 3);
  writeSafetensors(path, { a: { dtype: 'F32', shape: [2], data } });
  expect(readTensor(readSafetensorsHeader(path), 'a')).toEqual(Float32Array.from([1, 2]));
});

test('one row of a matrix is read by itself', () => {
  writeSafetensors(path, {
    before: { dtype: 'F32', shape: [1], data: Float32Array.of(9) },
    matrix: { dtype: 'F16', shape: [2, 3], data: Float16Array.of(1, 2, 3, 4, 5, 6) },
  });
  const file = readSafetensorsHeader(path);
  expect([0, 1].map((row) => [...readFloats(file, 'matrix', row)])).toEqual([
    [1, 2, 3],
    [4, 5, 6],
  ]);
});

test('half precision is read as float32', () => {
  writeSafetensors(path, {
    half: { dtype: 'F16', shape: [3], data: Float16Array.from([1.5, -2, 65504]) },
    brain: { dtype: 'BF16', shape: [3], data: Uint16Array.from([0x3fc0, 0xc000, 0x7f80]) },
    whole: { dtype: 'I32', shape: [1], data: Int32Array.of(1) },
  });
  const file = readSafetensorsHeader(path);
  expect(readFloats(file, 'half')).toEqual(Float32Array.of(1.5, -2, 65504));
  expect(readFloats(file, 'brain')).toEqual(Float32Array.of(1.5, -2, Number.POSITIVE_INFINITY));
  expect(() => readFloats(file, 'whole')).toThrow(expect.objectContaining({ code: 'bad-input' }));
  expect(() => readTensor(file, 'none')).toThrow(expect.objectContaining({ code: 'not-found' }));
});

test('a file cut short after its header was read is an error, not zeros', () => {
  writeSafetensors(path, { a: { dtype: 'F32', shape: [64], data: new Float32Array(64).fill(1) } });
  const file = readSafetensorsHeader(path);
  writeFileSync(path, readFileSync(path).subarray(0, -4));
  expect(() => readTensor(file, 'a')).toThrow('it ends too early');
});

describe('broken files', () => {
  const tensor = (begin: number, end: number, rest = '"dtype":"F32","shape":[2]') =>
    `{${rest},"data_offsets":[${begin},${end}]}`;
  const cases: [what: string, header: string, dataBytes: number, message: string, code?: string][] = [
    ['no JSON', '{"a":', 0, 'header is not JSON'],
    ['an array for a header', '[]', 0, 'not a JSON object'],
    ['a tensor without offsets', '{"a":{"dtype":"F32","shape":[1]}}', 4, "tensor 'a' is not described"],
    ['a tensor that is null', '{"a":null}', 4, "tensor 'a' is not described"],
    ['an unknown type', `{"a":${tensor(0, 8, '"dtype":"F4","shape":[2]')}}`, 8, 'does not read', 'unsupported'],
    [
      'an inherited name for a type',
      `{"a":${tensor(0, 8, '"dtype":"toString","shape":[2]')}}`,
      8,
      'does not read',
      'unsupported',
    ],
    ['a fractional offset', `{"a":${tensor(0.5, 8.5)}}`, 8, 'no usable offsets'],
    ['a negative offset', `{"a":${tensor(-8, 0)}}`, 8, 'no usable offsets'],
    ['a size that is not the shape', `{"a":${tensor(0, 4)}}`, 4, 'does not match its shape'],
    ['a negative dimension', `{"a":${tensor(0, 8, '"dtype":"F32","shape":[-2]')}}`, 8, 'does not match its shape'],
    [
      'a product that overflows',
      `{"a":${tensor(0, 0, '"dtype":"F32","shape":[4294967296,4294967296]')}}`,
      0,
      'does not match its shape',
    ],
    ['an overlap', `{"a":${tensor(0, 8)},"b":${tensor(4, 12)}}`, 12, "tensor 'b' overlaps"],
    ['a gap', `{"a":${tensor(0, 8)},"b":${tensor(12, 20)}}`, 20, "unused bytes lie before tensor 'b'"],
    ['missing data', `{"a":${tensor(0, 8)}}`, 7, 'ends too early'],
    ['left-over data', `{"a":${tensor(0, 8)}}`, 9, 'left over'],
    ['metadata that is not text', '{"__metadata__":{"a":1}}', 0, '__metadata__'],
  ];
  test.each(cases)('%s', (_what, header, dataBytes, message, code = 'bad-file') => {
    writeRaw(header, dataBytes);
    expect(() => readSafetensorsHeader(path)).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(message) }),
    );
  });

  test('a header length past the end, or past the limit', () => {
    writeRaw('{}', 0, 3);
    expect(() => readSafetensorsHeader(path)).toThrow('header length');
    writeRaw('{}', 0, Number.MAX_SAFE_INTEGER);
    expect(() => readSafetensorsHeader(path)).toThrow('header length');
  });

  test('too short, not UTF-8, not there', () => {
    writeFileSync(path, 'abc');
    expect(() => readSafetensorsHeader(path)).toThrow('too short');
    writeFileSync(path, Buffer.from([1, 0, 0, 0, 0, 0, 0, 0, 0xff]));
    expect(() => readSafetensorsHeader(path)).toThrow('header is not JSON');
    expect(() => readSafetensorsHeader(`${path}.none`)).toThrow(expect.objectContaining({ code: 'not-found' }));
  });

  test('any prefix of a good file is refused', () => {
    writeSafetensors(path, { a: { dtype: 'F32', shape: [2], data: new Float32Array(2) } });
    const whole = readFileSync(path);
    for (let length = 0; length < whole.length; length += 1) {
      writeFileSync(path, whole.subarray(0, length));
      expect(() => readSafetensorsHeader(path)).toThrow(expect.objectContaining({ code: 'bad-file' }));
    }
  });
});

test('refuses to write data that does not match its type or shape, and leaves no file', () => {
  const data = new Float32Array(3);
  for (const tensor of [
    { dtype: 'F32', shape: [4], data },
    { dtype: 'F16', shape: [3], data },
    { dtype: 'F32', shape: [1.5, 2], data },
  ] as const) {
    expect(() => writeSafetensors(path, { a: tensor })).toThrow(expect.objectContaining({ code: 'shape-mismatch' }));
  }
  expect(() => writeSafetensors(path, { __metadata__: { dtype: 'F32', shape: [3], data } })).toThrow('__metadata__');
  expect(readdirSync(folder)).toEqual([]);
});

test('the element count of a scalar is one', () => {
  expect(elementCount([])).toBe(1);
  expect(elementCount([3, 0])).toBe(0);
});
