/** A state dict as torch.save writes it since version 1.6: a zip of a pickle and of each storage's little-endian bytes. */
import { closeSync, readSync } from 'node:fs';
import { DeptError } from '../common/errors.ts';
import { type Dtype, elementCount, elementSize } from './dtypes.ts';
import { KnownName, type PickleVocabulary, type Unpickled, unpickle } from './pickle.ts';
import { openForReading, type SafetensorsFile, type TensorInfo } from './safetensors.ts';
import { readZipDirectory, readZipEntry, type ZipEntry } from './stored-zip.ts';

/** A state dict of 10,000 tensors has 2 MB; a longer pickle can only be made to fill the memory. */
const MAX_PICKLE_BYTES = 10_000_000;
const PICKLE = '/data.pkl';

/** Torch's names of its element types. */
export const STORAGE_TYPES = {
  DoubleStorage: 'F64',
  FloatStorage: 'F32',
  HalfStorage: 'F16',
  BFloat16Storage: 'BF16',
  LongStorage: 'I64',
  IntStorage: 'I32',
  ShortStorage: 'I16',
  CharStorage: 'I8',
  ByteStorage: 'U8',
  BoolStorage: 'BOOL',
} as const satisfies Record<string, Dtype>;

class StorageType extends KnownName {
  readonly dtype: Dtype;
  constructor(dtype: Dtype) {
    super();
    this.dtype = dtype;
  }
}

/** The bytes that one tensor, or several, are a view of. */
class Storage {
  readonly dtype: Dtype;
  readonly elements: number;
  readonly offset: number;
  readonly device: string;
  constructor(dtype: Dtype, elements: number, offset: number, device: string) {
    this.dtype = dtype;
    this.elements = elements;
    this.offset = offset;
    this.device = device;
  }
}

class StoredTensor implements Omit<TensorInfo, 'name'> {
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  readonly offset: number;
  readonly byteLength: number;
  readonly device: string;
  constructor({ dtype, offset, device }: Storage, firstElement: number, shape: readonly number[]) {
    this.dtype = dtype;
    this.device = device;
    this.shape = shape;
    this.offset = offset + firstElement * elementSize(dtype);
    this.byteLength = elementCount(shape) * elementSize(dtype);
  }
}

function isCount(value: Unpickled): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isCounts(value: Unpickled): value is number[] {
  return Array.isArray(value) && value.every(isCount);
}

/** Row-major without gaps; the stride of an axis with one element does not matter. */
function isContiguous(shape: readonly number[], strides: readonly number[]): boolean {
  let expected = 1;
  for (let axis = shape.length - 1; axis >= 0; axis -= 1) {
    if (shape[axis] !== 1 && strides[axis] !== expected) return false;
    expected *= shape[axis]!;
  }
  return shape.length === strides.length;
}

/** What a state dict's pickle may name: its dict, storage types, and the functions that put tensors together. */
function vocabularyOf(path: string, folder: string, entries: ReadonlyMap<string, ZipEntry>): PickleVocabulary {
  const broken = (message: string, got?: string): DeptError =>
    new DeptError('bad-file', `Not a valid torch file: ${message}`, { path, ...(got !== undefined && { got }) });

  const rebuildTensor = ([storage, first, shape, strides]: readonly Unpickled[]): StoredTensor => {
    if (!(storage instanceof Storage) || !isCount(first) || !isCounts(shape) || !isCounts(strides)) {
      throw broken('a tensor is not described');
    }
    const count = elementCount(shape);
    if (!(first + count <= storage.elements))
      throw broken('a tensor reaches beyond its storage', `[${shape.join(', ')}]`);
    if (count > 0 && !isContiguous(shape, strides)) {
      throw new DeptError('unsupported', 'A tensor of the file is a view that is not contiguous', {
        path,
        got: `shape [${shape.join(', ')}], strides [${strides.join(', ')}]`,
        remedy: 'Call .contiguous() on it in Python before saving.',
      });
    }
    return new StoredTensor(storage, first, shape);
  };

  const storages = Object.entries(STORAGE_TYPES).map(
    ([name, dtype]) => [`torch.${name}`, new StorageType(dtype)] as const,
  );
  return {
    names: new Map<string, KnownName>([
      ...storages,
      ['collections.OrderedDict', new KnownName(() => new Map())],
      ['torch._utils._rebuild_tensor_v2', new KnownName(rebuildTensor)],
      ['torch._utils._rebuild_parameter', new KnownName(([tensor]) => tensor)],
    ]),
    persistent: (identifier) => {
      const [tag, type, key, device, elements] = Array.isArray(identifier) ? (identifier as Unpickled[]) : [];
      const isText = typeof key === 'string' && typeof device === 'string';
      if (tag !== 'storage' || !(type instanceof StorageType) || !isText || !isCount(elements)) {
        throw broken('a storage is not described');
      }
      const entry = entries.get(`${folder}/data/${key}`);
      if (entry === undefined) throw broken(`it has no storage '${key}'`);
      if (entry.byteLength !== elements * elementSize(type.dtype)) {
        throw broken(`the size of storage '${key}' is not that of its elements`, `${entry.byteLength} bytes`);
      }
      return new Storage(type.dtype, elements, entry.offset, device);
    },
  };
}

