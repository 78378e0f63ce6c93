/** The weights of a published model folder: one `model.safetensors` (see `weightsFile`), or shards with an index. */
import { createHash, type Hash } from 'node:crypto';
import { closeSync, existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { DeptError } from '../common/errors.ts';
import { readJson } from '../common/json.ts';
import { INDEX_SUFFIX, weightsFile } from './layout.ts';
import {
  openForReading,
  readFloats,
  readFully,
  readSafetensorsHeader,
  type SafetensorsFile,
  type TensorInfo,
} from './safetensors.ts';

const shardIndex = z.object({ weight_map: z.record(z.string(), z.string()) });

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

function openSingle(path: string): CheckpointTensor[] {
  const file = readSafetensorsHeader(path);
  return [...file.tensors.values()].map((info) => ({ ...info, file }));
}

function openShards(folder: string, indexPath: string): CheckpointTensor[] {
  const { weight_map: weightMap } = readJson(indexPath, shardIndex);
  const shards = new Map<string, SafetensorsFile>();
  return Object.entries(weightMap).map(([name, shard]) => {
    if (shard !== basename(shard) || shard.includes('\\')) {
      throw new DeptError('bad-file', `The index puts tensor '${name}' outside the model folder`, {
        path: indexPath,
        expected: 'a plain file name',
        got: shard,
      });
    }
    const file = shards.get(shard) ?? readSafetensorsHeader(join(folder, shard));
    shards.set(shard, file);
    const info = file.tensors.get(name);
    if (info !== undefined) return { ...info, file };
    throw new DeptError('bad-file', `The index names tensor '${name}', but its shard does not hold it`, {
      path: file.path,
      remedy: 'Copy or download the model again; its files do not belong together.',
    });
  });
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

/** Reads all headers of the folder's weights. Throws `not-found` where it holds none, and the errors of its files. */
export function openCheckpoint(folder: string): Checkpoint {
  const file = weightsFile(folder);
  const weightsPath = join(folder, file);
  const indexPath = join(folder, file + INDEX_SUFFIX);
  let list: CheckpointTensor[];
  if (existsSync(weightsPath)) {
    list = openSingle(weightsPath);
  } else if (existsSync(indexPath)) {
    list = openShards(folder, indexPath);
  } else {
    throw new DeptError('not-found', 'The folder holds no weights', {
      path: folder,
      expected: `${file} or ${file}${INDEX_SUFFIX}`,
      remedy: 'Models are read in the safetensors format: choose a copy of the model that has it.',
    });
  }
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
    floats: (name, row) => readFloats(tensor(name).file, name, row),
    fingerprint: () => fingerprintOf(tensors),
  };
}
