/** Thirty training steps of DePT and of prompt tuning, with a rate for each group, against the same steps in torch. */
import { beforeAll, expect } from 'vitest';
import { scheduleFactor } from '../../engine/training/schedule.ts';
import type { TuningMethod } from '../../engine/tuning/method.ts';
import { compared, pinned } from '../fidelity/compared.ts';
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

const runs: Run[] = [
  { name: 'dept', method: deptMethod(), prompt: 'init.prompt' },
  { name: 'pt', method: promptTuningMethod(), prompt: 'init.pt.prompt' },
];

async function train({ name, method, prompt }: Run) {
  const model = modelWith(method);
  const parameters = parametersFrom(model, (tensor) => (tensor === 'prompt' ? prompt : `init.${tensor}`));
  const step = await openStep(model, parameters);
  const schedule = { name: 'linear', warmupSteps: training.warmup, timescale: null } as const;
  const { A: lowRank, ...peaks } = training.rates;
  const steps = [];
  for (const [i, { rate_factor }] of training[name].entries()) {
    const factor = scheduleFactor(schedule, i, training.steps);
    expect(factor).toBeCloseTo(rate_factor, 12);
    const rates = { prompt: factor * peaks.prompt, lowRank: factor * lowRank, projection: factor * peaks.projection };
    const batch = feedsOf(model, 'caption', trainingBatches[i % trainingBatches.length]!);
    steps.push(await step.run([batch], i, rates));
  }
  await step.release();
  return { name, steps, parameters };
}

const row = { area: 'DePT', against: pinned('torch'), measure: 'relative' } as const;
let trained: Awaited<ReturnType<typeof train>>[];
beforeAll(async () => {
  trained = await Promise.all(runs.map(train));
  expect(training.rates.A).toBe(training.rates.B);
});

compared(
  { ...row, what: '30 steps of DePT and of prompt tuning: losses and trained tensors', allowed: 2e-5 },
  (differences) => {
    for (const { name, steps, parameters } of trained) {
      steps.forEach(({ loss }, i) => {
        differences.values(loss, training[name][i]!.loss, `${name}: loss of step ${i}`);
      });
      for (const { spec, values } of parameters) {
        const expected = tiny.expected(`${name}.final.${torchName(spec.name)}`);
        differences.values(values, expected, `${name}: ${spec.name}`);
      }
    }
  },
);

compared({ ...row, what: '30 steps of DePT and of prompt tuning: gradient norms', allowed: 1e-4 }, (differences) => {
  for (const { name, steps } of trained) {
    steps.forEach(({ gradientNorm }, i) => {
      differences.values(gradientNorm, training[name][i]!.grad_norm, `${name}: norm of step ${i}`);
    });
  }
});
