/** Items of an evaluation: sorted, filtered and paged as a plain computation over all of them does it. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { EvaluationItem } from '../../engine/contract/evaluations.ts';
import { EvaluationItemsFile, type ItemsQuery, writeItems } from '../../engine/service/evaluation-items.ts';
import { itemOf, manyItems } from './evaluation-samples.ts';
import { folderForFile } from './small-home.ts';

const folder = folderForFile();
const all = manyItems(2000);
const path = join(folder, 'items.sqlite');
beforeAll(() => writeItems(path, all));

const folded = (text: string): string => text.replaceAll(/\s+/g, ' ').toLowerCase();

/** What a page should hold, without any index. */
function expected(items: readonly EvaluationItem[], query: ItemsQuery): { total: number; items: EvaluationItem[] } {
  const { answerType, questionType, text = '', scoreBelow, scoreAbove, wrong, sort, limit, offset } = query;
  const passing = items.filter(
    (item) =>
      (answerType === undefined || item.answerType === answerType) &&
      (questionType === undefined || item.questionType === questionType) &&
      (scoreBelow === undefined || item.score < scoreBelow) &&
      (scoreAbove === undefined || item.score > scoreAbove) &&
      (wrong === undefined || (item.score === 0) === wrong) &&
      (text.trim() === '' ||
        [item.question ?? '', item.prediction, ...item.references].some((one) => folded(one).includes(folded(text)))),
  );
  const direction = { worst: 1, best: -1, order: 0 }[sort];
  const sorted = passing.toSorted((a, b) => direction * (a.score - b.score)); // stable
  return { total: sorted.length, items: sorted.slice(offset, offset + limit) };
}

const page = { sort: 'worst', limit: 50, offset: 0 } as const;

test.each<[string, Partial<ItemsQuery>]>([
  ['the worst', {}],
  ['the best', { sort: 'best' }],
  ['the order of the split', { sort: 'order' }],
  ['a page further on', { offset: 730 }],
  ['the best, a page further on', { sort: 'best', offset: 1010, limit: 7 }],
  ['the last page, which is not full', { sort: 'best', offset: 1990 }],
  ['past the end', { offset: 2000 }],
  ['an answer type', { answerType: 'number', sort: 'best' }],
  ['a question type', { questionType: 'what', sort: 'order' }],
  ['both', { questionType: 'is', answerType: 'yes/no' }],
  ['a type that is not there', { answerType: 'colour' }],
  ['wrong ones', { wrong: true }],
  ['right ones, more or less', { wrong: false }],
  ['a range of scores', { scoreAbove: 30, scoreBelow: 100, sort: 'best' }],
  ['words in any case', { text: 'red' }],
  ['letters beyond ASCII in any case', { text: 'ärger' }],
  ['letters whose small form is longer', { text: 'İST' }],
  ['a part of a word', { text: 'traß' }],
  ['another script', { text: '日' }],
  ['several blanks', { text: 'two words' }],
  ['blanks alone', { text: '   ' }],
  ['a percent sign as itself', { text: '%' }],
  ['an underscore as itself', { text: 'a_b' }],
  ['a quote', { text: "it's" }],
  ['a text that is not there', { text: 'green' }],
  [
    'all at once',
    { text: 'blue', answerType: 'other', questionType: 'what', scoreBelow: 95, wrong: false, sort: 'best' },
  ],
])('a page of %s', (_, changes) => {
  using items = new EvaluationItemsFile(path);
  const query = { ...page, ...changes };
  expect(items.page(query)).toEqual(expected(all, query));
});

test('each search is its own, on one open file', () => {
  using items = new EvaluationItemsFile(path);
  for (const text of ['red', 'green', 'blue']) {
    const query = { ...page, text };
    expect(items.page(query)).toEqual(expected(all, query));
  }
});

test('no match reaches from one text into the next', () => {
  const own = join(folder, 'texts.sqlite');
  writeItems(own, [itemOf('1', { question: 'one two', prediction: 'three', references: ['four', 'five\nsix'] })]);
  using items = new EvaluationItemsFile(own);
  const found = (text: string): number => items.page({ ...page, text }).total;
  expect(['two three', 'two\nthree', 'three four', 'four five'].map(found)).toEqual([0, 0, 0, 0]);
  expect(['one two', 'five six', 'FIVE\n SIX'].map(found)).toEqual([1, 1, 1]);
});

test('an item of a caption has all its metrics, whatever they are called', () => {
  const own = join(folder, 'captions.sqlite');
  const scores = { CIDEr: 1.25, 'BLEU-4': 0.1 + 0.2, 'METEOR (no paraphrases)': 0.2, 'odd "name"': 0 };
  const { question: _, ...item } = itemOf('7', { score: 1.25, scores, references: ['a red circle'] });
  writeItems(own, [item]);
  using items = new EvaluationItemsFile(own);
  expect(items.page(page).items).toEqual([item]);
});

test('groups have their counts and the mean of their scores', () => {
  using items = new EvaluationItemsFile(path);
  const groups = Map.groupBy(
    all.filter(({ answerType }) => answerType !== undefined),
    ({ answerType }) => answerType!,
  );
  const means = [...groups].map(([group, members]) => ({
    group,
    count: members.length,
    score: members.reduce((sum, { score }) => sum + score, 0) / members.length,
  }));
  const found = items.groups('answer_type');
  expect(found.map(({ count }) => count)).toEqual(means.map(({ count }) => count).toSorted((a, b) => b - a));
  for (const { group, count, score } of means) {
    expect(found).toContainEqual({ group, count, score: expect.closeTo(score, 9) });
  }
});

