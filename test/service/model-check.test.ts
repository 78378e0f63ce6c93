/** A model that is whole passes every step; each thing that can be wrong with one is found, by name. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type ModelCheckStep, modelCheckSchema } from '../../engine/contract/models.ts';
import { checkModel, SOURCE_FILE } from '../../engine/service/model-check.ts';
import { bundledModelsFolder } from '../../engine/weights/bundled.ts';
import { openCheckpoint } from '../../engine/weights/checkpoint.ts';
import { type TensorToWrite, writeSafetensors } from '../../engine/weights/safetensors.ts';
import { golden } from '../models/reference.ts';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'dept-check-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

/** A bundled model as the library's own, under another name. */
function copyOf(bundled: string, name: string): string {
  const folder = join(home, 'models', name);
  cpSync(join(bundledModelsFolder(), bundled), folder, { recursive: true });
  return folder;
}

function changeWeights(folder: string, change: (tensors: Record<string, TensorToWrite>) => void): void {
  const checkpoint = openCheckpoint(folder);
  const floats = checkpoint.names().filter((name) => checkpoint.tensor(name).dtype === 'F32');
  const tensors = floats.map((name): [string, TensorToWrite] => {
    return [name, { dtype: 'F32', shape: checkpoint.tensor(name).shape, data: checkpoint.floats(name) }];
  });
  const changed = Object.fromEntries(tensors);
  change(changed);
  writeSafetensors(join(folder, 'model.safetensors'), changed);
}

const outcomes = (steps: readonly ModelCheckStep[]) => steps.map(({ check, outcome }) => `${check} ${outcome}`);

async function failure(name: string): Promise<ModelCheckStep> {
  const { passed, steps } = await checkModel(home, name);
  expect(passed).toBe(false);
  const failed = steps.filter(({ outcome }) => outcome === 'failed');
  expect(failed).toHaveLength(1);
  const later = steps.slice(steps.indexOf(failed[0]!) + 1);
  expect(later.filter(({ outcome }) => outcome !== 'skipped')).toEqual([]);
  return failed[0]!;
}

test('the bundled models pass', async () => {
  const t5 = await checkModel(home, 'scenes-t5');
  expect(modelCheckSchema.parse(t5)).toEqual(t5);
  expect(t5).toMatchObject({ name: 'scenes-t5', kind: 't5', passed: true });
  expect(t5.steps[0]!.text).toMatch(/^All files are there: .*config\.json, model\.safetensors.*, tokenizer\.json/);
  const first = ['files passed', 'weights passed', 'shapes passed', 'values passed'];
  const last = ['self-test passed', 'published-numbers skipped'];
  expect(outcomes(t5.steps)).toEqual([...first, 'tokenizer passed', ...last]);
  const clip = await checkModel(home, 'scenes-clip');
  expect(outcomes(clip.steps)).toEqual([...first, 'preprocessing passed', ...last]);
});

test("open_clip's layout, ResNet and vision transformer", async () => {
  for (const name of ['clip-resnet-7x7', 'clip-resnet-9x9', 'open-clip-vit', 'open-clip-vit-float16']) {
    expect(await checkModel(home, golden(name).folder), name).toMatchObject({ kind: 'clip', passed: true });
  }
});

test('files that are missing, and files that cannot be read', async () => {
  const folder = copyOf('scenes-t5', 'mine');
  rmSync(join(folder, 'tokenizer.json'));
  expect(await failure('mine')).toMatchObject({
    check: 'files',
    details: [
      expect.stringMatching(/^tokenizer\.json is missing: download it/),
      expect.stringMatching(/^These are there: .*config\.json, model\.safetensors/),
    ],
  });
  writeFileSync(join(folder, 'config.json'), '{"model_type":"bert"}');
  expect(await failure('mine')).toMatchObject({ check: 'files', error: { code: 'unsupported' } });
  await expect(checkModel(home, 'nothing')).rejects.toMatchObject({ code: 'not-found' });
});

test('weights that are cut short, do not fit the configuration, or are not there', async () => {
  const folder = copyOf('scenes-t5', 'mine');
  changeWeights(folder, (tensors) => {
    delete tensors['encoder.final_layer_norm.weight'];
    tensors['decoder.final_layer_norm.weight'] = { dtype: 'F32', shape: [3], data: new Float32Array(3) };
  });
  const { check, details } = await failure('mine');
  expect(check).toBe('shapes');
  expect(details).toEqual([
    expect.stringMatching(/^encoder\.final_layer_norm\.weight \[\d+\] is missing$/),
    expect.stringMatching(/^decoder\.final_layer_norm\.weight is \[3\] where the configuration asks for \[\d+\]$/),
  ]);
  const path = join(folder, 'model.safetensors');
  writeFileSync(path, readFileSync(path).subarray(0, -1));
  expect(await failure('mine')).toMatchObject({ check: 'weights', error: { code: 'bad-file', path } });
});

test.each([Number.NaN, Number.POSITIVE_INFINITY])('a weight that is %d', async (value) => {
  const folder = copyOf('scenes-clip', 'mine');
  changeWeights(folder, (tensors) => {
    (tensors['visual_projection.weight']!.data as Float32Array)[0] = value;
  });
  const { check, details } = await failure('mine');
  expect(check).toBe('values');
  expect(details).toEqual([expect.stringMatching(/^visual_projection\.weight: 1 of \d+$/)]);
});

test('bfloat16 values are looked at too', async () => {
  const folder = golden('t5-bfloat16').folder;
  const { steps } = await checkModel(home, folder);
  expect(steps[0]).toMatchObject({ check: 'files', outcome: 'failed' }); // the golden model has no tokenizer
  cpSync(folder, join(home, 'models', 'half'), { recursive: true });
  cpSync(join(bundledModelsFolder(), 'scenes-t5', 'tokenizer.json'), join(home, 'models', 'half', 'tokenizer.json'));
  const own = (await checkModel(home, 'half')).steps;
  expect(outcomes(own)).toContain('values passed');
  expect(await failure('half')).toMatchObject({ check: 'tokenizer', details: [expect.anything(), expect.anything()] });
});

test("published numbers are compared by the download's note, or else by name", async () => {
  const folder = copyOf('scenes-t5', 't5-small');
  const last = async () => (await checkModel(home, 't5-small')).steps.at(-1)!;
  expect(await last()).toMatchObject({
    outcome: 'failed',
    text: expect.stringMatching(/^Score -57\.\d+; google-t5\/t5-small has -19\.0845 in test_small_integration_test/),
  });
  writeFileSync(join(folder, SOURCE_FILE), '{"repo":"somebody/t5-small-of-my-own"}');
  expect(await last()).toMatchObject({ outcome: 'skipped' });
});

test('logits of a CLIP need the picture they were computed with', async () => {
  copyOf('scenes-clip', 'clip-vit-base-patch32');
  const last = async (options = {}) => (await checkModel(home, 'clip-vit-base-patch32', options)).steps.at(-1)!;
  expect(await last()).toMatchObject({ outcome: 'skipped', text: expect.stringContaining('000000039769.jpg') });
  const picture = join(home, 'grey.png');
  await sharp({ create: { width: 90, height: 70, channels: 3, background: '#808080' } })
    .png()
    .toFile(picture);
  expect(await last({ picture })).toMatchObject({
    outcome: 'failed',
    text: expect.stringMatching(
      /^Logits -?\d+\.\d{4}, -?\d+\.\d{4}; openai\/clip-vit-base-patch32 has 24\.5701, 19\.3049/,
    ),
  });
});
