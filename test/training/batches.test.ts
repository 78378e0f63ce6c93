/** Batches: each example once an epoch, the same order for the same seed, and little padding. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Random } from '../../engine/common/random.ts';
import { type BatchPlan, BatchSequence, epochBatches } from '../../engine/training/batches.ts';

const plans = fc.record({
  seed: fc.integer({ min: 0, max: 1000 }),
  batchSize: fc.integer({ min: 1, max: 9 }),
  lengths: fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 700 }),
});

const random = new Random(5, 'lengths');
const plan: BatchPlan = { seed: 42, batchSize: 8, lengths: Array.from({ length: 1003 }, () => 2 + random.below(38)) };

/** Places of the padded batches that hold no token, as a share of all places. */
function padding(batches: readonly (readonly number[])[], { lengths }: BatchPlan): number {
  let places = 0;
  let tokens = 0;
  for (const batch of batches) {
    places += batch.length * Math.max(...batch.map((i) => lengths[i]!));
    for (const i of batch) tokens += lengths[i]!;
  }
  return 1 - tokens / places;
}

test('every example exactly once an epoch, in full batches but one', () => {
  fc.assert(
    fc.property(plans, fc.integer({ min: 0, max: 50 }), (made, epoch) => {
      const batches = epochBatches(made, epoch);
      expect(batches.length).toBe(new BatchSequence(made).perEpoch);
      expect(batches.flat().sort((a, b) => a - b)).toEqual(made.lengths.map((_, i) => i));
      const smaller = batches.filter((batch) => batch.length !== made.batchSize);
      const rest = made.lengths.length % made.batchSize;
      expect(smaller.map((batch) => batch.length)).toEqual(rest === 0 ? [] : [rest]);
    }),
    { numRuns: 50 },
  );
});

test('the same for the same seed and epoch, different for another of either', () => {
  const first = epochBatches(plan, 3);
  expect(epochBatches({ ...plan }, 3)).toEqual(first);
  expect(epochBatches(plan, 4)).not.toEqual(first);
  expect(epochBatches({ ...plan, seed: 43 }, 3)).not.toEqual(first);
});

describe('bucketing', () => {
  test('batches hold examples of similar length', () => {
    const unsorted = Array.from({ length: plan.lengths.length }, () => 1);
    const shuffled = epochBatches({ ...plan, lengths: unsorted }, 0);
    expect(padding(shuffled, plan)).toBeGreaterThan(0.3);
    expect(padding(epochBatches(plan, 0), plan)).toBeLessThan(0.03);
  });

  test('and still come in no order of length', () => {
    const longest = epochBatches(plan, 0).map((batch) => Math.max(...batch.map((i) => plan.lengths[i]!)));
    const rises = longest.filter((length, i) => i > 0 && length > longest[i - 1]!).length;
    expect(rises / longest.length).toBeGreaterThan(0.3);
    expect(rises / longest.length).toBeLessThan(0.7);
  });

  test('an example meets others in the next epoch', () => {
    const companions = (epoch: number): number[] => epochBatches(plan, epoch).find((batch) => batch.includes(7))!;
    expect(companions(1)).not.toEqual(companions(0));
  });
});

test('the sequence walks epoch after epoch, and can start anywhere', () => {
  const sequence = new BatchSequence(plan);
  expect(sequence.perEpoch).toBe(126);
  const walked = Array.from({ length: 260 }, (_, n) => sequence.at(n));
  expect(walked.map(({ epoch }) => epoch)).toEqual(walked.map((_, n) => Math.floor(n / 126)));
  for (const n of [259, 0, 126, 125]) expect(new BatchSequence(plan).at(n)).toEqual(walked[n]);
  expect(walked.slice(126, 252).map(({ examples }) => examples)).toEqual(epochBatches(plan, 1));
});
