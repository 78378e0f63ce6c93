/** The estimate of a run: what can be counted is exact; what is measured is of the right order. */
import { beforeAll, describe, expect, test } from 'vitest';
import { type Estimate, estimateSchema } from '../../engine/contract/estimate.ts';
import { estimateRun } from '../../engine/service/estimate.ts';
import { openService } from '../../engine/service/service.ts';
import { dept } from '../cli/fake-host.ts';
import { configFor, fillHome, folderForFile } from './small-home.ts';

const home = folderForFile();
beforeAll(() => fillHome(home));

const estimate = async (task: 'vqa' | 'caption', changes: object = {}): Promise<Estimate> =>
  estimateSchema.parse(JSON.parse(JSON.stringify(await estimateRun(home, configFor(task, changes)))));

describe('what can be counted', () => {
  test('values, budget, examples, evaluations, pictures', async () => {
    const vqa = await estimate('vqa', { steps: 20, accumulation: 3 });
    expect(vqa.parameters.trained).toBe(4 * 192 + (24 + 192) * 4 + 128 * 192 + 2 * 192);
    const used = 4 * 192 + (24 + 192) * 4;
    expect(vqa.budget).toEqual({ width: 192, textLength: 24, used, full: 19_200, equivalentLength: used / 192 });
    // pictures: 24 to train on, and the 2 that the first 6 questions of validation are about
    expect(vqa).toMatchObject({ examples: 72, evaluations: 5, epochs: 60 / 18, missingFeatures: 26, warnings: [] });
    const caption = await estimate('caption', { method: { name: 'prompt-tuning', promptLength: 7 } });
    expect(caption.budget).toMatchObject({ used: 7 * 192, equivalentLength: 7 });
    expect(caption.examples).toBe(48);
    expect(caption.lengths.text).toBe(3);
  });

  test('the work of a step grows with batch and accumulation', async () => {
    const flops = async (changes: object): Promise<number> => (await estimate('vqa', changes)).flopsPerStep;
    const one = await flops({ batchSize: 4 });
    expect(await flops({ batchSize: 4, accumulation: 3 })).toBe(3 * one);
    const larger = await flops({ batchSize: 8 });
    expect(larger / one).toBeGreaterThan(1.8);
    expect(larger / one).toBeLessThan(2.2);
  });

  test('more dropout needs more memory, sums are sums', async () => {
    const [none, some] = [await estimate('vqa', { dropout: 0 }), await estimate('vqa', { dropout: 0.1 })];
    expect(some.memory.activations).toBeGreaterThan(none.memory.activations);
    const { total, ...parts } = none.memory;
    expect(Object.values(parts).reduce((sum, part) => sum + part, 0)).toBeCloseTo(total);
    expect(none.totalSeconds).toBeCloseTo(8 * none.secondsPerStep + none.evaluationSeconds);
  });
});

test('time and memory are of the order of those of a run', async () => {
  const config = configFor('vqa', { steps: 30, batchSize: 16, evaluation: { every: 30, limit: 6 } });
  const before = await estimateRun(home, config);
  const { folder } = await openService({ home }).train(config);
  const { metricsOf } = await import('./small-home.ts');
  const lines = metricsOf(folder) as unknown as { samplesPerSecond?: number; memory?: number }[];
  const times = lines.flatMap(({ samplesPerSecond }) => (samplesPerSecond ? 16 / samplesPerSecond : []));
  const median = times.sort((a, b) => a - b)[15]!;
  const ratio = before.secondsPerStep / median;
  // other tests run beside this one
  expect(ratio).toBeGreaterThan(0.1);
  expect(ratio).toBeLessThan(10);
  expect(before.memory.total).toBeLessThan(2 * Math.max(...lines.map(({ memory = 0 }) => memory)));
  expect((await estimateRun(home, config)).missingFeatures).toBe(0);
});

describe('warnings', () => {
  const about = async (changes: object): Promise<string[]> =>
    (await estimate('vqa', changes)).warnings.map(({ message }) => message);

  test.each([
    [{ batchSize: 100 }, /^A batch has 100 examples, and the split only 72$/],
    [{ batchSize: 5000, dataset: { name: 'small', trainLimit: 3 } }, /^A batch has 5000 examples/],
    [{ dataset: { name: 'small', validationSplit: 'train' } }, /^It is tested on the examples it learns from/],
    [{ maxTextLength: 5 }, /% of the texts are longer than 5 tokens and are cut$/],
    [{ targetLength: 1 }, /^100 % of the targets are longer than 1 tokens/],
    [{ evaluation: { every: 100 } }, /^The only evaluation is at the end$/],
    [{ steps: 3, schedule: { warmupSteps: 0 }, evaluation: { every: 1 }, batchSize: 1 }, /^Evaluations take longer/],
  ])('%j', async (changes, warning) => {
    expect(await about(changes)).toContainEqual(expect.stringMatching(warning));
  });
});

test('a dataset that is not there is an error', async () => {
  const asked = estimateRun(home, configFor('vqa', { dataset: { name: 'none' } }));
  await expect(asked).rejects.toEqual(expect.objectContaining({ code: 'not-found' }));
  await expect(estimateRun(home, { task: 'vqa' })).rejects.toEqual(expect.objectContaining({ code: 'bad-config' }));
});

test('dept train --dry-run tells it, and trains nothing', async () => {
  const args = ['train', '--dry-run', '--task', 'vqa', '--dataset', 'small', '--vision', 'clip', '--language', 't5'];
  args.push('--set', 'steps=800');
  const text = await dept(args, { home });
  expect(text.exitCode).toBe(0);
  expect(text.stdout).toMatch(/^a step +[\d.]+ s \([\d.,]+ GFLOP, at [\d.,]+ GFLOP\/s\)$/m);
  expect(text.stdout).toMatch(
    /^command +dept train --task vqa --dataset small --vision clip --language t5 --set steps=800$/m,
  );
  expect(text.stdout).toContain('warning: The only evaluation is at the end');
  const json = JSON.parse((await dept([...args, '--json'], { home })).stdout);
  expect(estimateSchema.parse(json).examples).toBe(72);
});
