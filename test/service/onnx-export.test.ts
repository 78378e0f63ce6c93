/** Runs exported as ONNX: the example of the folder, in a process of its own, writes what `dept caption` and `dept ask` write. */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { addAdapter } from '../../engine/adapters/library.ts';
import type { ExportResult } from '../../engine/contract/adapters.ts';
import { openDataset } from '../../engine/data/dataset.ts';
import { exportAdapter } from '../../engine/service/export.ts';
import { askImage, captionImages } from '../../engine/service/prediction.ts';
import { startRun } from '../../engine/service/training-run.ts';
import { loadTokenizer } from '../../engine/tokenizer/tokenizer.ts';
import { preprocessImage } from '../../engine/vision-language/image-preprocessing.ts';
import { bundledModelsFolder } from '../../engine/weights/bundled.ts';
import { deptConfig, deptTensors, writeAdapter } from '../adapters/small-adapters.ts';
import { configFor, fillHome, folderForFile } from './small-home.ts';

const modules = fileURLToPath(new URL('../../node_modules', import.meta.url));
const t5 = fileURLToPath(new URL('../../../shared/data/tokenizers/t5/', import.meta.url));
const home = folderForFile();
const out = folderForFile();
/** A grid of 8 x 8 cells pooled to 5 x 5: windows of two and of three cells. */
const changes = {
  vision: { model: 'clip', layer: 3, pool: 5 },
  steps: 40,
  batchSize: 8,
  dropout: 0,
  evaluation: { every: 40, limit: 2, maxLength: 12 },
  checkpoint: { every: 40 },
};
const exported: Partial<Record<'caption' | 'vqa', ExportResult>> = {};
let pictures: string[];

beforeAll(async () => {
  await fillHome(home);
  using dataset = openDataset(home, 'small');
  pictures = [...dataset.images('test')].slice(0, 3).map(({ path }) => path);
  for (const task of ['caption', 'vqa'] as const) {
    const { run } = await startRun(home, configFor(task, changes), {});
    const request = { run, checkpoint: 'best', format: 'onnx', output: join(out, task) } as const;
    exported[task] = await exportAdapter(home, request, {});
    symlinkSync(modules, join(out, task, 'node_modules')); // as npm install would leave it
  }
}, 240_000);

const example = (task: string, ...args: string[]): string =>
  execFileSync(process.execPath, ['example.mjs', ...args], { cwd: join(out, task), encoding: 'utf8' }).trimEnd();

/** A photograph, turned and of another size than the model's. */
const photograph = fileURLToPath(new URL('../golden/images/exif-6.jpg', import.meta.url));

test('captions, for three pictures and a photograph', async () => {
  const { run } = exported.caption!;
  const images = [...pictures, photograph];
  const decoding = { beams: 1 };
  const own = await captionImages(home, { run, checkpoint: 'best', images, decoding }, {});
  expect(own.every(({ caption }) => caption.length > 0)).toBe(true);
  expect(images.map((image) => example('caption', image))).toEqual(own.map(({ caption }) => caption));
}, 120_000);

test('answers, for two questions', async () => {
  const { run } = exported.vqa!;
  for (const question of ['What colour is the circle?', 'is there a Square  left of it?']) {
    const { answer } = await askImage(
      home,
      { run, checkpoint: 'best', image: pictures[0]!, question, decoding: { beams: 1 } },
      {},
    );
    expect(answer).not.toBe('');
    expect(example('vqa', pictures[0]!, question), question).toBe(answer);
  }
}, 120_000);

