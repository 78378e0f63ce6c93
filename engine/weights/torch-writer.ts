/**
 * State dicts as torch.save writes them: a zip of a pickle and of each tensor's little-endian bytes. The pickle is that of
 * every torch since 1.6; the archive is that of torch before 2.1, which all later ones read.
 */
import { basename, extname } from 'node:path';
import { DeptError } from '../common/errors.ts';
import { writeAtomic } from '../common/files.ts';
import type { Dtype } from './dtypes.ts';
import { PickleWriter } from './pickle-writer.ts';
import { checkTensorToWrite, type TensorToWrite } from './safetensors.ts';
import { storedZip } from './stored-zip-writer.ts';
import { STORAGE_TYPES } from './torch-tensors.ts';

export interface TorchTensor extends TensorToWrite {
  /** Where it is to be loaded to unless the loader says otherwise: `cpu` unless given, or as `cuda:0`. */
  readonly device?: string;
}

/** Archives of 4 GB and more have other headers. */
const MAX_BYTES = 0xf0000000;

const storageNames = new Map(Object.entries(STORAGE_TYPES).map(([name, dtype]): [Dtype, string] => [dtype, name]));

/** Row-major without gaps, as torch counts: an axis of extent 0 counts as 1. */
function stridesOf(shape: readonly number[]): number[] {
  let next = 1;
  return shape
    .toReversed()
    .map((extent) => {
      const stride = next;
      next *= Math.max(extent, 1);
      return stride;
    })
    .reverse();
}

function storageName(name: string, { dtype }: TorchTensor, path: string): string {
  const storage = storageNames.get(dtype);
  if (storage !== undefined) return storage;
  throw new DeptError('unsupported', `Tensor '${name}' has an element type that torch files here do not hold`, {
    path,
    expected: [...storageNames.keys()].join(', '),
    got: dtype,
  });
}

/** The dict of tensors, each over a storage of its own, numbered in order. */
function pickled(tensors: readonly (readonly [name: string, tensor: TorchTensor])[], path: string): Buffer {
  const writer = new PickleWriter().code('}').remember();
  if (tensors.length > 1) writer.code('(');
  tensors.forEach(([name, tensor], key) => {
    const { shape, data, device = 'cpu' } = tensor;
    writer.text(name).global('torch._utils', '_rebuild_tensor_v2').code('(');
    writer
      .code('(')
      .constant('storage')
      .global('torch', storageName(name, tensor, path))
      .text(String(key));
    if (device === 'cpu') writer.constant(device);
    else writer.text(device);
    writer.number(data.length).code('t').remember().code('Q');
    writer.number(0).numbers(shape).numbers(stridesOf(shape)).code('\x89'); // first element; no gradient wanted
    writer.global('collections', 'OrderedDict').code(')').code('R').remember(); // of hooks
    writer.code('t').remember().code('R').remember();
  });
  if (tensors.length > 0) writer.code(tensors.length > 1 ? 'u' : 's');
  return writer.finish();
}

/**
 * Writes a whole file atomically. At most 1,000 tensors, as Python writes longer dicts in batches.
 * Throws `shape-mismatch` for data that do not fit their shape, `unsupported` for a type that has no storage, or too much of it.
 */
export function writeTorchFile(path: string, tensors: Readonly<Record<string, TorchTensor>>): void {
  const entries = Object.entries(tensors);
  for (const [name, tensor] of entries) checkTensorToWrite(name, tensor, path);
  const bytes = entries.reduce((sum, [, { data }]) => sum + data.byteLength, 0);
  if (bytes > MAX_BYTES || entries.length > 1000) {
    throw new DeptError('unsupported', 'So much is not written as a torch file here', {
      path,
      expected: `at most 1,000 tensors of ${MAX_BYTES} bytes in all`,
      got: `${entries.length} tensors of ${bytes} bytes`,
      remedy: 'Write safetensors.',
    });
  }
  const folder = basename(path, extname(path));
  const storages = entries.map(([, { data }], key) => ({
    name: `${folder}/data/${key}`,
    data: new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
  }));
  const file = storedZip([
    { name: `${folder}/data.pkl`, data: pickled(entries, path) },
    ...storages,
    { name: `${folder}/version`, data: Buffer.from('3\n') },
  ]);
  writeAtomic(path, file);
}
