/**
 * Visual tokens of JPEG files of 640 x 480 pixels by a random CLIP ViT-B/32, ours and transformers' side by side:
 * `node test/bench/features.ts [--python <python>] [--pictures 128] [--repeat 3] [--threads N]`; without a Python only ours.
 * The time is from the files to the tokens; models are loaded before. Of it the encoder's alone, which no overlap of the rest can
 * undercut, is told apart. So is the largest difference.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { CHOICE, measureFeatures, writePhotographs } from '../../engine/service/bench/features.ts';
import { writeRandomClip } from '../../engine/service/bench/random-clip.ts';
import { median, timedPasses } from '../../engine/service/bench/timing.ts';
import { createImageEncoder, openVision } from '../../engine/service/open-model.ts';
import { encodePictures } from '../../engine/service/visual-features.ts';
import { preprocessImage } from '../../engine/vision-language/image-preprocessing.ts';
import { readFloats, readSafetensorsHeader } from '../../engine/weights/safetensors.ts';

const { values } = parseArgs({
  options: {
    python: { type: 'string' },
    pictures: { type: 'string', default: '128' },
    repeat: { type: 'string', default: '3' },
    threads: { type: 'string' },
  },
});
const [pictures, repeat] = [Number(values.pictures), Number(values.repeat)];
const threads = values.threads === undefined ? null : Number(values.threads);
const MODEL = 'clip-vit-base-patch32';
const BATCH = 32;

/** Seconds of each pass of the encoder over pixels that were made before, after one to warm up. */
async function measureEncoder(home: string, paths: readonly string[]): Promise<number[]> {
  const vision = openVision(home, { model: MODEL, ...CHOICE }, threads);
  const encoder = await createImageEncoder(vision);
  const pixels = await Promise.all(paths.map((path) => preprocessImage(path, vision.preprocessing)));
  const pass = async (): Promise<void> => {
    for (let first = 0; first < pixels.length; first += BATCH) await encoder.encode(pixels.slice(first, first + BATCH));
  };
  try {
    return await timedPasses(pass, repeat);
  } finally {
    await encoder.release();
  }
}

/** Of the first picture's tokens, relative to the largest value. */
async function largestDifference(home: string, path: string, peer: Float32Array): Promise<number> {
  const vision = openVision(home, { model: MODEL, ...CHOICE }, threads);
  let largest = 0;
  let difference = 0;
  for await (const tokens of encodePictures(vision, [path], {})) {
    peer.forEach((value, i) => {
      largest = Math.max(largest, Math.abs(value));
      difference = Math.max(difference, Math.abs(value - tokens[i]!));
    });
  }
  return difference / largest;
}

const home = mkdtempSync(join(tmpdir(), 'dept-features-'));
try {
  writeRandomClip(join(home, 'models', MODEL));
  const paths = await writePhotographs(join(home, 'pictures'), pictures);
  const ours = median(await measureFeatures(home, MODEL, paths, repeat, threads));
  const encoder = median(await measureEncoder(home, paths));
  const row = (of: string, seconds: number): Record<string, string> => ({
    of,
    s: seconds.toFixed(2),
    'images/s': (pictures / seconds).toFixed(1),
  });
  const rows: Record<string, string>[] = [row('ours', ours), row('ours, encoder alone', encoder)];
  if (values.python !== undefined) {
    const script = fileURLToPath(new URL('peer/features.py', import.meta.url));
    const first = join(home, 'first.safetensors');
    const args = [script, join(home, 'models', MODEL), join(home, 'pictures'), first, String(repeat)];
    const printed = execFileSync(values.python, [...args, ...(threads === null ? [] : [String(threads)])], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const peer = median((JSON.parse(printed) as { seconds: number[] }).seconds);
    rows.push(row('transformers', peer));
    rows.push({ of: 'ratio', s: (ours / peer).toFixed(2) });
    rows.push({ of: 'ratio, our encoder alone', s: (encoder / peer).toFixed(2) });
    const difference = await largestDifference(home, paths[0]!, readFloats(readSafetensorsHeader(first), 'tokens'));
    rows.push({ of: 'largest difference', s: difference.toExponential(0) });
  }
  console.table(rows);
} finally {
  rmSync(home, { recursive: true, force: true });
}
