/** Learning-rate schedules against transformers, and against the rates that the DePT authors' own runs logged. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type ScheduleOptions, scheduleFactor } from '../../engine/training/schedule.ts';
import { published } from '../adapters/published.ts';
import { compared, pinned } from '../fidelity/compared.ts';
import { golden } from '../models/reference.ts';

interface GoldenSchedule {
  readonly name: ScheduleOptions['name'];
  readonly warmup: number;
  readonly total: number | null;
  readonly timescale: number | null;
  readonly steps: number[];
  readonly factors: number[];
}

const { schedules } = golden<{ schedules: GoldenSchedule[] }>('optim').reference;
const row = { area: 'Schedules', measure: 'absolute', allowed: 1e-12 } as const;

for (const [name, group] of Map.groupBy(schedules, (schedule) => schedule.name)) {
  compared({ ...row, what: `${name} with warm-up and without`, against: pinned('transformers') }, (differences) => {
    for (const { warmup, total, timescale, steps, factors } of group) {
      const options = { name, warmupSteps: warmup, timescale };
      steps.forEach((step, i) => {
        const own = scheduleFactor(options, step, total ?? 60);
        differences.values(own, factors[i]!, `warm-up ${warmup} of ${total}, step ${step}`);
      });
    }
  });
}

const linear = { name: 'linear', warmupSteps: 500, timescale: null } as const;

compared(
  { ...row, what: 'learning rates of two published runs', against: 'DePT f0266a7', skip: !existsSync(published) },
  (differences) => {
    for (const task of ['cola', 'sst2']) {
      const state = JSON.parse(readFileSync(join(published, task, 'trainer_state.json'), 'utf8')) as {
        max_steps: number;
        log_history: { step: number; learning_rate?: number }[];
      };
      for (const { step, learning_rate: rate } of state.log_history) {
        if (rate === undefined) continue;
        differences.values(0.3 * scheduleFactor(linear, step, state.max_steps), rate, `${task}, step ${step}`);
      }
    }
  },
);

test('the rate is 0.2962 at step 1,000 of 40,000 from a peak of 0.3', () => {
  expect(0.3 * scheduleFactor(linear, 1000, 40_000)).toBeCloseTo(0.2962, 4);
});

test('the relative step is at its largest, 0.01, until the root of the step takes over at 10,000', () => {
  const factorAt = (warmupSteps: number, step: number) =>
    scheduleFactor({ name: 'relative-step', warmupSteps, timescale: null }, step, 100_000);
  expect([0, 100, 9999, 39_999].map((step) => factorAt(0, step))).toEqual([0.01, 0.01, 0.01, 0.005]);
  expect([0, 49, 99, 100, 39_999].map((step) => factorAt(100, step))).toEqual([0.0001, 0.005, 0.01, 0.01, 0.005]);
});
