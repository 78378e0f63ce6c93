/** How the pictures of a model in open_clip's layout are prepared. */
import { join } from 'node:path';
import { z } from 'zod';
import { readJson } from '../common/json.ts';
import { OPEN_CLIP_CONFIG_FILE } from '../weights/layout.ts';
import type { ImagePreprocessing } from './image-preprocessing.ts';
import { preprocessingFromConfig } from './preprocessing-config.ts';

const triple = z.array(z.number()).length(3).optional();

/** What a file leaves out is as in open_clip's `PreprocessCfg`, which has CLIP's own mean and deviation. */
const openClipFile = z.object({
  preprocess_cfg: z
    .object({ mean: triple, std: triple, interpolation: z.enum(['bicubic', 'bilinear']).default('bicubic') })
    .prefault({}),
});

/** For pictures squashed to `imageSize` x `imageSize`, whatever resizing the file asks for. Throws `not-found` or `bad-file`. */
export function readOpenClipPreprocessing(folder: string, imageSize: number): ImagePreprocessing {
  const { mean, std, interpolation } = readJson(join(folder, OPEN_CLIP_CONFIG_FILE), openClipFile).preprocess_cfg;
  return preprocessingFromConfig({
    size: imageSize,
    crop_size: imageSize,
    resample: interpolation === 'bicubic' ? 3 : 2,
    image_mean: mean,
    image_std: std,
  });
}
