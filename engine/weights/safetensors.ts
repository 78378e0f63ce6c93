/** The safetensors format: a JSON header that says where each tensor lies, then the tensors' little-endian bytes. */
import { closeSync, fstatSync, readSync } from 'node:fs';
import { DeptError, shortened } from '../common/errors.ts';
import { openForReading, writeAtomic } from '../common/files.ts';
import { countKeys, parseJsonText } from '../common/json-text.ts';
import {
  type Dtype,
  ELEMENT_ARRAYS,
  elementCount,
  elementSize,
  isDtype,
  MAX_AXES,
  type TensorArray,
} from './dtypes.ts';
import { bfloat16ToFloat32 } from './float16.ts';

export interface TensorInfo {
  readonly name: string;
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  /** Absolute, in bytes from the start of the file. */
  readonly offset: number;
  readonly byteLength: number;
  /** The device that torch saved it from, such as `cuda:0`; only in torch's own files. */
  readonly device?: string;
}

export interface SafetensorsFile {
  readonly path: string;
  readonly metadata: Readonly<Record<string, string>>;
  /** In file order. */
  readonly tensors: ReadonlyMap<string, TensorInfo>;
}

export interface TensorToWrite {
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  readonly data: TensorArray;
}

/** A tensor whose values are made when it is written, so that a large file need not be held in memory. */
export interface TensorToMake extends Omit<TensorToWrite, 'data'> {
  readonly make: () => TensorArray;
}

/** The header's own limit in the reference implementation. */
const MAX_HEADER_BYTES = 100_000_000;
/** Far more than a model has; 100 MB of header have room for millions. */
const MAX_TENSORS = 100_000;
/** One read call takes at most 2^31 - 1 bytes. */
const MAX_READ_BYTES = 1 << 30;

function broken(path: string, message: string, expected?: string, got?: string): DeptError {
  return new DeptError('bad-file', `Not a valid safetensors file: ${message}`, {
    path,
    ...(expected === undefined ? {} : { expected }),
    ...(got === undefined ? {} : { got }),
    remedy: 'Copy or download the file again; it may have been cut short.',
  });
}

/** Fills `into` from an open file, from the absolute byte `offset` on. */
export function readFully(descriptor: number, into: Uint8Array, offset: number, path: string): void {
  for (let done = 0; done < into.byteLength; ) {
    const length = Math.min(into.byteLength - done, MAX_READ_BYTES);
    const count = readSync(descriptor, into, done, length, offset + done);
    if (count === 0) throw broken(path, 'it ends too early', `${into.byteLength} bytes at ${offset}`, `${done} bytes`);
    done += count;
  }
}

/** A JSON object, or undefined for anything else. */
function asObject(value: unknown): Record<string, unknown> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;
}

/** Checks one entry of the header; `begin` and `end` count from the start of the data. */
function tensorInfo(name: string, entry: unknown, dataStart: number, path: string): TensorInfo {
  const shown = shortened(name);
  const { dtype, shape, data_offsets: offsets } = asObject(entry) ?? {};
  if (typeof dtype !== 'string' || !Array.isArray(shape) || !Array.isArray(offsets) || offsets.length !== 2) {
    throw broken(path, `tensor '${shown}' is not described`, '{dtype, shape, data_offsets}', JSON.stringify(entry));
  }
  if (!isDtype(dtype)) {
    throw new DeptError('unsupported', `Tensor '${shown}' has an element type this program does not read`, {
      path,
      expected: Object.keys(ELEMENT_ARRAYS).join(', '),
      got: dtype,
    });
  }
  const [begin, end] = offsets as unknown[];
  if (!Number.isSafeInteger(begin) || !Number.isSafeInteger(end) || (begin as number) < 0) {
    throw broken(path, `tensor '${shown}' has no usable offsets`, 'two byte positions', JSON.stringify(offsets));
  }
  const byteLength = (end as number) - (begin as number);
  const needed = shape.length > MAX_AXES ? Number.NaN : elementCount(shape) * elementSize(dtype);
  if (byteLength !== needed) {
    const expected = Number.isNaN(needed)
      ? `at most ${MAX_AXES} axes of whole numbers, with a product that can be counted`
      : `${needed} bytes for ${dtype} [${shape.join(', ')}]`;
    throw broken(path, `the size of tensor '${shown}' does not match its shape`, expected, `${byteLength} bytes`);
  }
  return { name, dtype, shape, offset: dataStart + (begin as number), byteLength };
}

