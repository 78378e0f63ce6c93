/** The weights of a published model folder: one file (see `weightsFiles`), or shards with an index. */
import { createHash, type Hash } from 'node:crypto';
import { closeSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { DeptError } from '../common/errors.ts';
import { openForReading } from '../common/files.ts';
import { INDEX_SUFFIX, isOpenClipFolder, readShardIndex, weightsFiles } from './layout.ts';
import { underHuggingFaceNames } from './open-clip-names.ts';
import {
  readFully,
  readInfoFloats,
  readSafetensorsHeader,
  type SafetensorsFile,
  type TensorInfo,
} from './safetensors.ts';
import { readTorchHeader } from './torch-file.ts';

/** One tensor and the file that holds it. */
export interface CheckpointTensor extends TensorInfo {
  readonly file: SafetensorsFile;
}

export interface Checkpoint {
  readonly folder: string;
  readonly files: readonly SafetensorsFile[];
  has(name: string): boolean;
  names(): readonly string[];
  /** Throws `not-found`. */
  tensor(name: string): CheckpointTensor;
  /** A float32 copy of one tensor, or of one of its rows. */
  floats(name: string, row?: number): Float32Array<ArrayBuffer>;
  /** Hex sha256 of all names, types, shapes and of samples of every tensor's bytes; the same for any sharding. */
  fingerprint(): string;
}

/** Header of a file of either format, by its name. */
export function readHeader(path: string): SafetensorsFile {
  return path.endsWith('.safetensors') ? readSafetensorsHeader(path) : readTorchHeader(path);
}

function openSingle(path: string): CheckpointTensor[] {
  const file = readHeader(path);
  return [...file.tensors.values()].map((info) => ({ ...info, file }));
}

function openShards(folder: string, indexPath: string): CheckpointTensor[] {
  const shards = new Map<string, SafetensorsFile>();
  return Object.entries(readShardIndex(indexPath)).map(([name, shard]) => {
    const file = shards.get(shard) ?? readHeader(join(folder, shard));
    shards.set(shard, file);
    const info = file.tensors.get(name);
    if (info !== undefined) return { ...info, file };
    throw new DeptError('bad-file', `The index names tensor '${name}', but its shard does not hold it`, {
      path: file.path,
      remedy: 'Copy or download the model again; its files do not belong together.',
    });
  });
}

/** All tensors under the names that the models here have for them. */
function openTensors(folder: string): readonly CheckpointTensor[] {
  const names = weightsFiles(folder);
  const name = names.find((file) => existsSync(join(folder, file)));
  if (name === undefined) {
    throw new DeptError('not-found', 'The folder holds no weights', {
      path: folder,
      expected: names.join(', or '),
      remedy: 'Choose a copy of the model that has one of these: TensorFlow, Flax and GGUF files are not read.',
    });
  }
  const path = join(folder, name);
  const tensors = name.endsWith(INDEX_SUFFIX) ? openShards(folder, path) : openSingle(path);
  return isOpenClipFolder(folder) ? underHuggingFaceNames(tensors) : tensors;
}

/** Windows of this size are read at the start, one third, two thirds and the end of a tensor. */
const WINDOW_BYTES = 256;
const WINDOWS = 4;

function hashSamples(hash: Hash, descriptor: number, { offset, byteLength, file }: CheckpointTensor): void {
  const whole = byteLength <= WINDOWS * WINDOW_BYTES;
  const window = new Uint8Array(whole ? byteLength : WINDOW_BYTES);
  const count = whole ? 1 : WINDOWS;
  for (let i = 0; i < count; i += 1) {
    const start = whole ? 0 : Math.floor(((byteLength - WINDOW_BYTES) * i) / (WINDOWS - 1));
    readFully(descriptor, window, offset + start, file.path);
    hash.update(window);
  }
}

function fingerprintOf(tensors: ReadonlyMap<string, CheckpointTensor>): string {
  const hash = createHash('sha256');
  const descriptors = new Map<string, number>();
  try {
    for (const name of [...tensors.keys()].sort()) {
      const tensor = tensors.get(name)!;
      const { path } = tensor.file;
      const descriptor = descriptors.get(path) ?? openForReading(path);
      descriptors.set(path, descriptor);
      hash.update(JSON.stringify([name, tensor.dtype, tensor.shape]));
      hashSamples(hash, descriptor, tensor);
    }
  } finally {
    for (const descriptor of descriptors.values()) closeSync(descriptor);
  }
  return hash.digest('hex');
}

/** The same tensors in other files, which hold the same bytes: `pathOf` gives the other path of each. */
export function inOtherFiles(checkpoint: Checkpoint, pathOf: (path: string) => string): Checkpoint {
  return {
    ...checkpoint,
    tensor: (name) => {
      const tensor = checkpoint.tensor(name);
      return { ...tensor, file: { ...tensor.file, path: pathOf(tensor.file.path) } };
    },
  };
}

/** Reads all headers of the folder's weights. Throws `not-found` where it holds none, and the errors of its files. */
export function openCheckpoint(folder: string): Checkpoint {
  const list = openTensors(folder);
  const tensors = new Map(list.map((tensor) => [tensor.name, tensor]));

  const tensor = (name: string): CheckpointTensor => {
    const found = tensors.get(name);
    if (found === undefined) {
      throw new DeptError('not-found', `The checkpoint holds no tensor '${name}'`, {
        path: folder,
        got: `${tensors.size} other tensors`,
      });
    }
    return found;
  };
  return {
    folder,
    files: [...new Set(list.map(({ file }) => file))],
    has: (name) => tensors.has(name),
    names: () => [...tensors.keys()],
    tensor,
    floats: (name, row) => readInfoFloats(tensor(name), tensor(name).file.path, row),
    fingerprint: () => fingerprintOf(tensors),
  };
}

/** `openCheckpoint` of a folder that was made from another one, which is the way out where it cannot be read. */
export function openDerived(folder: string): Checkpoint {
  try {
    return openCheckpoint(folder);
  } catch (error) {
    if (!(error instanceof DeptError)) throw error;
    const remedy = 'Delete the file: it is made again from the model.';
    throw new DeptError(error.code, error.message, { ...error.details, remedy, cause: error });
  }
}
