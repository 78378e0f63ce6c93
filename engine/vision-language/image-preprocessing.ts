/** From an image file to the pixel values that a vision model reads. */
import { existsSync } from 'node:fs';
import sharp, { type Sharp } from 'sharp';
import { z } from 'zod';
import { DeptError } from '../common/errors.ts';
import { type Interpolation, type RgbImage, resample } from './resample.ts';

/** A file's path, or the encoded bytes of an image. */
export type ImageSource = string | Uint8Array;

export interface ImagePreprocessing {
  /**
   * `squash`: to `cropSize` x `cropSize`, aspect ratio not kept (CLIP-T5, spec 2.1).
   * `shortest-edge`: the shorter edge to `size`, then the middle `cropSize` x `cropSize` (CLIP's own way).
   */
  readonly resize: 'squash' | 'shortest-edge';
  /** In pixels. */
  readonly size: number;
  /** Edge of the output, in pixels. */
  readonly cropSize: number;
  readonly interpolation: Interpolation;
  /** Red, green, blue; of values in 0..1. */
  readonly mean: readonly number[];
  readonly std: readonly number[];
}

/** An image that unpacks to more is refused: it is a mistake or an attack. */
const MAX_PIXELS = 100_000_000;

/**
 * Opens an image as people see it:
 * - turned as its EXIF orientation says (CLIP's reference code leaves it lying; captions describe the upright image);
 * - first frame of an animation;
 * - colour profiles ignored, as in the reference code with which CLIP was trained;
 * - small flaws forgiven, an image cut short refused.
 */
function openImage(source: ImageSource): Sharp {
  return sharp(source, { autoOrient: true, ignoreIcc: true, failOn: 'error', limitInputPixels: MAX_PIXELS });
}

function decodingError(source: ImageSource, cause: unknown): DeptError {
  const path = typeof source === 'string' ? source : undefined;
  const where = path === undefined ? {} : { path };
  if (path !== undefined && !existsSync(path)) return new DeptError('not-found', 'There is no such image', where);
  return new DeptError('bad-file', 'The image cannot be decoded', {
    ...where,
    expected: `a whole JPEG, PNG, WebP, GIF, TIFF or AVIF file of at most ${MAX_PIXELS / 1e6} million pixels`,
    got: (cause as Error).message,
    cause,
  });
}

/** Width and height in pixels, as seen, from the file's header alone. Throws `not-found` or `bad-file`. */
export async function readImageSize(source: ImageSource): Promise<{ width: number; height: number }> {
  try {
    const { width, height } = (await openImage(source).metadata()).autoOrient;
    return { width, height };
  } catch (cause) {
    throw decodingError(source, cause);
  }
}

/** Transparency is laid on white (Pillow shows what lies under it); grey, palette, 16-bit and CMYK images become sRGB. */
async function decode(source: ImageSource): Promise<RgbImage> {
  try {
    const image = openImage(source).flatten({ background: 'white' }).toColourspace('srgb').removeAlpha().raw();
    const { data, info } = await image.toBuffer({ resolveWithObject: true });
    return { data, width: info.width, height: info.height };
  } catch (cause) {
    throw decodingError(source, cause);
  }
}

/** With the reference code's rounding: the longer edge and the offsets of the crop are rounded down. */
function resizeAndCrop(image: RgbImage, { resize, size, cropSize, interpolation }: ImagePreprocessing): RgbImage {
  if (resize === 'squash') return resample(image, cropSize, cropSize, interpolation);
  const shorter = Math.min(image.width, image.height);
  const scaled = (edge: number): number => Math.floor((size * edge) / shorter);
  if (scaled(image.width) * scaled(image.height) > MAX_PIXELS) {
    throw new DeptError('bad-file', 'The image is too long and narrow to be brought to one size by its shorter edge', {
      got: `${image.width} x ${image.height} pixels`,
      remedy: 'Use "squash", or leave the image out.',
    });
  }
  const { data, width, height } = resample(image, scaled(image.width), scaled(image.height), interpolation);
  const left = Math.floor((width - cropSize) / 2);
  const top = Math.floor((height - cropSize) / 2);
  const cropped = new Uint8Array(cropSize * cropSize * 3);
  for (let y = 0; y < cropSize; y += 1) {
    const start = ((top + y) * width + left) * 3;
    cropped.set(data.subarray(start, start + cropSize * 3), y * cropSize * 3);
  }
  return { data: cropped, width: cropSize, height: cropSize };
}

