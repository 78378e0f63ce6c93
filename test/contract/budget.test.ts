/** The parameter budget: every row of spec 1.8, 1.10 and 2.8, as the equation counts it and as the methods have it. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Budget, deptCount, solvePromptLength, solveRank } from '../../engine/contract/budget.ts';
import { countValues } from '../../engine/graph/parameter.ts';
import { dept } from '../../engine/tuning/dept.ts';
import type { FrozenModel } from '../../engine/tuning/method.ts';
import { promptTuning } from '../../engine/tuning/prompt-tuning.ts';

/** A model of this width whose words nobody reads: only shapes are asked for. */
const modelOf = (width: number): FrozenModel => ({
  width,
  vocabularySize: 32_128,
  wordEmbedding: () => expect.fail('no value is needed'),
  encode: () => expect.fail('no text is needed'),
});
const prompt = { promptInit: 'text', initText: 'a' } as const;

/** Values that DePT itself declares. */
function declared({ width, textLength }: Budget, promptLength: number, rank: number): number {
  const options = {
    ...prompt,
    promptLength,
    rank,
    maxTextLength: textLength,
    alpha: 8,
    lowRankInit: 'uniform',
  } as const;
  return countValues(dept(options, modelOf(width)).parameters);
}

/** Prompt tuning's length whose budget DePT is held to. */
const FULL = 100;

/** [d, s, m, r, values] */
const published: [number, number, number, number, number][] = [
  [768, 256, 0, 75, 76_800],
  [768, 256, 20, 60, 76_800],
  [768, 256, 40, 45, 76_800], // as published for boolq
  [768, 256, 60, 30, 76_800], // for mrpc, mnli, qnli, qqp, rte, sst2, stsb, cb, wic, wsc.fixed
  [768, 256, 80, 15, 76_800], // for cola
  [768, 512, 60, 24, 76_800], // for nq, hotpotqa, newsqa, searchqa
  [512, 256, 40, 40, 51_200],
  [512, 256, 70, 20, 51_200],
  [1024, 256, 40, 48, 102_400],
  [1024, 256, 60, 32, 102_400],
];

describe.each(published)('d %d, s %d, m %d, r %d', (width, textLength, promptLength, rank, count) => {
  const budget = { width, textLength };

  test(`has ${count} values, exactly those of ${FULL} tokens`, () => {
    expect(deptCount(budget, promptLength, rank)).toBe(count);
    expect(declared(budget, promptLength, rank)).toBe(count);
    const full = promptTuning({ ...prompt, promptLength: FULL }, modelOf(width));
    expect(countValues(full.parameters)).toBe(count);
  });

  test('each of m and r follows from the other', () => {
    expect(solveRank(budget, FULL, promptLength)).toBe(rank);
    expect(solvePromptLength(budget, FULL, rank)).toBe(promptLength);
  });
});

test.each([
  { what: 'MultiRC, over the budget', width: 768, textLength: 348, promptLength: 60, rank: 30, count: 79_560 },
  { what: 'T5-3B, under it', width: 1024, textLength: 256, promptLength: 60, rank: 30, count: 99_840 },
  { what: 'Llama-2-7B', width: 4096, textLength: 256, promptLength: 60, rank: 40, count: 419_840 },
])('$what: $count', ({ width, textLength, promptLength, rank, count }) => {
  expect(deptCount({ width, textLength }, promptLength, rank)).toBe(count);
  expect(declared({ width, textLength }, promptLength, rank)).toBe(count);
});

test.each([
  [20, 77, 76_036],
  [40, 58, 76_424],
  [60, 38, 76_024],
  [80, 19, 76_412],
])('vision and language, s 20: m %d leaves r %d, %d values', (promptLength, rank, count) => {
  const budget = { width: 768, textLength: 20 };
  expect(solveRank(budget, FULL, promptLength)).toBe(rank);
  expect(deptCount(budget, promptLength, rank)).toBe(count);
});

test('solved m and r are the largest within the budget', () => {
  const sizes = fc.record({ width: fc.integer({ min: 1, max: 4096 }), textLength: fc.integer({ min: 1, max: 512 }) });
  const length = fc.integer({ min: 0, max: 200 });
  fc.assert(
    fc.property(sizes, length, length, (budget, fullLength, given) => {
      const values = fullLength * budget.width;
      const rank = solveRank(budget, fullLength, given);
      expect(deptCount(budget, given, rank)).toBeLessThanOrEqual(values);
      expect(deptCount(budget, given, rank + 1)).toBeGreaterThan(values);
      const promptLength = solvePromptLength(budget, fullLength, given);
      expect(deptCount(budget, promptLength, given)).toBeLessThanOrEqual(values);
      expect(deptCount(budget, promptLength + 1, given)).toBeGreaterThan(values);
    }),
  );
});

test('nothing fits a budget that the prompt alone exceeds', () => {
  expect(solveRank({ width: 768, textLength: 256 }, 100, 101)).toBeLessThan(0);
  expect(solvePromptLength({ width: 768, textLength: 256 }, 100, 76)).toBeLessThan(0);
});
