/** Image files to 8-bit RGB, as Pillow and transformers' `load_image` read them. */
import { existsSync } from 'node:fs';
import sharp, { type Sharp } from 'sharp';
import { DeptError } from '../common/errors.ts';
import { checkFile } from '../common/files.ts';
import type { RgbImage } from './resample.ts';

/** A file's path, or the encoded bytes of an image. */
export type ImageSource = string | Uint8Array;

// Drawings and documents, which can refer to other files, are no pictures, whatever they are called.
sharp.block({ operation: ['VipsForeignLoad'] });
sharp.unblock({
  operation: ['Jpeg', 'Png', 'Webp', 'Nsgif', 'Tiff', 'Heif'].map((format) => `VipsForeignLoad${format}`),
});

/** An image that unpacks to more is refused: it is a mistake or an attack. */
export const MAX_PIXELS = 100_000_000;

/**
 * Opens an image as `load_image` does:
 * - turned as its EXIF orientation says, since captions describe the upright image;
 * - first frame of an animation;
 * - colour profiles and gamma ignored;
 * - small flaws forgiven, an image cut short refused.
 */
function openImage(source: ImageSource): Sharp {
  return sharp(source, { autoOrient: true, ignoreIcc: true, failOn: 'error', limitInputPixels: MAX_PIXELS });
}

/** Before the decoder opens it, which would wait for a pipe. Throws `not-found` or `bad-file`. */
function checkSource(source: ImageSource): void {
  if (typeof source !== 'string') return;
  if (!existsSync(source)) throw new DeptError('not-found', 'There is no such image', { path: source });
  checkFile(source);
}

function decodingError(source: ImageSource, cause: unknown): DeptError {
  const path = typeof source === 'string' ? source : undefined;
  const where = path === undefined ? {} : { path };
  return new DeptError('bad-file', 'The image cannot be decoded', {
    ...where,
    expected: `a whole JPEG, PNG, WebP, GIF, TIFF or AVIF file of at most ${MAX_PIXELS / 1e6} million pixels`,
    got: (cause as Error).message,
    cause,
  });
}

/** Width and height in pixels, as seen, from the file's header alone. Throws `not-found` or `bad-file`. */
export async function readImageSize(source: ImageSource): Promise<{ width: number; height: number }> {
  checkSource(source);
  try {
    const { width, height } = (await openImage(source).metadata()).autoOrient;
    return { width, height };
  } catch (cause) {
    throw decodingError(source, cause);
  }
}

/** Inks to light without a colour profile, as Pillow does it: red = (255 - K) (255 - C) / 255. */
function fromCmyk({ data, width, height }: RgbImage): RgbImage {
  const rgb = new Uint8Array(width * height * 3);
  for (let pixel = 0; pixel < width * height; pixel += 1) {
    const light = 255 - data[4 * pixel + 3]!;
    for (let channel = 0; channel < 3; channel += 1) {
      rgb[3 * pixel + channel] = light - Math.round((data[4 * pixel + channel]! * light) / 255);
    }
  }
  return { data: rgb, width, height };
}

/**
 * Transparency is dropped: what lies under it shows, as in `load_image` (of a GIF: black, its decoder keeps nothing there).
 * Of 16 bits the upper eight are kept, where Pillow does so for colours but turns most of a grey image white.
 * Throws `not-found` or `bad-file`.
 */
export async function decodeImage(source: ImageSource): Promise<RgbImage> {
  checkSource(source);
  try {
    const image = (): Sharp => openImage(source).removeAlpha().raw();
    const pixels = async (decoded: Sharp): Promise<RgbImage> => {
      const { data, info } = await decoded.toBuffer({ resolveWithObject: true });
      return { data, width: info.width, height: info.height };
    };
    // decoding begins at once, on a thread of its own, even if this one is busy when the header has been read
    const [{ space }, rgb] = await Promise.all([image().metadata(), pixels(image().toColourspace('srgb'))]);
    if (space !== 'cmyk') return rgb;
    return fromCmyk(await pixels(image().pipelineColourspace('cmyk').toColourspace('cmyk')));
  } catch (cause) {
    throw decodingError(source, cause);
  }
}
