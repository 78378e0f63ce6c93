/** A run that was stopped and continued ends in the bits of one that never stopped. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readCheckpointFiles, writeCheckpointFiles } from '../../engine/training/checkpoint-files.ts';
import { createOptimiser, type OptimiserOptions } from '../../engine/training/optimisers/optimisers.ts';
import type { TrainedParameter } from '../../engine/training/train-step.ts';
import { trainedParameters } from '../../engine/vision-language/clip-t5.ts';
import { bits } from './tiny.ts';
import { firstParameters, model, type RunOptions, runTiny } from './tiny-run.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'dept-resume-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const run: RunOptions = { plan: { accumulation: 2 }, dropoutRate: 0.1, scores: [0.2, 0.6, 0.4] };
const allBits = (parameters: readonly TrainedParameter[]) =>
  parameters.map(({ spec, values, state }) => [
    spec.name,
    bits(values),
    ...Object.entries(state).map(([part, tensor]) => [part, bits(tensor.values)]),
  ]);

const betas = [0.9, 0.999] as const;
const adafactor = { name: 'adafactor', epsilons: [1e-30, 1e-3], clipThreshold: 1, decayRate: -0.8 } as const;
const [linear, relativeStep] = (['linear', 'relative-step'] as const).map((name) => ({
  schedule: { name, warmupSteps: 2, timescale: null },
}));
const rates = { prompt: 1, lowRank: 1, projection: 1 };

test.each<{ name: string; options: OptimiserOptions; plan?: RunOptions['plan'] }>([
  {
    name: 'AdamW',
    options: { name: 'adamw', betas, epsilon: 1e-6, weightDecay: 0.01, epsilonPlacement: 'uncorrected' },
  },
  { name: 'Adam', options: { name: 'adam', betas, epsilon: 1e-8, weightDecay: 0.01 } },
  {
    name: 'Adafactor',
    options: { ...adafactor, beta1: null, weightDecay: 1e-5, scaleParameter: false },
  },
  {
    name: 'Adafactor with relative step and first moment',
    options: { ...adafactor, beta1: 0.9, weightDecay: 0, scaleParameter: true },
    plan: { ...relativeStep, rates },
  },
  { name: 'SGD with momentum', options: { name: 'sgd', momentum: 0.9, nesterov: true, weightDecay: 0.01 } },
  { name: 'SGD', options: { name: 'sgd', momentum: 0, nesterov: false, weightDecay: 0 } },
])('12 steps with dropout equal 5 steps, a checkpoint on disk, and 7 more in a new session: $name', async (given) => {
  const options = { ...run, plan: { ...run.plan, ...linear, ...given.plan } };
  const whole = await runTiny({ ...options, optimiser: createOptimiser(given.options) });

  const early = await runTiny({
    ...options,
    optimiser: createOptimiser(given.options),
    stopAfter: 5,
    onSave: (parameters, state) => writeCheckpointFiles(folder, parameters, state, {}),
  });
  expect(early.end).toBe('stopped');
  const optimiser = createOptimiser(given.options);
  const { parameters, state } = readCheckpointFiles(folder, trainedParameters(model), optimiser);
  expect(state).toEqual(early.state);
  const late = await runTiny({ ...options, optimiser, start: state, parameters, scores: [0.6, 0.4] });

  expect(allBits(late.parameters)).toEqual(allBits(whole.parameters));
  expect(late.state).toEqual(whole.state);
  const losses = (part: typeof whole) => part.diary.reports.map(({ step, loss }) => ({ step, loss }));
  expect([...losses(early), ...losses(late)]).toEqual(losses(whole));
});

test('a seed fixes everything, and another one changes first values, batches and dropout', async () => {
  const two = { ...run, plan: { ...run.plan, steps: 2 } };
  const [once, again] = [await runTiny(two), await runTiny(two)];
  expect(allBits(again.parameters)).toEqual(allBits(once.parameters));

  const firstLoss = async (options: RunOptions) => (await runTiny(options)).diary.reports[0]!.loss;
  const loss = once.diary.reports[0]!.loss;
  expect(await firstLoss({ ...two, parameters: firstParameters(4) })).not.toBe(loss);
  expect(await firstLoss({ ...two, dropoutRate: 0 })).not.toBe(loss);
  const otherSeed = await runTiny({ ...two, plan: { ...two.plan, seed: 4 } });
  expect(otherSeed.diary.batches).not.toEqual(once.diary.batches);
});