function checkByteOrder(path: string, folder: string, entries: ReadonlyMap<string, ZipEntry>): void {
  const name = `${folder}/byteorder`;
  const entry = entries.get(name);
  if (entry === undefined || entry.byteLength > 16) return; // torch before 2.1 has none
  const order = readZipEntry(path, name, entry).toString('latin1');
  if (order === 'little') return;
  throw new DeptError('unsupported', 'The file was saved on a machine of another byte order', { path, got: order });
}

/** Before 1.6 a file was several pickles and no archive. */
function refuseOlder(path: string): void {
  const start = Buffer.alloc(2);
  const descriptor = openForReading(path);
  try {
    readSync(descriptor, start);
  } finally {
    closeSync(descriptor);
  }
  if (start[0] !== 0x80) return;
  throw new DeptError('unsupported', 'The file is one that torch saved before 1.6', {
    path,
    remedy: 'Load it in Python and save it again, as safetensors or with a torch of today.',
  });
}

/** What `torch.jit.save` writes has the same kind of archive, with code and constants in it. */
function refusePrograms(path: string, folder: string, entries: ReadonlyMap<string, ZipEntry>): void {
  const isProgram = [...entries.keys()].some(
    (name) => name.startsWith(`${folder}/code/`) || name === `${folder}/constants.pkl`,
  );
  if (!isProgram) return;
  throw new DeptError('unsupported', 'The file is a TorchScript program, not a state dict', {
    path,
    expected: 'what torch.save wrote of a state dict',
    remedy:
      "OpenAI's own CLIP files (RN50.pt, ViT-B-32.pt) are such programs: take the same model in open_clip's or Hugging Face's layout.",
  });
}

function tensorsOf(value: Unpickled, path: string): Map<string, TensorInfo> {
  const refused = (got: string): DeptError =>
    new DeptError('unsupported', 'The file holds more than a state dict', {
      path,
      expected: 'a dict of tensors by name',
      got,
    });
  if (!(value instanceof Map)) throw refused('something else');
  const tensors = new Map<string, TensorInfo>();
  for (const [name, tensor] of value) {
    if (typeof name !== 'string') throw refused('a key that is no text');
    if (!(tensor instanceof StoredTensor)) throw refused(`something else under '${name.slice(0, 100)}'`);
    const { dtype, shape, offset, byteLength, device } = tensor;
    tensors.set(name, { name, dtype, shape, offset, byteLength, device });
  }
  return tensors;
}

/**
 * The tensors of a state dict and where their bytes lie; they are read as those of a safetensors file. The devices that they
 * were saved from do not matter. Nothing in the file is executed.
 * Errors: `not-found`, `bad-file`, `unsupported` (any other Python object, views that are not contiguous, compressed entries).
 */
export function readTorchHeader(path: string): SafetensorsFile {
  refuseOlder(path);
  const entries = readZipDirectory(path);
  const pickles = [...entries.keys()].filter((name) => name.endsWith(PICKLE));
  const folder = pickles[0]?.slice(0, -PICKLE.length);
  if (folder === undefined || pickles.length > 1) {
    throw new DeptError('bad-file', 'The archive is not one that torch.save wrote', { path, expected: 'one data.pkl' });
  }
  refusePrograms(path, folder, entries);
  const entry = entries.get(pickles[0]!)!;
  if (entry.byteLength > MAX_PICKLE_BYTES) {
    throw new DeptError('bad-file', 'Not a valid torch file: its description is too long', { path });
  }
  checkByteOrder(path, folder, entries);
  const value = unpickle(readZipEntry(path, pickles[0]!, entry), vocabularyOf(path, folder, entries), path);
  return { path, metadata: {}, tensors: tensorsOf(value, path) };
}
