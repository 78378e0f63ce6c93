/** From an image file to the pixel values that a vision model reads. */
import { DeptError } from '../common/errors.ts';
import { decodeImage, type ImageSource, MAX_PIXELS } from './image-decoding.ts';
import { type Interpolation, type RgbImage, resample } from './resample.ts';

/** Raised with every change of the values that an image becomes: features of before are then computed anew. */
export const PIXELS_VERSION = 2;

export interface ImagePreprocessing {
  /**
   * `squash`: to `size` x `size`, aspect ratio not kept (CLIP-T5, spec 2.1).
   * `shortest-edge`: the shorter edge to `size` (CLIP's own way).
   * Then the middle `cropSize` x `cropSize`.
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

/** Width and height before the crop; the longer edge is rounded down, as in the reference code. */
function resizedTo(image: RgbImage, { resize, size }: ImagePreprocessing): [number, number] {
  if (resize === 'squash') return [size, size];
  const shorter = Math.min(image.width, image.height);
  const [width, height] = [Math.floor((size * image.width) / shorter), Math.floor((size * image.height) / shorter)];
  if (width * height <= MAX_PIXELS) return [width, height];
  throw new DeptError('bad-file', 'The image is too long and narrow to be brought to one size by its shorter edge', {
    got: `${image.width} x ${image.height} pixels`,
    remedy: 'Use "squash", or leave the image out.',
  });
}

/** Offsets of the crop are rounded down, as in the reference code. */
function resizeAndCrop(image: RgbImage, preprocessing: ImagePreprocessing): RgbImage {
  const { cropSize, interpolation } = preprocessing;
  const [width, height] = resizedTo(image, preprocessing);
  return resample(image, width, height, interpolation, {
    left: Math.floor((width - cropSize) / 2),
    top: Math.floor((height - cropSize) / 2),
    width: cropSize,
    height: cropSize,
  });
}

/** Of each byte the value (byte / 255 - mean) / std, rounded to float32 at each step, as the reference code does. */
function normalised(mean: number, std: number): Float32Array {
  const { fround } = Math;
  return Float32Array.from({ length: 256 }, (_, byte) => fround(fround(byte * (1 / 255)) - fround(mean)) / fround(std));
}

/**
 * The image as 3 x cropSize x cropSize values (red plane, green plane, blue plane; row-major), normalised. Follows
 * transformers' `load_image` and its `CLIPImageProcessor` in the Pillow form, bit by bit but for what `decodeImage` names.
 * Throws `not-found` or `bad-file`.
 */
export async function preprocessImage(source: ImageSource, preprocessing: ImagePreprocessing): Promise<Float32Array> {
  const { data } = resizeAndCrop(await decodeImage(source), preprocessing);
  const { cropSize, mean, std } = preprocessing;
  const area = cropSize * cropSize;
  const pixels = new Float32Array(3 * area);
  for (let channel = 0; channel < 3; channel += 1) {
    const value = normalised(mean[channel]!, std[channel]!);
    for (let i = 0; i < area; i += 1) pixels[channel * area + i] = value[data[3 * i + channel]!]!;
  }
  return pixels;
}
