/** Pictures that tests draw themselves. */
import sharp, { type Sharp } from 'sharp';
import { Random } from '../../engine/common/random.ts';
import type { RgbImage } from '../../engine/vision-language/resample.ts';
import { hashedPixels } from '../models/reference.ts';

/** The same as `hashed_image` in make-images.py. */
export function noise(width: number, height: number): RgbImage {
  const values = hashedPixels(width * height * 3);
  const data = Uint8Array.from(values, (value) => Math.min(Math.floor((value + 1) * 128), 255));
  return { data, width, height };
}

/** Grey waves and noise. */
export function photo(width: number, height: number): Sharp {
  const random = new Random('photo', width, height);
  const data = Uint8Array.from(
    { length: width * height * 3 },
    (_, i) => 128 + 90 * Math.sin(i / 17) + random.between(0, 30),
  );
  return sharp(data, { raw: { width, height, channels: 3 } });
}
