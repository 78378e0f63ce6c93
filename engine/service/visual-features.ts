/** Visual tokens of a whole dataset: computed once per picture, kept in the feature cache. */
import { DeptError } from '../common/errors.ts';
import type { JobHooks } from '../contract/jobs.ts';
import type { Dataset } from '../data/dataset.ts';
import { type FeatureCache, IMAGES_PER_SHARD, type ImageFeatures, openFeatureCache } from '../data/feature-cache.ts';
import { preprocessImage } from '../vision-language/image-preprocessing.ts';
import { createImageEncoder, type Vision } from './open-model.ts';

const PICTURES_PER_RUN = 32;

export interface FilledCache {
  readonly cache: FeatureCache;
  /** Pictures whose tokens were computed now. */
  readonly computed: number;
}

/** The cache of this dataset, with the tokens of every picture of these splits. Throws `cancelled` on an abort. */
export async function fillFeatureCache(
  home: string,
  dataset: Dataset,
  splits: readonly string[],
  vision: Vision,
  hooks: JobHooks = {},
): Promise<FilledCache> {
  const shape = { tokens: vision.tokens, width: vision.width };
  const cache = openFeatureCache(home, vision.fingerprint, dataset.info.name, shape);
  const paths = new Map<string, string>();
  for (const split of splits) for (const { id, path } of dataset.images(split)) paths.set(id, path);
  const missing = cache.missing(paths.keys());
  if (missing.length === 0) return { cache, computed: 0 };

  const encoder = await createImageEncoder(vision);
  try {
    let pending: ImageFeatures[] = [];
    const flush = (): void => {
      if (pending.length > 0) cache.write(pending);
      pending = [];
    };
    for (let done = 0; done < missing.length; done += PICTURES_PER_RUN) {
      if (hooks.signal?.aborted) {
        flush();
        throw new DeptError('cancelled', 'Computing visual features was stopped', {
          got: `${done} of ${missing.length} images, which are kept`,
        });
      }
      hooks.progress?.({ task: 'Computing visual features', done, total: missing.length, unit: 'images' });
      const keys = missing.slice(done, done + PICTURES_PER_RUN);
      const pictures = await Promise.all(keys.map((key) => preprocessImage(paths.get(key)!, vision.preprocessing)));
      const encoded = await encoder.encode(pictures);
      pending.push(...encoded.map(({ tokens }, i) => ({ key: keys[i]!, data: tokens })));
      if (pending.length >= IMAGES_PER_SHARD) flush();
    }
    flush();
  } finally {
    await encoder.release();
  }
  hooks.progress?.({
    task: 'Computing visual features',
    done: missing.length,
    total: missing.length,
    unit: 'images',
  });
  return { cache, computed: missing.length };
}
