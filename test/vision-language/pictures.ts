/** Pictures that tests draw themselves. */
import sharp, { type Sharp } from 'sharp';
import { Random } from '../../engine/common/random.ts';
import type { RgbImage } from '../../engine/vision-language/resample.ts';

/** The same as `hashed_image` in make-images.py. */
export function noise(width: number, height: number): RgbImage {
  const data = Uint8Array.from({ length: width * height * 3 }, (_, index) => {
    let x = index;
    for (let round = 0; round < 2; round += 1) x = Math.imul(x ^ (x >>> 16), 0x45d9f3b);
    return x >>> 24;
  });
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