/**
 * The image as 3 x cropSize x cropSize values (red plane, green plane, blue plane; row-major), normalised:
 * (value / 255 - mean) / std. Equal to Hugging Face's CLIP image processor but for orientation and transparency.
 * Throws `not-found` or `bad-file`.
 */
export async function preprocessImage(source: ImageSource, preprocessing: ImagePreprocessing): Promise<Float32Array> {
  const { data } = resizeAndCrop(await decode(source), preprocessing);
  const { cropSize, mean, std } = preprocessing;
  const area = cropSize * cropSize;
  const pixels = new Float32Array(3 * area);
  for (let channel = 0; channel < 3; channel += 1) {
    const value = Float32Array.from({ length: 256 }, (_, byte) => (byte / 255 - mean[channel]!) / std[channel]!);
    for (let i = 0; i < area; i += 1) pixels[channel * area + i] = value[data[3 * i + channel]!]!;
  }
  return pixels;
}

const edge = z.int().positive().max(4096);
const square = z
  .object({ height: edge, width: edge })
  .refine(({ height, width }) => height === width, 'only square sizes are supported')
  .transform(({ height }) => height);
const sizeSchema = z.union([
  edge.transform((size) => ({ size, squashes: false })),
  z.object({ shortest_edge: edge }).transform(({ shortest_edge: size }) => ({ size, squashes: false })),
  square.transform((size) => ({ size, squashes: true })),
]);
const triple = z.array(z.number()).length(3);

/** The fields of Hugging Face's `CLIPImageProcessor`; what a file leaves out is as that class has it. */
const configSchema = z.object({
  do_resize: z.literal(true).default(true),
  size: sizeSchema.default({ size: 224, squashes: false }),
  /** Pillow's numbers: 2 is bilinear, 3 is bicubic. */
  resample: z.union([z.literal(2), z.literal(3)]).default(3),
  do_center_crop: z.boolean().default(true),
  crop_size: z.union([edge, square]).optional(),
  do_rescale: z.literal(true).default(true),
  rescale_factor: z
    .number()
    .refine((factor) => Math.abs(factor * 255 - 1) < 1e-4, 'only 1/255 is supported')
    .optional(),
  do_normalize: z.boolean().default(true),
  image_mean: triple.default([0.48145466, 0.4578275, 0.40821073]),
  image_std: triple.default([0.26862954, 0.26130258, 0.27577711]),
});

/**
 * Preprocessing from the content of a `preprocessor_config.json`. `squash` changes how the image is resized, as CLIP-T5 does;
 * `as-published` keeps what the file says, where a size of height and width squashes and one number means the shorter edge.
 * Throws `bad-config`.
 */
export function preprocessingFromConfig(
  config: unknown,
  resize: 'squash' | 'as-published' = 'squash',
): ImagePreprocessing {
  const parsed = configSchema.safeParse(config);
  if (!parsed.success) {
    throw new DeptError('bad-config', 'The image preprocessing of the vision model is not supported', {
      got: z.prettifyError(parsed.error),
      cause: parsed.error,
    });
  }
  const { crop_size, do_center_crop, resample, do_normalize, image_mean, image_std } = parsed.data;
  const { size, squashes } = parsed.data.size;
  const cropSize = do_center_crop ? (crop_size ?? size) : size;
  const cropFits = squashes ? cropSize === size : do_center_crop && cropSize <= size;
  if (resize === 'as-published' && !cropFits) {
    throw new DeptError('bad-config', 'The image preprocessing does not lead to images of one size', {
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
