/** One step: first values and dropout from nothing but seed, name and step; a rate for each group; clipping on and off. */
import { describe, expect, test, vi } from 'vitest';
import { DropoutMasks } from '../../engine/graph/ops/dropout.ts';
import { startParameters } from '../../engine/training/train-step.ts';
import { trainedParameters } from '../../engine/vision-language/clip-t5.ts';
import {
  bits,
  deptMethod,
  feedsOf,
  fresh,
  modelWith,
  openStep,
  promptTuningMethod,
  sizes,
  trainingBatches,
} from './tiny.ts';

const model = modelWith(deptMethod());
const start = (seed = 1) => fresh(startParameters(trainedParameters(model), seed));
const [batch, other] = trainingBatches.map((samples) => feedsOf(model, 'caption', samples));

describe('first values', () => {
  test('are the same for the same seed, others for another one', () => {
    expect(start()).toEqual(start());
    const same = start(2).map(({ spec, values }, i) => [spec.name, String(values) === String(start(1)[i]!.values)]);
    expect(same.filter(([, equal]) => equal).map(([name]) => name)).toEqual([
      'prompt_encoder.lora_embedding_B',
      'visual_projection.norm.weight',
    ]);
  });

  test('depend on the name alone, so that methods start alike', () => {
    const plain = modelWith(promptTuningMethod({ promptLength: sizes.prompt }));
    for (const { spec, values } of startParameters(trainedParameters(plain), 1)) {
      expect(bits(values), spec.name).toEqual(bits(start().find(({ spec: { name } }) => name === spec.name)!.values));
    }
  });

  test('the state of the optimiser starts at zero', () => {
    for (const { spec, state } of start()) {
      expect(Object.values(state).map(({ shape }) => shape)).toEqual([spec.shape, spec.shape]);
      expect(Object.values(state).every(({ values }) => values.every((value) => value === 0))).toBe(true);
    }
  });
});

describe('dropout', () => {
  const lossesWith = async (seed: number) => {
    const step = await openStep(model, start(), { seed, dropoutRate: 0.1 });
    const lossOf = async (batches: NonNullable<typeof batch>[], at: number) => (await step.gradients(batches, at)).loss;
    const losses = {
      first: await lossOf([batch!], 0),
      again: await lossOf([batch!], 0),
      next: await lossOf([batch!], 1),
      twice: await lossOf([batch!, batch!], 0),
    };
    await step.release();
    return losses;
  };

  test('depends on seed, step and part of the step, and on nothing else', async () => {
    const { first, again, next, twice } = await lossesWith(1);
    expect(again).toBe(first);
    expect(Math.abs(next - first)).toBeGreaterThan(1e-3);
    expect(Math.abs(twice - 2 * first)).toBeGreaterThan(1e-3);
    expect(Math.abs((await lossesWith(2)).first - first)).toBeGreaterThan(1e-3);
  });

  test('every site of the graph has a mask of its own', async () => {
    const windows = vi.spyOn(DropoutMasks.prototype, 'window');
    const step = await openStep(model, start(), { seed: 1, dropoutRate: 0.1 });
    await step.gradients([batch!], 0);
    await step.release();
    const begins = windows.mock.results.map(({ value }) => (value as Float32Array).byteOffset);
    windows.mockRestore();
    expect(begins.length).toBeGreaterThan(10);
    expect(new Set(begins).size).toBe(begins.length);
  });
});

test('each group moves at its own rate, and rate 0 holds it still', async () => {
  for (const group of ['prompt', 'lowRank', 'projection'] as const) {
    const parameters = start();
    const step = await openStep(model, parameters);
    const rates = { prompt: 0, lowRank: 0, projection: 0, [group]: 0.01 };
    for (const [i, feeds] of [batch!, other!].entries()) await step.run([feeds], i, rates);
    await step.release();
    parameters.forEach(({ spec, values }, i) => {
      const moved = String(values) !== String(start()[i]!.values);
      expect(moved, `${spec.name} with a rate for ${group} only`).toBe(spec.group === group);
    });
  }
});

test('the norm is that before clipping, and null clips nothing', async () => {
  const after = async (clipNorm: number | null) => {
    const parameters = start();
    const step = await openStep(model, parameters, { clipNorm });
    const rates = { prompt: 0.01, lowRank: 0.01, projection: 0.01 };
    const { gradientNorm } = await step.run([batch!], 0, rates);
    await step.release();
    return { gradientNorm, first: parameters.map(({ state }) => state.first!.values) };
  };
  const whole = await after(null);
  const clipped = await after(whole.gradientNorm / 4);
  expect(clipped.gradientNorm).toBe(whole.gradientNorm);
  const norm = (moments: readonly Float32Array[]) => Math.hypot(...moments.flatMap((values) => [...values]));
  expect(norm(whole.first) / norm(clipped.first)).toBeCloseTo(4, 4);
  expect(norm(whole.first)).toBeCloseTo(0.1 * whole.gradientNorm, 5); // m = (1 - beta1) g after the first step
});
