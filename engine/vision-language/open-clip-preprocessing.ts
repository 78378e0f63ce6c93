/** How the pictures of a model in open_clip's layout are prepared. */
import { join } from 'node:path';
import { z } from 'zod';
import { readJson } from '../common/json.ts';
import { OPEN_CLIP_CONFIG_FILE } from '../weights/layout.ts';
import type { ImagePreprocessing } from './image-preprocessing.ts';
import { preprocessingFromConfig, type Resizing } from './preprocessing-config.ts';

const triple = z.array(z.number()).length(3).optional();

/** What a file leaves out is as in open_clip's `PreprocessCfg`, which has CLIP's own mean and deviation. */
const openClipFile = z.object({
  preprocess_cfg: z
    .object({
      mean: triple,
      std: triple,
      interpolation: z.enum(['bicubic', 'bilinear']).default('bicubic'),
      resize_mode: z.enum(['shortest', 'squash', 'longest']).default('shortest'),
    })
    .prefault({}),
});

/** Fields of transformers for what the file asks for; by its longest edge a picture would be padded, which is refused there. */
function sizeOf(mode: 'shortest' | 'squash' | 'longest', edge: number): unknown {
  if (mode === 'longest') return { longest_edge: edge };
  return mode === 'squash' ? { height: edge, width: edge } : edge;
}

/**
 * For pictures of `imageSize` x `imageSize`; `squash` goes over whatever resizing the file asks for.
 * Throws `not-found` or `bad-file`, and `bad-config` for a resizing that is not supported.
 */
export function readOpenClipPreprocessing(folder: string, imageSize: number, resize: Resizing): ImagePreprocessing {
  const path = join(folder, OPEN_CLIP_CONFIG_FILE);
  const { mean, std, interpolation, resize_mode } = readJson(path, openClipFile).preprocess_cfg;
  const config = {
    size: resize === 'squash' ? imageSize : sizeOf(resize_mode, imageSize),
    crop_size: imageSize,
    resample: interpolation === 'bicubic' ? 3 : 2,
    image_mean: mean,
    image_std: std,
  };
  return preprocessingFromConfig(config, resize, path);
}