test('50,000 items page by page are all of them, each once, in order', { timeout: 120_000 }, () => {
  const scores = [0, 30, 60, 90, 100];
  const many = Array.from({ length: 50_000 }, (_, i) => itemOf(String(i), { score: scores[(i * i) % 5]! }));
  const own = join(folder, 'many.sqlite');
  writeItems(own, many);
  using items = new EvaluationItemsFile(own);
  const seen: EvaluationItem[] = [];
  for (let offset = 0; offset < many.length; offset += 500) {
    const { total, items: some } = items.page({ ...page, sort: 'best', limit: 500, offset });
    expect(total).toBe(many.length);
    seen.push(...some);
  }
  const sorted = many.toSorted((a, b) => b.score - a.score);
  expect(seen.map(({ id }) => id).join(' ')).toBe(sorted.map(({ id }) => id).join(' '));
});

describe('comparison', () => {
  const other = join(folder, 'other.sqlite');
  const theirs = manyItems(2000, 3).slice(100).concat(itemOf('x'));
  beforeAll(() => writeItems(other, theirs));
  const byId = new Map(theirs.map((item) => [item.id, item]));
  const both = all.flatMap((a) => (byId.has(a.id) ? [{ a, b: byId.get(a.id)! }] : []));
  const mean = (scores: readonly number[]): number => scores.reduce((sum, score) => sum + score, 0) / scores.length;

  test.each([
    ['different', (a: number, b: number) => a !== b],
    ['a-higher', (a: number, b: number) => a > b],
    ['b-higher', (a: number, b: number) => a < b],
  ] as const)('shows where they are %s, by ids that both have', (show, isShown) => {
    using items = new EvaluationItemsFile(path);
    using others = new EvaluationItemsFile(other);
    const result = items.compare(others, { show, limit: 500, offset: 20 });
    const shown = both.filter(({ a, b }) => isShown(a.score, b.score));
    expect(result).toMatchObject({
      shared: 1900,
      aHigher: both.filter(({ a, b }) => a.score > b.score).length,
      bHigher: both.filter(({ a, b }) => a.score < b.score).length,
      meanA: expect.closeTo(mean(both.map(({ a }) => a.score)), 9),
      meanB: expect.closeTo(mean(both.map(({ b }) => b.score)), 9),
      total: shown.length,
    });
    const sorted = shown.toSorted((x, y) => Math.abs(y.a.score - y.b.score) - Math.abs(x.a.score - x.b.score));
    const sides = sorted.slice(20, 520).map(({ a, b }) => {
      const { prediction, score, ...item } = a;
      return { ...item, a: { prediction, score }, b: { prediction: b.prediction, score: b.score } };
    });
    expect(result.items).toEqual(sides);
  });

  test('nothing in common is no error', () => {
    const own = join(folder, 'apart.sqlite');
    writeItems(own, [itemOf('y')]);
    using items = new EvaluationItemsFile(own);
    using others = new EvaluationItemsFile(other);
    const nothing = { shared: 0, aHigher: 0, bHigher: 0, meanA: 0, meanB: 0, total: 0, items: [] };
    expect(items.compare(others, { show: 'different', limit: 5, offset: 0 })).toEqual(nothing);
  });
});

test.each([
  ['there is none', undefined],
  ['it is another file', 'no database'],
])('it says so where %s', (_, content) => {
  const own = join(folder, content === undefined ? 'none.sqlite' : 'wrong.sqlite');
  if (content !== undefined) writeFileSync(own, content);
  expect(() => new EvaluationItemsFile(own)).toThrow(expect.objectContaining({ code: 'bad-file' }));
});

describe('with any one of its pages damaged, it says so where it reads that, naming the file and the way out', () => {
  const PAGE = 4096;
  const own = join(folder, 'damaged.sqlite');
  const said = {
    code: 'bad-file',
    details: { path: own, remedy: expect.stringContaining('make it again') },
  };
  const compared = { show: 'different', limit: 5, offset: 0 } as const;

  test.each<[string, (items: EvaluationItemsFile) => unknown]>([
    ['a page', (items) => items.page(page)],
    ['a search', (items) => items.page({ ...page, text: 'red' })],
    ['groups', (items) => items.groups('answer_type')],
    ['the highest score', (items) => items.highest()],
    ['a count', (items) => items.count(0, 101)],
    ['a comparison', (items) => items.compare(new EvaluationItemsFile(path), compared)],
    ['a comparison of another with it', (items) => new EvaluationItemsFile(path).compare(items, compared)],
  ])('asked for %s', (_, ask) => {
    writeItems(own, manyItems(300));
    const bytes = readFileSync(own);
    const answer = (): unknown => {
      using items = new EvaluationItemsFile(own);
      return ask(items);
    };
    const right = answer();
    let refused = 0;
    for (let start = PAGE; start < bytes.byteLength; start += PAGE) {
      writeFileSync(own, Buffer.from(bytes).fill(0xa5, start, start + PAGE));
      try {
        expect(answer()).toEqual(right);
      } catch (error) {
        expect(error).toMatchObject(said);
        refused += 1;
      }
    }
    expect(refused).toBeGreaterThan(0);
    rmSync(own);
  });
});
