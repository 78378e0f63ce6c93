/** BLEU on captions small enough to count by hand. */
import { expect, test } from 'vitest';
import { bleu } from '../../engine/metrics/bleu.ts';

const item = (hypothesis: string, ...references: string[]) => ({
  hypothesis: hypothesis.split(' ').filter(Boolean),
  references: references.map((reference) => reference.split(' ').filter(Boolean)),
});

test('an n-gram counts at most as often as in the reference that has it most', () => {
  // "the" is in the hypothesis seven times and at most twice in a reference
  const { corpus } = bleu([item('the the the the the the the', 'the cat is on the mat', 'there is a cat on the mat')]);
  expect(corpus[0]).toBeCloseTo(2 / 7, 8);
});

test('the closest reference counts for length, the shorter of two as close', () => {
  const tie = bleu([item('a b c', 'a b', 'a b c d')]); // 2 and 4 are as close to 3: no penalty
  expect(tie.corpus[0]).toBeCloseTo(1, 8);
  const short = bleu([item('a b', 'a b c', 'a b c d e')]);
  expect(short.corpus[0]).toBeCloseTo(Math.exp(1 - 3 / 2), 8);
});

test('the corpus is scored from summed counts, not from the mean of captions', () => {
  const { corpus, perItem } = bleu([item('a b c d', 'a b c d'), item('x y', 'a b')]);
  expect(perItem.map((scores) => scores[0])).toEqual([expect.closeTo(1, 8), expect.closeTo(0, 8)]);
  expect(corpus[0]).toBeCloseTo(4 / 6, 8);
  expect(corpus[1]).toBeCloseTo(Math.sqrt((4 / 6) * (3 / 4)), 8);
});

test('an empty hypothesis scores 0', () => {
  expect(bleu([item('', 'a b')]).corpus).toEqual([0, 0, 0, 0]);
});
