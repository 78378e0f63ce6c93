/**
 * Visual tokens on disk, computed once per image: `features/<encoder fingerprint>/<dataset>/*.safetensors`. A shard is
 * one fp16 tensor [images, tokens, width] with the images' keys in its metadata. Shards are only added, never changed.
 */
import { randomBytes } from 'node:crypto';
import { closeSync, existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { DeptError } from '../common/errors.ts';
import { openForReading } from '../common/files.ts';
import { removeLeftovers } from '../common/folders.ts';
import { parseJson } from '../common/json.ts';
import { checkName } from '../common/names.ts';
import { readFully, readSafetensorsHeader, writeSafetensors } from '../weights/safetensors.ts';

/** What the encoder gives for one image: that many tokens of that width. */
export interface FeatureShape {
  readonly tokens: number;
  readonly width: number;
}

export interface ImageFeatures {
  readonly key: string;
  /** [tokens, width], row by row. */
  readonly data: Float32Array;
}

/** A shard's size, and the number of images that it pays to collect before a `write`. */
export const IMAGES_PER_SHARD = 512;
/** The tensor's name in a shard. */
const TENSOR = 'visual_tokens';
/** Shards held open for reading; some systems allow a process 256 open files. */
const MAX_OPEN_SHARDS = 64;
/** The exponent bits of fp16: all set in infinities and NaNs only. */
const FP16_EXPONENT = 0x7c00;

const keysSchema = z.array(z.string());

/** Where one image's tokens lie. */
interface Place {
  readonly path: string;
  /** In bytes from the start of the file. */
  readonly offset: number;
}

export function featureFolder(home: string, encoderFingerprint: string, dataset: string): string {
  return join(home, 'features', encoderFingerprint, dataset);
}

export class FeatureCache {
  readonly #folder: string;
  readonly #shape: FeatureShape;
  readonly #places = new Map<string, Place>();
  /** Least recently used first. */
  readonly #open = new Map<string, number>();
  /** One image as it comes from disk. */
  readonly #scratch: Float16Array<ArrayBuffer>;

  /** Reads the headers of all shards in `folder`. Throws `bad-file` for a damaged one. */
  constructor(folder: string, shape: FeatureShape) {
    this.#folder = folder;
    this.#shape = shape;
    this.#scratch = new Float16Array(shape.tokens * shape.width);
    removeLeftovers(folder);
    if (!existsSync(folder)) return;
    for (const name of readdirSync(folder).sort()) {
      if (name.endsWith('.safetensors')) this.#index(join(folder, name));
    }
  }

  /** Number of images. */
  get size(): number {
    return this.#places.size;
  }

  has(key: string): boolean {
    return this.#places.has(key);
  }

  /** The keys that are not in the cache, each once, in their order. */
  missing(keys: Iterable<string>): string[] {
    return [...new Set(keys)].filter((key) => !this.has(key));
  }

  /**
   * Adds images in shards of up to `IMAGES_PER_SHARD`, each written atomically: collect about that many per call.
   * Throws `shape-mismatch`, and `bad-input` for values that fp16 cannot hold (over 65504, or not a number).
   */
  write(images: readonly ImageFeatures[]): void {
    const { tokens, width } = this.#shape;
    const length = tokens * width;
    for (let start = 0; start < images.length; start += IMAGES_PER_SHARD) {
      const part = images.slice(start, start + IMAGES_PER_SHARD);
      const data = new Float16Array(part.length * length);
      for (const [i, image] of part.entries()) {
        this.#checkLength(image.key, image.data.length);
        data.set(image.data, i * length);
        checkFinite(image.key, data.subarray(i * length, (i + 1) * length));
      }
      // A random name: another process may be filling the same cache.
      const path = join(this.#folder, `${randomBytes(8).toString('hex')}.safetensors`);
      const keys = JSON.stringify(part.map(({ key }) => key));
      writeSafetensors(path, { [TENSOR]: { dtype: 'F16', shape: [part.length, tokens, width], data } }, { keys });
      this.#index(path);
    }
  }

  /** Copies one image's tokens to `into`, from element `offset` on. Throws `not-found` for a key that is not cached. */
  read(key: string, into: Float32Array, offset: number): void {
    const place = this.#places.get(key);
    if (place === undefined) {
      throw new DeptError('not-found', `The feature cache does not hold image '${key}'`, {
        path: this.#folder,
        remedy: 'Compute the features of the dataset again: those that are missing are added.',
      });
    }
    try {
      readFully(this.#descriptor(place.path), new Uint8Array(this.#scratch.buffer), place.offset, place.path);
    } catch (cause) {
      throw unusable(place.path, cause);
    }
    into.set(this.#scratch, offset);
  }

  /** Closes the files; the cache can go on to be used. */
  close(): void {
    for (const descriptor of this.#open.values()) closeSync(descriptor);
    this.#open.clear();
  }

  #checkLength(key: string, length: number): void {
    if (length === this.#scratch.length) return;
    const { tokens, width } = this.#shape;
    throw new DeptError('shape-mismatch', `The features of image '${key}' have another size than the cache's`, {
      expected: `${tokens} tokens x ${width} = ${this.#scratch.length} numbers`,
      got: `${length} numbers`,
    });
  }

  #index(path: string): void {
    const { keys, start } = readShard(path, this.#shape);
    for (const [i, key] of keys.entries()) {
      this.#places.set(key, { path, offset: start + i * this.#scratch.byteLength });
    }
  }

  #descriptor(path: string): number {
    const descriptor = this.#open.get(path) ?? openForReading(path);
    this.#open.delete(path);
    this.#open.set(path, descriptor); // last: most recently used
    if (this.#open.size > MAX_OPEN_SHARDS) {
      const [oldest, its] = this.#open.entries().next().value!;
      closeSync(its);
      this.#open.delete(oldest);
    }
    return descriptor;
  }
}

function checkFinite(key: string, data: Float16Array): void {
  const bits = new Uint16Array(data.buffer, data.byteOffset, data.length);
  for (const word of bits) {
    if ((word & FP16_EXPONENT) === FP16_EXPONENT) {
      throw new DeptError('bad-input', `The features of image '${key}' do not fit into 16-bit floats`, {
        expected: 'numbers up to 65504',
      });
    }
  }
}

/** The keys of a shard's images, and the byte where the first one starts. */
function readShard(path: string, { tokens, width }: FeatureShape): { keys: string[]; start: number } {
  try {
    const { metadata, tensors } = readSafetensorsHeader(path);
    const keys = parseJson(metadata.keys ?? '', keysSchema, path);
    const tensor = tensors.get(TENSOR);
    const expected = `F16 [${keys.length}, ${tokens}, ${width}]`;
    const got = tensor === undefined ? 'no such tensor' : `${tensor.dtype} [${tensor.shape.join(', ')}]`;
    if (tensor === undefined || got !== expected) {
      throw new DeptError('bad-file', `Its tensor '${TENSOR}' is not the expected one`, { path, expected, got });
    }
    return { keys, start: tensor.offset };
  } catch (cause) {
    throw unusable(path, cause);
  }
}

function unusable(path: string, cause: unknown): unknown {
  if (!(cause instanceof DeptError)) return cause;
  return new DeptError('bad-file', `A file of the feature cache cannot be used: ${cause.message}`, {
    ...cause.details,
    path,
    remedy: 'Delete the file and compute the features of the dataset again: only its images are missing then.',
    cause,
  });
}

/** The cache of one dataset under one frozen image encoder; empty where nothing was computed yet. */
export function openFeatureCache(
  home: string,
  encoderFingerprint: string,
  dataset: string,
  shape: FeatureShape,
): FeatureCache {
  checkName(encoderFingerprint, 'encoder');
  checkName(dataset, 'dataset');
  return new FeatureCache(featureFolder(home, encoderFingerprint, dataset), shape);
}
