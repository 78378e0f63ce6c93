/** Tensors as the pickles of torch describe them: views of storages that lie elsewhere, in a dict, or as attributes of modules. */
import { DeptError } from '../common/errors.ts';
import { type Dtype, elementCount, elementSize, MAX_AXES } from './dtypes.ts';
import { type Dict, KnownName, type PickleVocabulary, PlainObject, type Unpickled } from './pickle.ts';
import type { TensorInfo } from './safetensors.ts';

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
    this.shape = [...shape]; // the pickle may go on to change its own list
    this.offset = offset + firstElement * elementSize(dtype);
    this.byteLength = elementCount(shape) * elementSize(dtype);
  }
}

function isCount(value: Unpickled): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isCounts(value: Unpickled): value is number[] {
  return Array.isArray(value) && value.length <= MAX_AXES && value.every(isCount);
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

/** Where the bytes of a storage lie, and how many there are; undefined where there is no such storage. */
export type LocateStorage = (
  key: string,
  dtype: Dtype,
  elements: number,
) => { offset: number; byteLength: number } | undefined;

/** What a state dict's pickle may name: its dict, storage types, the functions that put tensors together, and modules as plain objects. */
export function torchVocabulary(path: string, locate: LocateStorage): PickleVocabulary {
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
    isPlainClass: (name) => name.startsWith('__torch__.'),
    persistent: (identifier) => {
      // The sixth, before torch 1.6, is whether it is a part of another.
      const [tag, type, key, device, elements, part] = Array.isArray(identifier) ? (identifier as Unpickled[]) : [];
      const isText = typeof key === 'string' && typeof device === 'string';
      if (tag !== 'storage' || !(type instanceof StorageType) || !isText || !isCount(elements)) {
        throw broken('a storage is not described');
      }
      if (part !== undefined && part !== null) throw broken('a storage is a part of another');
      const place = locate(key, type.dtype, elements);
      if (place === undefined) throw broken(`it has no storage '${key}'`);
      if (place.byteLength !== elements * elementSize(type.dtype)) {
        throw broken(`the size of storage '${key}' is not that of its elements`, `${place.byteLength} bytes`);
      }
      return new Storage(type.dtype, elements, place.offset, device);
    },
  };
}

/** Modules in modules. */
const MAX_DEPTH = 50;
/** Of a tensor, with the modules that it is in. */
const MAX_NAME = 1000;

/**
 * The tensors among the attributes of a module and of those in it, `outer.inner.weight`; all else is the program's. A module that
 * is met twice, such as one that holds itself, is refused: names would have no end.
 */
function* ofModule(
  module: PlainObject,
  path: string,
  names: readonly string[] = [],
  seen = new Set<PlainObject>(),
): Generator<[name: string, StoredTensor]> {
  if (seen.has(module) || names.length > MAX_DEPTH) {
    const got = names.join('.').slice(0, 100);
    throw new DeptError('unsupported', 'The modules of the file are no tree', { path, got });
  }
  seen.add(module);
  for (const [name, value] of module) {
    if (typeof name !== 'string') continue;
    if (name.length > MAX_NAME) throw moreThanStateDict(path, `a name of ${name.length} characters`);
    if (value instanceof StoredTensor) yield [[...names, name].join('.'), value];
    else if (value instanceof PlainObject) yield* ofModule(value, path, [...names, name], seen);
  }
}

function* ofDict(dict: Dict, path: string): Generator<[name: string, StoredTensor]> {
  for (const [name, tensor] of dict) {
    if (typeof name !== 'string') throw moreThanStateDict(path, 'a key that is no text');
    if (name.length > MAX_NAME) throw moreThanStateDict(path, `a name of ${name.length} characters`);
    if (!(tensor instanceof StoredTensor))
      throw moreThanStateDict(path, `something else under '${name.slice(0, 100)}'`);
    yield [name, tensor];
  }
}

function moreThanStateDict(path: string, got: string): DeptError {
  const expected = 'a dict of tensors by name';
  return new DeptError('unsupported', 'The file holds more than a state dict', { path, expected, got });
}

/** What torch puts before every name of a model that was trained on several devices. */
const WRAPPER = 'module.';

/**
 * The tensors by name: of a state dict, alone or as the `state_dict` of what training saved, or of a module. Throws `unsupported`
 * for anything else.
 */
export function namedTensors(value: Unpickled, path: string): Map<string, TensorInfo> {
  if (!(value instanceof Map)) throw moreThanStateDict(path, 'something else');
  const nested: unknown = value.get('state_dict');
  const dict = nested instanceof Map ? nested : value;
  const found = [...(dict instanceof PlainObject ? ofModule(dict, path) : ofDict(dict, path))];
  const isWrapped = found.length > 0 && found.every(([name]) => name.startsWith(WRAPPER));
  return new Map(
    found.map(([stored, { dtype, shape, offset, byteLength, device }]) => {
      const name = isWrapped ? stored.slice(WRAPPER.length) : stored;
      return [name, { name, dtype, shape, offset, byteLength, device }];
    }),
  );
}
