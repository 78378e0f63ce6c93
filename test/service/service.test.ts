/** The calls of the service on a small home: features, training, evaluation, captions, answers, and what they refuse. */
import { existsSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { TrainResult } from '../../engine/contract/calls.ts';
import type { Decoding } from '../../engine/contract/decoding-config.ts';
import type { TrainEvent } from '../../engine/contract/jobs.ts';
import { openDataset } from '../../engine/data/dataset.ts';
import type { ImageItem } from '../../engine/data/items.ts';
import { scoreCaptions } from '../../engine/metrics/captions.ts';
import { readCaptionFiles, readVqaFiles } from '../../engine/metrics/official-files.ts';
import { scoreVqa } from '../../engine/metrics/vqa-accuracy.ts';
import { listRuns } from '../../engine/runs/run-library.ts';
import { openService } from '../../engine/service/service.ts';
import { bundledModelsFolder } from '../../engine/weights/bundled.ts';
import { addModel, modelsFolder } from '../../engine/weights/library.ts';
import { configFor, fillHome, folderForFile, metricsOf } from './small-home.ts';

const home = folderForFile();
const service = openService({ home });
const vision = { model: 'clip', layer: 3, pool: null, resize: 'squash' } as const;
beforeAll(() => fillHome(home));

const refused = (code: string, words: RegExp) =>
  expect.objectContaining({ code, message: expect.stringMatching(words) });

/** The folder of the sample's files. */
function sampleFolder(): string {
  using dataset = openDataset(home, 'small');
  return join(dataset.info.parts[0]!.sources[0]!.path, '..');
}

function firstPicture(): ImageItem {
  using dataset = openDataset(home, 'small');
  return dataset.images('test').next().value!;
}

test('visual features are computed once, and again for a picture whose file has changed', async () => {
  const progress: number[] = [];
  const first = await service.features({ dataset: 'small', vision }, { progress: ({ done }) => progress.push(done) });
  expect(first).toMatchObject({ images: 38, computed: 38, bytes: 38 * 64 * 128 * 2 });
  expect(progress).toEqual([0, 16, 32, 38]);
  expect(await service.features({ dataset: 'small', vision })).toEqual({ ...first, computed: 0 });
  const { path } = firstPicture();
  utimesSync(path, 1, 1);
  expect(await service.features({ dataset: 'small', vision })).toEqual({ ...first, computed: 1 });
  const pooled = await service.features({ dataset: 'small', vision: { ...vision, pool: 2 } });
  expect(pooled).toMatchObject({ computed: 38, bytes: 38 * 4 * 128 * 2 });
  const cropped = await service.features({ dataset: 'small', vision: { ...vision, resize: 'as-published' } });
  expect(cropped).toMatchObject({ computed: 38, bytes: first.bytes });
  expect(new Set([first.folder, pooled.folder, cropped.folder]).size).toBe(3);
});

test('visual features that were computed before a stop stay', async () => {
  const controller = new AbortController();
  const other = { ...vision, layer: 2 } as const;
  const progress = ({ done }: { done: number }): void => {
    if (done === 0) controller.abort();
  };
  const stopped = service.features({ dataset: 'small', vision: other }, { signal: controller.signal, progress });
  await expect(stopped).rejects.toEqual(refused('cancelled', /was stopped/));
  expect(await service.features({ dataset: 'small', vision: other })).toMatchObject({ images: 38, computed: 22 });
});

describe('a VQA run', () => {
  const events: TrainEvent[] = [];
  let run: TrainResult;
  beforeAll(async () => {
    run = await service.train(configFor('vqa'), { event: (event) => events.push(event) });
  });

  test('tells how it goes', () => {
    expect(run).toMatchObject({ status: 'finished', step: 8, best: { metrics: { accuracy: expect.any(Number) } } });
    // 4 x 192 + (24 + 192) x 4 of DePT, 128 x 192 + 2 x 192 of the projection
    expect(run.parameters.trained).toBe(4 * 192 + (24 + 192) * 4 + 128 * 192 + 2 * 192);
    expect(run.parameters.share).toBeCloseTo(run.parameters.trained / (run.parameters.trained + run.parameters.frozen));
    expect(events[0]).toEqual({ type: 'start', run: run.run, folder: run.folder, step: 0, steps: 8 });
    const told = events.slice(1).map(({ type, ...event }) => `${type} ${event.step}`);
    expect(told).toEqual([
      ...['step 1', 'step 2', 'step 3', 'checkpoint 3', 'step 4', 'evaluation 4', 'checkpoint 4', 'step 5', 'step 6'],
      ...['checkpoint 6', 'step 7', 'step 8', 'evaluation 8', 'checkpoint 8'],
    ]);
  });

  test('leaves its folder', () => {
    const [{ record, state, last, best }] = listRuns(home).runs.slice(-1) as [ReturnType<typeof listRuns>['runs'][0]];
    expect({ state, last: last?.step, best: best?.step }).toEqual({ state: 'finished', last: 8, best: run.best!.step });
    expect(Object.keys(record.fingerprints)).toEqual([
      'training data',
      'validation data',
      'vision model',
      'language model',
    ]);
    const lines = metricsOf(run.folder);
    expect(lines.filter(({ metrics }) => metrics !== undefined).map(({ step }) => step)).toEqual([4, 8]);
    expect(lines.filter(({ loss }) => loss !== undefined)).toHaveLength(8);
    const samples = readFileSync(join(run.folder, 'samples.jsonl'), 'utf8').trim().split('\n');
    expect(samples).toHaveLength(12);
    expect(JSON.parse(samples[0]!)).toMatchObject({
      step: 4,
      question: expect.any(String),
      references: { length: 10 },
    });
    const adapter = JSON.parse(readFileSync(join(run.folder, 'checkpoints/8/adapter_config.json'), 'utf8'));
    expect(adapter).toMatchObject({ peft_type: 'PROMPT_TUNING_LORA', num_virtual_tokens: 4, r: 4, max_length: 24 });
  });

  test('is evaluated on a split, with the official result file', async () => {
    const predictions = join(home, 'out', 'answers.json');
    const result = await service.evaluate({ run: run.run, split: 'test', checkpoint: 'last', predictions });
    expect(result).toMatchObject({ dataset: 'small', split: 'test', step: 8, examples: 24, predictions });
    const folder = sampleFolder();
    const items = readVqaFiles({
      questions: join(folder, 'questions_test.json'),
      annotations: join(folder, 'annotations_test.json'),
      predictions,
    });
    const { perItem: _, ...metrics } = scoreVqa(items, 'vl-t5');
    expect(result.metrics).toEqual(metrics);
  });

  test('answers a question about a picture', async () => {
    const image = firstPicture().path;
    const question = 'how many shapes are there?';
    const answered = await service.ask({ run: run.run, checkpoint: 'best', image, question });
    expect(answered).toEqual({ image, question, answer: expect.any(String) });
  });

  test('does not write captions', async () => {
    const request = { run: run.run, checkpoint: 'best', images: ['a.png'] } as const;
    await expect(service.caption(request)).rejects.toEqual(refused('bad-input', /trained for another task/));
  });

  test('has the checkpoints that it has', async () => {
    const request = { run: run.run, split: 'test', checkpoint: 5 };
    await expect(service.evaluate(request)).rejects.toEqual(refused('not-found', /no checkpoint '5'/));
  });
});

describe('a caption run', () => {
  let run: TrainResult;
  beforeAll(async () => {
    const method = { name: 'prompt-tuning', promptLength: 3 };
    run = await service.train(configFor('caption', { method, steps: 4 }));
  });

  test('is evaluated by the images that have captions', async () => {
    const result = await service.evaluate({ run: run.run, split: 'test', checkpoint: 'best' });
    const predictions = join(run.folder, 'evaluations', result.evaluation, 'predictions.json');
    expect(result).toMatchObject({ step: 4, examples: 8, predictions });
    const references = join(sampleFolder(), 'captions_test.json');
    const { items } = readCaptionFiles({ references, predictions: result.predictions! });
    const { perItem: _, ...metrics } = scoreCaptions(items);
    expect(result.metrics).toEqual(metrics);
  });

  test('captions pictures, in their order', async () => {
    using dataset = openDataset(home, 'small');
    const [a, b] = dataset
      .images('test')
      .map(({ path }) => path)
      .take(2)
      .toArray() as [string, string];
    const both = await service.caption({ run: run.run, checkpoint: 'last', images: [b, a, b] });
    expect(both.map(({ image }) => image)).toEqual([b, a, b]);
    const [alone] = await service.caption({ run: run.run, checkpoint: 'last', images: [b] });
    expect([both[0], both[2]]).toEqual([alone, alone]);
  });

  test('generates otherwise where asked to', async () => {
    const caption = async (decoding: Partial<Decoding>): Promise<string> => {
      const request = { run: run.run, checkpoint: 'last', images: [firstPicture().path] } as const;
      const [result] = await service.caption({ ...request, decoding });
      return result!.caption;
    };
    const words = async (decoding: Partial<Decoding>): Promise<string[]> => (await caption(decoding)).split(' ');
    const three = await words({ beams: 1, maxLength: 4, minLength: 4 });
    const longer = await words({ beams: 1, maxLength: 12, minLength: 12 });
    expect(longer.length).toBeGreaterThan(three.length);
    const once = await words({ beams: 1, maxLength: 12, minLength: 12, noRepeatNgram: 1 });
    expect(new Set(longer).size).toBeLessThan(longer.length);
    expect(new Set(once).size).toBe(once.length);
    await expect(caption({ beams: 0 })).rejects.toEqual(refused('bad-config', /evaluation.beams/));
  });
});

describe('refused before there is a run', () => {
  beforeAll(async () => {
    for (const [name, file] of Object.entries({ sampling: { do_sample: true }, lengthy: { min_length: 30 } })) {
      await addModel(home, join(bundledModelsFolder(), 'scenes-t5'), name);
      writeFileSync(join(modelsFolder(home), name, 'generation_config.json'), JSON.stringify(file));
    }
  });

  test.each([
    ['a dataset that is not there', { dataset: { name: 'none' } }, 'not-found', /no dataset "none"/],
    ['a split that is not there', { dataset: { name: 'small', trainSplit: 'extra' } }, 'not-found', /no split "extra"/],
    ['a model that is not there', { language: { model: 'none' } }, 'not-found', /no model 'none'/],
    ['a model in the wrong place', { language: { model: 'clip' } }, 'bad-config', /cannot take this part/],
    ['a layer that is not there', { vision: { model: 'clip', layer: 9 } }, 'bad-config', /no such layer/],
    ['a way of generating that is not there', { language: { model: 'sampling' } }, 'unsupported', /do_sample/],
    ['lengths that contradict', { language: { model: 'lengthy' } }, 'bad-input', /minimum length cannot be 29/],
    ['a grid that is too fine', { vision: { model: 'clip', pool: 9 } }, 'bad-config', /larger grid/],
  ])('%s', async (_, changes, code, words) => {
    const before = listRuns(home).runs.length;
    await expect(service.train(configFor('vqa', changes))).rejects.toEqual(refused(code, words));
    expect(listRuns(home).runs).toHaveLength(before);
  });

  test('a picture that is not there', async () => {
    const [run] = listRuns(home).runs.map(({ id }) => id);
    const request = { run: run!, checkpoint: 'best', image: join(home, 'none.png'), question: 'what?' } as const;
    expect(existsSync(request.image)).toBe(false);
    await expect(service.ask(request)).rejects.toEqual(refused('not-found', /no such image/));
  });
});