test('the folder works alone: graphs, weights of the same size, tokenizer, settings, example, words', () => {
  const folder = join(out, 'vqa');
  expect(exported.vqa!.files.map(({ name }) => name)).toEqual([
    'README.md',
    'config.json',
    'decoder.onnx',
    'encoder.onnx',
    'example.mjs',
    'image.onnx',
    'language.safetensors',
    'pictures.mjs',
    'tokenizer.json',
    'tokenizer.mjs',
    'trained.safetensors',
    'vision.safetensors',
  ]);
  for (const [name, model] of [
    ['language', 'scenes-t5'],
    ['vision', 'scenes-clip'],
  ]) {
    const published = join(bundledModelsFolder(), model!, 'model.safetensors');
    expect(statSync(join(folder, `${name}.safetensors`)).size).toBe(statSync(published).size);
  }
  const config = JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8'));
  expect(config).toMatchObject({
    task: 'vqa',
    step: 40,
    visual: { tokens: 25, width: 128 },
    text: { prefix: 'vqa: ', maxLength: 24 },
    decoder: { startId: 0, endId: 1, maxLength: 11 },
    image: { resize: 'squash', cropSize: 64 },
  });
  expect(config.text.ids).toBeUndefined();
  const captions = JSON.parse(readFileSync(join(out, 'caption', 'config.json'), 'utf8'));
  expect(captions.text.ids).toEqual(loadTokenizer(join(bundledModelsFolder(), 'scenes-t5')).encode('caption:'));
  expect(readFileSync(join(folder, 'README.md'), 'utf8')).toContain(
    'node example.mjs picture.jpg "what is on the table?"',
  );
  const places = ['image.onnx', 'encoder.onnx', 'decoder.onnx'].map((name) =>
    readFileSync(join(folder, name), 'latin1'),
  );
  for (const bytes of places) expect(bytes).not.toContain(resolve(home));
});

test('called wrongly, the example says how it is called', () => {
  expect(() => example('caption')).toThrow(/usage: node example.mjs <picture>/);
});

test('the example prepares pictures as the engine does, to the byte', async () => {
  const { pixelsOf } = await import(
    pathToFileURL(fileURLToPath(new URL('../../assets/onnx-example/pictures.mjs', import.meta.url))).href
  );
  const base = { mean: [0.48, 0.45, 0.4], std: [0.26, 0.25, 0.27] };
  for (const name of ['exif-6.jpg', 'photo.jpg', 'large.jpg', 'grey.jpg', 'clear.png', 'sliver.png', 'dot.png']) {
    const picture = fileURLToPath(new URL(`../golden/images/${name}`, import.meta.url));
    for (const how of [
      { ...base, resize: 'squash', size: 64, cropSize: 64, interpolation: 'bicubic' },
      { ...base, resize: 'shortest-edge', size: 40, cropSize: 32, interpolation: 'bilinear' },
    ] as const) {
      expect(await pixelsOf(picture, how), `${name} ${how.resize}`).toEqual(await preprocessImage(picture, how));
    }
  }
});

describe('the tokenizer of the example', () => {
  const questions = [
    'vqa: what color is the cat?',
    'caption:',
    "vqa: Isn't  it “red”?",
    'vqa: naïve café – 3.8 ½ ﬁne',
    'vqa: 猫 🐈 x',
    '',
  ];
  const folders: [name: string, folder: string][] = [['scenes-t5', join(bundledModelsFolder(), 'scenes-t5')]];
  if (existsSync(t5)) folders.push(['the published T5', t5]);

  test.each(folders)('%s: the ids and texts of the engine', async (_name, folder) => {
    const { openTokenizer } = await import(
      pathToFileURL(fileURLToPath(new URL('../../assets/onnx-example/tokenizer.mjs', import.meta.url))).href
    );
    const file = readdirSync(folder).find((name) => name.endsWith('tokenizer.json'))!;
    const [own, reference] = [openTokenizer(join(folder, file)), loadTokenizer(folder)];
    for (const text of questions) {
      const ids = reference.encode(text, { maxLength: 12 });
      expect(own.encode(text, 12), text).toEqual(ids);
      expect(own.decode(ids), text).toBe(reference.decode(ids).trim());
    }
  });
});

describe('refused', () => {
  test('an adapter without models', async () => {
    const source = writeAdapter(join(out, 'adapter'), deptConfig, deptTensors);
    await addAdapter(home, source, 'alone');
    const request = { run: 'alone', checkpoint: 'best', format: 'onnx' } as const;
    await expect(exportAdapter(home, request, {})).rejects.toMatchObject({
      code: 'unsupported',
      details: { remedy: expect.stringContaining('startFrom=alone') },
    });
    expect(existsSync(join(home, 'exports'))).toBe(false);
  });

  test('a stop: nothing is left', async () => {
    const { run } = exported.vqa!;
    const request = { run, checkpoint: 'best', format: 'onnx', output: join(out, 'stopped') } as const;
    const signal = AbortSignal.abort();
    await expect(exportAdapter(home, request, { signal })).rejects.toMatchObject({ code: 'cancelled' });
    expect(readdirSync(out).filter((name) => name.startsWith('stopped'))).toEqual([]);
  });
});
