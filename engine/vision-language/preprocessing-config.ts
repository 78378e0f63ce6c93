/** How a vision model's pictures are prepared, from the files it was published with. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { DeptError } from '../common/errors.ts';
import { readJson } from '../common/json.ts';
import type { ImagePreprocessing } from './image-preprocessing.ts';

const edge = z.int().positive().max(4096);
const square = z
  .union([
    z.strictObject({ height: edge, width: edge }).transform(({ height, width }) => [height, width] as const),
    z.tuple([edge, edge]),
  ])
  .refine(([height, width]) => height === width, 'only square sizes are supported')
  .transform(([size]) => size);
/** One number means the shorter edge. */
const sizeSchema = z.union([
  edge.transform((size) => ({ size, squashes: false })),
  z.strictObject({ shortest_edge: edge }).transform(({ shortest_edge: size }) => ({ size, squashes: false })),
  square.transform((size) => ({ size, squashes: true })),
]);
/** Of each colour, or one for all. */
const ofColours = (number: z.ZodNumber) =>
  z.union([z.array(number).length(3), number.transform((value): number[] => [value, value, value])]);
const processor = z
  .string()
  .regex(/^CLIP(ImageProcessor|FeatureExtractor)(Fast|Pil)?$/, 'only CLIPImageProcessor is supported')
  .nullish();

/** The fields of transformers' `CLIPImageProcessor`; what a file leaves out is as that class has it. */
const configSchema = z.object({
  image_processor_type: processor,
  feature_extractor_type: processor,
  do_resize: z.literal(true).default(true),
  size: sizeSchema.default({ size: 224, squashes: false }),
  /** Pillow's numbers: 2 is bilinear, 3 is bicubic. */
  resample: z.union([z.literal(2), z.literal(3)]).default(3),
  do_center_crop: z.boolean().default(true),
  crop_size: z.union([edge, square]).default(224),
  do_rescale: z.literal(true).default(true),
  rescale_factor: z
    .number()
    .refine((factor) => Math.abs(factor * 255 - 1) < 1e-6, 'only 1/255 is supported')
    .optional(),
  do_normalize: z.boolean().default(true),
  image_mean: ofColours(z.number()).default([0.48145466, 0.4578275, 0.40821073]),
  image_std: ofColours(z.number().positive()).default([0.26862954, 0.26130258, 0.27577711]),
  do_pad: z.literal(false).nullish(),
  use_square_size: z.literal(false).nullish(),
});

/** Without a crop its size does not matter, and may be null. */
const fileSchema = z.preprocess((file) => {
  const fields = file as { do_center_crop?: unknown } | null;
  if (typeof fields !== 'object' || fields?.do_center_crop !== false) return file;
  return { ...fields, crop_size: undefined };
}, configSchema);

/**
 * `squash` changes how the image is resized, as CLIP-T5 does; `as-published` keeps what the model's file says, where a size of
 * height and width squashes and one number means the shorter edge.
 */
export type Resizing = 'squash' | 'as-published';

/** Preprocessing from the content of a `preprocessor_config.json`. Throws `bad-config`, naming `path`. */
export function preprocessingFromConfig(
  config: unknown,
  resize: Resizing = 'squash',
  path?: string,
): ImagePreprocessing {
  const where = path === undefined ? {} : { path };
  const parsed = fileSchema.safeParse(config);
  if (!parsed.success) {
    throw new DeptError('bad-config', 'The image preprocessing of the vision model is not supported', {
      ...where,
      got: z.prettifyError(parsed.error),
      cause: parsed.error,
    });
  }
  const { crop_size, do_center_crop, resample, do_normalize, image_mean, image_std } = parsed.data;
  const { size, squashes } = parsed.data.size;
  const cropSize = do_center_crop ? crop_size : size;
  const oneSize = cropSize <= size && (do_center_crop || squashes);
  if (resize === 'as-published' && !oneSize) {
    throw new DeptError('bad-config', 'The image preprocessing does not lead to images of one size', {
      ...where,
      expected: 'a centre crop no larger than the resized image',
      remedy: 'Use "squash".',
    });
  }
  return {
    resize: squashes || resize === 'squash' ? 'squash' : 'shortest-edge',
    size: resize === 'squash' ? cropSize : size,
    cropSize,
    interpolation: resample === 3 ? 'bicubic' : 'bilinear',
    mean: do_normalize ? image_mean : [0, 0, 0],
    std: do_normalize ? image_std : [1, 1, 1],
  };
}

const processorSchema = z.looseObject({ image_processor: z.unknown().optional() });

/**
 * The preprocessing of a model folder, for pictures of `imageSize` x `imageSize`. As in transformers, the
 * `image_processor` of a `processor_config.json`, as newer versions write it, goes before `preprocessor_config.json`.
 * Throws `not-found`, `bad-file`, or `bad-config` where the pictures would have another size.
 */
export function readPreprocessing(folder: string, imageSize: number, resize: Resizing): ImagePreprocessing {
  const newer = join(folder, 'processor_config.json');
  const nested = existsSync(newer) ? readJson(newer, processorSchema).image_processor : undefined;
  const path = nested === undefined ? join(folder, 'preprocessor_config.json') : newer;
  const preprocessing = preprocessingFromConfig(nested ?? readJson(path, z.unknown()), resize, path);
  if (preprocessing.cropSize === imageSize) return preprocessing;
  throw new DeptError('bad-config', 'The image preprocessing makes pictures of a size that the model does not take', {
    path,
    expected: `${imageSize} pixels, as in config.json`,
    got: `${preprocessing.cropSize} pixels`,
  });
}
