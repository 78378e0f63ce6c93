/** Learning-rate schedules against transformers, and the published log of spec 1.5. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { scheduleFactor } from '../../engine/training/schedule.ts';

const { schedules } = JSON.parse(readFileSync(new URL('../golden/optim.json', import.meta.url), 'utf8')) as {
  schedules: { warmup: number; total: number; factors: Record<string, number> }[];
};

test.each(schedules)('linear: warm-up $warmup of $total', ({ warmup, total, factors }) => {
  for (const [step, factor] of Object.entries(factors)) {
    const own = scheduleFactor({ name: 'linear', warmupSteps: warmup }, Number(step), total);
    expect(own, `step ${step}`).toBeCloseTo(factor, 12);
  }
});

test("the authors' log: 0.2962 at step 1,000 of 40,000 from a peak of 0.3", () => {
  expect(0.3 * scheduleFactor({ name: 'linear', warmupSteps: 500 }, 1000, 40_000)).toBeCloseTo(0.2962, 4);
});

test('constant: the same warm-up, then 1 to the end', () => {
  const factors = [0, 1, 3, 4, 5, 10, 11].map((step) => scheduleFactor({ name: 'constant', warmupSteps: 4 }, step, 10));
  expect(factors).toEqual([0, 0.25, 0.75, 1, 1, 1, 1]);
});
