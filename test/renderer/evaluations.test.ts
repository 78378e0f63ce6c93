/** Evaluations in the page: filters in the address and in the engine's terms, metrics and references in words. */
import { expect, test } from 'vitest';
import { evaluationItemsQuerySchema } from '../../engine/contract/evaluations.ts';
import {
  countedTexts,
  exportAddress,
  fewerBins,
  metricsOf,
  scoreText,
  scoreTone,
} from '../../renderer/views/evaluate/evaluation-words.ts';
import {
  filterParams,
  filterQuery,
  isFiltered,
  noFilters,
  readFilters,
} from '../../renderer/views/evaluate/item-filters.ts';

const chosen = {
  sort: 'best',
  answerType: 'yes/no',
  questionType: 'is the',
  text: 'a dog',
  wrong: true,
  scores: { from: 0.25, to: 0.5 },
} as const;

test('filters come back from the address as they were put in; usual ones leave no trace', () => {
  expect(readFilters(filterQuery(chosen))).toEqual(chosen);
  expect(Object.values(filterQuery({ sort: 'worst', ...noFilters })).every((value) => value === '')).toBe(true);
  expect(readFilters({ sort: 'sideways', scores: 'all' })).toEqual({ sort: 'worst', ...noFilters });
  expect(isFiltered({ sort: 'best', ...noFilters })).toBe(false);
  expect(isFiltered(chosen)).toBe(true);
});

test('the engine takes the filters; a bin holds its lower bound, the last one everything above too', () => {
  const params = filterParams(chosen, 10);
  expect(evaluationItemsQuerySchema.parse({ run: 'r', id: 'e', ...params })).toMatchObject({
    sort: 'best',
    answerType: 'yes/no',
    text: 'a dog',
    wrong: true,
    scoreBelow: 0.5,
  });
  expect(params.scoreAbove).toBeLessThan(0.25);
  expect(params.scoreAbove).toBeGreaterThan(0.2499);
  expect(filterParams(chosen, 0.5)).not.toHaveProperty('scoreBelow');
  expect(filterParams({ sort: 'worst', ...noFilters }, 10)).toEqual({ sort: 'worst' });
});

test('metrics of the whole with their notes; groups are left to the tables', () => {
  const metrics = { accuracy: 46.1, perAnswerType: { other: 39.4 } };
  expect(metricsOf({ metrics, notes: { accuracy: 'as in VL-T5' } })).toEqual([
    { name: 'accuracy', label: 'Accuracy', value: 46.1, text: '46.1 %', note: 'as in VL-T5' },
  ]);
});

test('scores by task, references with their counts, addresses of exports', () => {
  expect(scoreText('vqa', 30)).toBe('30 %');
  expect(scoreText('caption', 1.234)).toBe('1.23');
  expect([0, 60, 100].map((score) => scoreTone('vqa', score))).toEqual(['bad', 'warning', 'good']);
  expect(countedTexts(['a', 'b', 'b'])).toEqual([
    { text: 'b', count: 2 },
    { text: 'a', count: 1 },
  ]);
  expect(exportAddress({ run: 'r', id: 'my split-1' }, 'report.html')).toBe('/exports/r/my%20split-1/report.html');
});

test('neighbouring bins are joined until there are few enough; nothing is lost at the end', () => {
  const bins = Array.from({ length: 19 }, (_, bin) => ({ from: bin, to: bin + 1, count: bin }));
  const joined = fewerBins(bins, 10);
  expect(joined).toHaveLength(10);
  expect(joined[1]).toEqual({ from: 2, to: 4, count: 5 });
  expect(joined.at(-1)).toEqual({ from: 18, to: 19, count: 18 });
  expect(fewerBins(bins, 19)).toEqual(bins);
});
