import { expect, test } from 'vitest';
import { GreedySearch } from '../../engine/decoding/greedy-search.ts';

const EOS = 1;

function searchOf(continuations: readonly (readonly [id: number, logProbability: number])[], maxLength = 9) {
  const search = new GreedySearch(maxLength, EOS);
  for (const [id, logProbability] of continuations) {
    expect(search.done).toBe(false);
    expect(search.best()).toEqual([]);
    search.advance([[{ id, logProbability }]]);
  }
  return search;
}

test('the likeliest id at each step, up to the end id; the score is the sum', () => {
  const steps = [
    [5, -1],
    [6, -0.5],
    [EOS, -0.25],
  ] as const;
  expect(searchOf(steps.slice(0, 2)).running).toEqual([{ ids: [5, 6], logProbability: -1.5, origin: 0 }]);
  const search = searchOf(steps);
  expect(search.done).toBe(true);
  expect(search.best()).toEqual([{ ids: [5, 6, EOS], score: -1.75 }]);
});

test('the end id first', () => {
  expect(searchOf([[EOS, -0.5]]).best()).toEqual([{ ids: [EOS], score: -0.5 }]);
});

test('no end id within the limit', () => {
  const search = searchOf(
    [
      [5, -1],
      [5, -2],
    ],
    2,
  );
  expect(search.done).toBe(true);
  expect(search.best()).toEqual([{ ids: [5, 5], score: -3 }]);
});