function parseMetadata(value: unknown, path: string): Record<string, string> {
  const metadata = asObject(value);
  if (metadata === undefined || Object.values(metadata).some((text) => typeof text !== 'string')) {
    throw broken(path, 'its __metadata__ is not a table of texts');
  }
  return metadata as Record<string, string>;
}

/** Every byte of the data belongs to exactly one tensor: no gap, no overlap, nothing left over. */
function checkCoverage(infos: readonly TensorInfo[], dataStart: number, fileSize: number, path: string): void {
  let position = dataStart;
  for (const { name, offset, byteLength } of infos) {
    if (offset < position) {
      throw broken(
        path,
        `tensor '${shortened(name)}' overlaps the one before it`,
        `byte ${position}`,
        `byte ${offset}`,
      );
    }
    if (offset > position) {
      throw broken(path, `unused bytes lie before tensor '${shortened(name)}'`, `byte ${position}`, `byte ${offset}`);
    }
    position += byteLength;
  }
  if (position !== fileSize) {
    const what = position > fileSize ? 'it ends too early' : 'bytes are left over at the end';
    throw broken(path, what, `${position} bytes`, `${fileSize} bytes`);
  }
}

/** The JSON value of a header, and how many keys it is written with. */
function parseHeader(bytes: Uint8Array, path: string): { readonly parsed: unknown; readonly keys: number } {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw broken(path, 'its header is not JSON', 'a JSON object', (cause as Error).message);
  }
  const keys = countKeys(text);
  if (keys > MAX_TENSORS) throw broken(path, 'its header has too many tensors', `at most ${MAX_TENSORS}`, `${keys}`);
  try {
    return { parsed: parseJsonText(text), keys };
  } catch (cause) {
    throw broken(path, 'its header is not JSON', 'a JSON object', (cause as Error).message);
  }
}

/**
 * Reads and checks the header; the tensors stay on disk.
 * Errors: `not-found`, `bad-file` (anything the format forbids), `unsupported` (an element type unknown here).
 */
export function readSafetensorsHeader(path: string): SafetensorsFile {
  const descriptor = openForReading(path);
  try {
    const fileSize = fstatSync(descriptor).size;
    if (fileSize < 8) throw broken(path, 'it is too short', 'at least 8 bytes', `${fileSize} bytes`);
    const lengthField = new Uint8Array(8);
    readFully(descriptor, lengthField, 0, path);
    const headerLength = new DataView(lengthField.buffer).getBigUint64(0, true);
    const limit = Math.min(MAX_HEADER_BYTES, fileSize - 8);
    if (headerLength > BigInt(limit)) {
      throw broken(path, 'its header length is out of bounds', `at most ${limit} bytes`, `${headerLength} bytes`);
    }
    const bytes = new Uint8Array(Number(headerLength));
    readFully(descriptor, bytes, 8, path);
    const dataStart = 8 + bytes.byteLength;

    const { parsed, keys } = parseHeader(bytes, path);
    const header = asObject(parsed);
    if (header === undefined) throw broken(path, 'its header is not a JSON object');
    if (keys > Object.keys(header).length) throw broken(path, 'its header has two tensors of one name');

    const { __metadata__: metadata = {}, ...entries } = header;
    const infos = Object.entries(entries).map(([name, entry]) => tensorInfo(name, entry, dataStart, path));
    // Empty tensors share their offset with a neighbour: they come first.
    infos.sort((a, b) => a.offset - b.offset || a.byteLength - b.byteLength);
    checkCoverage(infos, dataStart, fileSize, path);
    return {
      path,
      metadata: parseMetadata(metadata, path),
      tensors: new Map(infos.map((info) => [info.name, info])),
    };
  } finally {
    closeSync(descriptor);
  }
}

/** The named tensor's entry; throws `not-found`. */
export function findTensor(file: SafetensorsFile, name: string): TensorInfo {
  const info = file.tensors.get(name);
  if (info !== undefined) return info;
  const names = [...file.tensors.keys()];
  const shown = names.slice(0, 8).join(', ');
  throw new DeptError('not-found', `The file holds no tensor '${name}'`, {
    path: file.path,
    got: names.length > 8 ? `${shown}, ... (${names.length} tensors)` : shown,
  });
}

