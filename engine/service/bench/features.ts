/** How fast pictures become visual tokens: from the file on, as training and `dept features` do it. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { Random } from '../../common/random.ts';
import { createImageEncoder, openVision } from '../open-model.ts';
import { encodeWith } from '../visual-features.ts';
import { timedPasses } from './timing.ts';

const [WIDTH, HEIGHT] = [640, 480];
/** Pixels between two random colours; what lies between is smooth, so that a JPEG is as large as a photograph's. */
const GRAIN = 4;

/** All patches, of pictures prepared as the model's file says. */
export const CHOICE = { layer: 'last', pool: null, resize: 'as-published' } as const;

/** Writes `count` JPEG files of 640 x 480 pixels into the new folder `folder`; gives their paths. */
export async function writePhotographs(folder: string, count: number): Promise<string[]> {
  mkdirSync(folder, { recursive: true });
  const paths = Array.from({ length: count }, (_, i) => join(folder, `${i}.jpg`));
  for (const [i, path] of paths.entries()) {
    const random = new Random('photograph', i);
    const [width, height] = [WIDTH / GRAIN, HEIGHT / GRAIN];
    const colours = Uint8Array.from({ length: 3 * width * height }, () => random.below(256));
    await sharp(colours, { raw: { width, height, channels: 3 } })
      .resize(WIDTH, HEIGHT, { kernel: 'cubic' })
      .jpeg({ quality: 90 })
      .toFile(path);
  }
  return paths;
}

/** Seconds of each of `repeat` passes over the pictures, after one to warm up. The model is loaded before. */
export async function measureFeatures(
  home: string,
  model: string,
  paths: readonly string[],
  repeat: number,
  threads: number | null,
): Promise<number[]> {
  const vision = openVision(home, { model, ...CHOICE }, threads);
  const encoder = await createImageEncoder(vision);
  try {
    const pass = async (): Promise<void> => {
      for await (const _ of encodeWith(encoder, vision.preprocessing, paths, {}));
    };
    return await timedPasses(pass, repeat);
  } finally {
    await encoder.release();
  }
}
