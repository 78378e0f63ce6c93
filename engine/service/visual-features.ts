/** Visual tokens of pictures from the frozen CLIP: of files as they come, and of whole datasets by way of the feature cache. */
import { statSync } from 'node:fs';
import { DeptError, remedied } from '../common/errors.ts';
import { fileError } from '../common/files.ts';
import type { JobHooks } from '../contract/jobs.ts';
import type { Dataset } from '../data/dataset.ts';
import { IMAGES_PER_SHARD, type ImageFeatures, openFeatureCache } from '../data/feature-cache.ts';
import type { ImageItem } from '../data/items.ts';
import type { ImageEncoder } from '../vision-language/image-encoder.ts';
import { type ImagePreprocessing, preprocessImage } from '../vision-language/image-preprocessing.ts';
import { createImageEncoder, type Vision } from './open-model.ts';

/** Few, so that the first are soon decoded; enough for the encoder to be at its full speed. */
const PICTURES_PER_RUN = 16;

/** The visual tokens [tokens * width] of each picture file, in order. Throws `cancelled` on an abort. */
export async function* encodePictures(
  vision: Vision,
  paths: readonly string[],
  hooks: JobHooks,
): AsyncGenerator<Float32Array> {
  if (paths.length === 0) return;
  const encoder = await createImageEncoder(vision);
  try {
    yield* encodeWith(encoder, vision.preprocessing, paths, hooks);
  } finally {
    await encoder.release();
  }
}

/** The same by an encoder that is open. */
export async function* encodeWith(
  encoder: ImageEncoder,
  preprocessing: ImagePreprocessing,
  paths: readonly string[],
  { progress, signal, unpaused }: JobHooks,
): AsyncGenerator<Float32Array> {
  const tell = (done: number): void =>
    progress?.({ task: 'Computing visual features', done, total: paths.length, unit: 'images' });
  const read = (first: number): Promise<Float32Array[]> => {
    const batch = paths.slice(first, first + PICTURES_PER_RUN);
    const pictures = Promise.all(batch.map((path) => preprocessImage(path, preprocessing)));
    pictures.catch(() => {}); // an error is thrown where it is awaited
    return pictures;
  };
  let next = read(0);
  for (let done = 0; done < paths.length; done += PICTURES_PER_RUN) {
    await unpaused?.();
    if (signal?.aborted) {
      const got = `${done} of ${paths.length} images`;
      throw new DeptError('cancelled', 'Computing visual features was stopped', { got });
    }
    tell(done);
    const pictures = await next;
    // files are decoded on threads of their own while the encoder holds this one
    next = read(done + PICTURES_PER_RUN);
    for (const { tokens } of await encoder.encode(pictures)) yield tokens;
  }
  tell(paths.length);
}

const PICTURE_REMEDY = 'Bring the picture back, or import the dataset again without it.';

/** Changes when the picture does, but not when the data moves to another folder. Throws `not-found`. */
function cacheKey({ id, path }: ImageItem): string {
  try {
    const { size, mtimeMs } = statSync(path);
    return `${id} ${size} ${Math.floor(mtimeMs)}`;
  } catch (cause) {
    throw remedied(fileError(cause, path), PICTURE_REMEDY);
  }
}

/** The visual tokens of a dataset's pictures, ready to be read. */
export interface VisualTokens extends Disposable {
  readonly images: number;
  /** Of these: computed now, the others were in the cache. */
  readonly computed: number;
  /** Copies a picture's tokens to `into`, from element `offset` on. */
  readonly read: (imageId: string, into: Float32Array, offset: number) => void;
}

/** All pictures of these splits. */
export function* imagesOf(dataset: Dataset, splits: readonly string[]): Generator<ImageItem> {
  for (const split of splits) yield* dataset.images(split);
}

/** The pictures that all of these are about, each once. */
export function* imagesNamed(
  dataset: Dataset,
  ...lists: readonly Iterable<{ readonly imageId: string }>[]
): Generator<ImageItem> {
  const named = new Set<string>();
  for (const list of lists) for (const { imageId } of list) named.add(imageId);
  for (const id of named) yield dataset.image(id);
}

/**
 * The tokens of these pictures of a dataset; those that the cache does not hold are computed into it.
 * Throws `cancelled` on an abort, and `not-found` or `bad-file` for a picture; what was computed until then stays.
 */
export async function openVisualTokens(
  home: string,
  dataset: Dataset,
  images: Iterable<ImageItem>,
  vision: Vision,
  hooks: JobHooks,
): Promise<VisualTokens> {
  const { tokens, width } = vision;
  const cache = openFeatureCache(home, vision.fingerprint, dataset.info.name, { tokens, width });
  const keys = new Map<string, string>();
  const paths = new Map<string, string>();
  for (const image of images) {
    const key = cacheKey(image);
    keys.set(image.id, key);
    paths.set(key, image.path);
  }
  const missing = cache.missing(paths.keys());
  let pending: ImageFeatures[] = [];
  let computed = 0;
  const flush = (): void => {
    cache.write(pending);
    pending = [];
  };
  const missingPaths = missing.map((key) => paths.get(key)!);
  try {
    for await (const data of encodePictures(vision, missingPaths, hooks)) {
      pending.push({ key: missing[computed]!, data });
      computed += 1;
      if (pending.length === IMAGES_PER_SHARD) flush();
    }
  } catch (error) {
    throw remedied(error, PICTURE_REMEDY);
  } finally {
    flush();
  }
  return {
    images: keys.size,
    computed,
    read: (imageId, into, offset) => cache.read(keys.get(imageId)!, into, offset),
    [Symbol.dispose]: () => cache.close(),
  };
}
