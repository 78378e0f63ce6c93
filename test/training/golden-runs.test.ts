/** Thirty training steps of DePT and of prompt tuning, with a rate for each group, against the same steps in torch. */
import { expect, test } from 'vitest';
import { scheduleFactor } from '../../engine/training/schedule.ts';
import type { TuningMethod } from '../../engine/tuning/method.ts';
import { relativeDifference } from '../models/reference.ts';
import {
  deptMethod,
  feedsOf,
  modelWith,
  openStep,
  parametersFrom,
  promptTuningMethod,
  tiny,
  torchName,
  training,
  trainingBatches,
} from './tiny.ts';

interface Run {
  readonly name: 'dept' | 'pt';
  readonly method: TuningMethod;
  readonly prompt: string;
}

test.each<Run>([
  { name: 'dept', method: deptMethod(), prompt: 'init.prompt' },
  { name: 'pt', method: promptTuningMethod(), prompt: 'init.pt.prompt' },
])('$name', async ({ name, method, prompt }) => {
  const model = modelWith(method);
  const parameters = parametersFrom(model, (tensor) => (tensor === 'prompt' ? prompt : `init.${tensor}`));
  const step = await openStep(model, parameters);
  const peaks = training.rates;
  expect(peaks.A).toBe(peaks.B);
  for (const [i, expected] of training[name].entries()) {
    const factor = scheduleFactor({ name: 'linear', warmupSteps: training.warmup, timescale: null }, i, training.steps);
    expect(factor).toBeCloseTo(expected.rate_factor, 12);
    const rates = { prompt: factor * peaks.prompt, lowRank: factor * peaks.A, projection: factor * peaks.projection };
    const batch = feedsOf(model, 'caption', trainingBatches[i % trainingBatches.length]!);
    const { loss, gradientNorm } = await step.run([batch], i, rates);
    expect(Math.abs(loss - expected.loss), `loss of step ${i}`).toBeLessThan(1e-4);
    expect(Math.abs(gradientNorm / expected.grad_norm - 1), `norm of step ${i}`).toBeLessThan(1e-3);
  }
  await step.release();
  for (const { spec, values } of parameters) {
    const expected = tiny.expected(`${name}.final.${torchName(spec.name)}`);
    expect(relativeDifference(values, expected), spec.name).toBeLessThan(1e-4);
  }
});
