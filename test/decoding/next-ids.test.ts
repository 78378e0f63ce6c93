import { expect, test } from 'vitest';
import { likeliest, logSoftmax, rankedContinuations } from '../../engine/decoding/next-ids.ts';

const ids = (scores: readonly number[], sum: number, count: number): number[] =>
  likeliest(Float32Array.from(scores), sum, count).map(({ id }) => id);

test('the likeliest first, the lower id where equal', () => {
  expect(ids([-3, -1, -2, -1, -5], 0, 3)).toEqual([1, 3, 2]);
  expect(ids([-1, -1, -1, -1], 0, 2)).toEqual([0, 1]);
  expect(likeliest(Float32Array.of(-3, -1), -7, 1)).toEqual([{ id: 1, logProbability: -1 }]);
});

test('equal is what is equal once the sum of the beam is added, in float32', () => {
  expect(ids([-1 - 2 ** -23, -1], 0, 1)).toEqual([1]);
  expect(ids([-1 - 2 ** -23, -1], -9, 1)).toEqual([0]);
});

test('banned ids come last, the lower first', () => {
  expect(ids([-Infinity, -Infinity, -4], 0, 2)).toEqual([2, 0]);
  expect(ids([-Infinity, -Infinity], -Infinity, 1)).toEqual([0]);
});

test('log-probabilities of logits, of the allowed ones alone', () => {
  const scores = Float32Array.of(1000, -Infinity, 1000);
  logSoftmax(scores);
  expect([...scores]).toEqual([Math.fround(-Math.LN2), -Infinity, Math.fround(-Math.LN2)]);
  const banned = Float32Array.of(-Infinity, -Infinity);
  logSoftmax(banned);
  expect([...banned]).toEqual([-Infinity, -Infinity]);
});

test('scores that are not numbers are refused', () => {
  const diverged = expect.objectContaining({ code: 'runtime-failed', message: "The decoder's scores are not numbers" });
  for (const scores of [Float32Array.of(0, Number.NaN, 1), Float32Array.of(0, Infinity), Float32Array.of(Number.NaN)]) {
    logSoftmax(scores);
    expect(() => likeliest(scores, 0, 1)).toThrow(diverged);
  }
  const candidates = { data: BigInt64Array.of(3n), shape: [1, 1, 1] };
  expect(() => rankedContinuations(candidates, { data: Float32Array.of(Number.NaN), shape: [1, 1, 1] })).toThrow(
    diverged,
  );
});
