/** ROUGE-L on captions small enough to count by hand. */
import { expect, test } from 'vitest';
import { rougeL } from '../../engine/metrics/rouge-l.ts';

const score = (hypothesis: string[], ...references: string[][]): number => rougeL([{ hypothesis, references }]).corpus;

test('a subsequence may have gaps, and recall counts for more', () => {
  // common: a c d, precision 3/3, recall 3/4
  expect(score(['a', 'c', 'd'], ['a', 'b', 'c', 'd'])).toBeCloseTo((2.44 * 1 * 0.75) / (0.75 + 1.44), 12);
});

test('precision and recall may come from different references', () => {
  expect(score(['a', 'b', 'c', 'd'], ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'], ['a'])).toBe(1);
});

test('nothing in common is 0, also for an empty hypothesis', () => {
  expect(score(['a'], ['b'])).toBe(0);
  expect(score([], ['b'])).toBe(0);
  expect(score(['a'], [])).toBe(0);
});

test('an empty caption is one empty token, so that two are alike', () => {
  expect(score([], [])).toBe(1);
});