/** The elements of a tensor of the file at `path`, or of one of its rows, in the array that fits its type. */
function readElements({ dtype, shape, offset, byteLength }: TensorInfo, path: string, row?: number): TensorArray {
  const bytes = new Uint8Array(row === undefined ? byteLength : byteLength / shape[0]!);
  const descriptor = openForReading(path);
  try {
    readFully(descriptor, bytes, offset + (row ?? 0) * bytes.byteLength, path);
  } finally {
    closeSync(descriptor);
  }
  return new ELEMENT_ARRAYS[dtype](bytes.buffer);
}

/** A copy of one tensor, or of one of its rows, in the array that fits its type: F16 as `Float16Array`, BF16 as bits in a `Uint16Array`. */
export function readTensor(file: SafetensorsFile, name: string, row?: number): TensorArray {
  return readElements(findTensor(file, name), file.path, row);
}

/** `readInfoFloats` of the tensor of this name. */
export function readFloats(file: SafetensorsFile, name: string, row?: number): Float32Array<ArrayBuffer> {
  return readInfoFloats(findTensor(file, name), file.path, row);
}

/**
 * Floating-point numbers of a tensor of the file at `path`, or of one of its rows, as float32, whatever their precision
 * in the file. Throws `bad-input` for integers.
 */
export function readInfoFloats(info: TensorInfo, path: string, row?: number): Float32Array<ArrayBuffer> {
  return asFloats(info, readElements(info, path, row), path);
}

/** Elements of a tensor as float32. Throws `bad-input` for integers. */
export function asFloats(
  { name, dtype }: Pick<TensorInfo, 'name' | 'dtype'>,
  data: TensorArray,
  path: string,
): Float32Array<ArrayBuffer> {
  if (data instanceof Float32Array) return data as Float32Array<ArrayBuffer>;
  if (data instanceof Float16Array || data instanceof Float64Array) return new Float32Array(data);
  if (data instanceof Uint16Array && dtype === 'BF16') return bfloat16ToFloat32(data);
  throw new DeptError('bad-input', `Tensor '${name}' does not hold floating-point numbers`, {
    path,
    expected: 'F32, F16, BF16 or F64',
    got: dtype,
  });
}

/** Throws `shape-mismatch` for data of another type or size than is said, `bad-input` for a name that is not allowed. */
export function checkTensorToWrite(name: string, { dtype, shape, data }: TensorToWrite, path: string): void {
  if (name === '__metadata__') {
    throw new DeptError('bad-input', "A tensor cannot be named '__metadata__' in a safetensors file", { path });
  }
  const array = ELEMENT_ARRAYS[dtype];
  const count = elementCount(shape);
  if (data instanceof array && data.length === count) return;
  throw new DeptError('shape-mismatch', `The data of tensor '${name}' does not match its type and shape`, {
    path,
    expected: `${array.name} of ${count} elements for ${dtype} [${shape.join(', ')}]`,
    got: `${data.constructor.name} of ${data.length} elements`,
  });
}

/**
 * Writes a whole file atomically. The header is padded with blanks so that the data starts at a multiple of 8, and the
 * widest elements come first so that every tensor is aligned to its own element.
 */
export function writeSafetensors(
  path: string,
  tensors: Readonly<Record<string, TensorToWrite | TensorToMake>>,
  metadata: Readonly<Record<string, string>> = {},
): void {
  const entries = Object.entries(tensors);
  for (const [name, tensor] of entries) if ('data' in tensor) checkTensorToWrite(name, tensor, path);
  entries.sort(([, a], [, b]) => elementSize(b.dtype) - elementSize(a.dtype));

  const header: [string, unknown][] = Object.keys(metadata).length > 0 ? [['__metadata__', metadata]] : [];
  let position = 0;
  for (const [name, { dtype, shape }] of entries) {
    const end = position + elementCount(shape) * elementSize(dtype);
    header.push([name, { dtype, shape, data_offsets: [position, end] }]);
    position = end;
  }
  const text = Buffer.from(JSON.stringify(Object.fromEntries(header)));
  const headerLength = Math.ceil(text.byteLength / 8) * 8;
  const head = Buffer.alloc(8 + headerLength, ' ');
  head.writeBigUInt64LE(BigInt(headerLength));
  text.copy(head, 8);

  function* chunks(): Generator<Uint8Array> {
    yield head;
    for (const [name, tensor] of entries) {
      const data = 'data' in tensor ? tensor.data : tensor.make();
      if ('make' in tensor) checkTensorToWrite(name, { ...tensor, data }, path);
      const { buffer, byteOffset, byteLength } = data;
      yield new Uint8Array(buffer, byteOffset, byteLength);
    }
  }
  writeAtomic(path, chunks());
}
