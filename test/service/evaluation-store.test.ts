/** Kept evaluations on disk: replaced whole, listed whatever is broken, dropped by a rewind, refused by wrong names. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { evaluationDetailsSchema, evaluationItemsQuerySchema } from '../../engine/contract/evaluations.ts';
import type { RunFolder } from '../../engine/runs/run-folder.ts';
import { openRun, removeRun } from '../../engine/runs/run-library.ts';
import { evaluationId, keepEvaluation } from '../../engine/service/evaluation-store.ts';
import {
  compareEvaluations,
  evaluationItems,
  listEvaluations,
  officialResult,
  removeEvaluation,
  showEvaluation,
} from '../../engine/service/evaluations.ts';
import { decoding, itemOf, makeRun, manyItems, summaryOf } from './evaluation-samples.ts';
import { folderForFile } from './small-home.ts';

const home = folderForFile();
const refused = (code: string, words: RegExp) =>
  expect.objectContaining({ code, message: expect.stringMatching(words) });
const folderOf = (run: RunFolder): string => join(run.folder, 'evaluations');
const itemsOf = (run: string, id: string) =>
  evaluationItems(home, evaluationItemsQuerySchema.parse({ run, id, sort: 'order' })).items;

describe('an id', () => {
  const plan = { split: 'test', step: 8, decoding };

  test('tells split and step, and is the same for the same settings in any order', () => {
    const turned = Object.fromEntries(Object.entries(decoding).reverse()) as typeof decoding;
    expect(evaluationId(plan)).toMatch(/^test-8-[0-9a-f]{8}$/);
    expect(evaluationId({ ...plan, decoding: turned })).toBe(evaluationId(plan));
  });

  test.each([
    ['split', { split: 'val' }],
    ['step', { step: 9 }],
    ['decoding', { decoding: { ...decoding, beams: 2 } }],
    ['limit', { limit: 100 }],
  ])('is another for another %s', (_, changes) => {
    expect(evaluationId({ ...plan, ...changes })).not.toBe(evaluationId(plan));
  });
});

test('what is kept comes back, with the official result file', () => {
  const run = makeRun(home);
  const summary = summaryOf(run, { limit: 3, metrics: { accuracy: 43.33, perAnswerType: { other: 45 } } });
  const items = [itemOf('12', { answerType: 'other' }), itemOf('007', { score: 100 }), itemOf('a/b', { score: 0 })];
  keepEvaluation(run, summary, items);
  const { id } = summary;
  expect(listEvaluations(home, { run: run.id })).toEqual({ evaluations: [summary], broken: [] });
  expect(itemsOf(run.id, id)).toEqual(items);
  expect(JSON.parse(officialResult(home, { run: run.id, id }))).toEqual([
    { question_id: 12, answer: 'red' },
    { question_id: '007', answer: 'red' },
    { question_id: 'a/b', answer: 'red' },
  ]);
  expect(readdirSync(join(folderOf(run), id)).sort()).toEqual(['evaluation.json', 'items.sqlite', 'predictions.json']);
});

test('the details are those of the items', () => {
  const run = makeRun(home);
  const items = manyItems(300);
  const summary = summaryOf(run, { examples: 300 });
  keepEvaluation(run, summary, items);
  const details = showEvaluation(home, { run: run.id, id: summary.id });
  expect(evaluationDetailsSchema.parse(details)).toEqual(details);
  expect(details).toMatchObject({ ...summary, scoreName: 'accuracy' });
  const typed = items.filter(({ questionType }) => questionType !== undefined);
  expect(details.byQuestionType.reduce((sum, { count }) => sum + count, 0)).toBe(typed.length);
  expect(details.histogram).toHaveLength(20);
  for (const [i, { from, to, count }] of details.histogram.entries()) {
    const isIn = (score: number): boolean => score >= from && (i === 19 ? score <= to : score < to);
    expect(count).toBe(items.filter(({ score }) => isIn(score)).length);
  }
});

test.each([
  [[0, 0], 10, 0.5],
  [[0, 0.31, 0.9], 18, 0.9],
  [[0.2, 2.5, 9.99, 10], 20, 10],
  [[10.000000000000002], 20, 10],
])('bins of captions cover scores such as %j', (scores, bins, end) => {
  const run = makeRun(home, { task: 'caption' });
  const summary = summaryOf(run, { task: 'caption', examples: scores.length });
  const items = scores.map((score, i) => itemOf(String(i), { score, scores: { CIDEr: score } }));
  keepEvaluation(run, summary, items);
  const { histogram, scoreName } = showEvaluation(home, { run: run.id, id: summary.id });
  expect([scoreName, histogram.length, histogram.at(-1)!.to]).toEqual(['CIDEr', bins, end]);
  expect(histogram.reduce((sum, { count }) => sum + count, 0)).toBe(scores.length);
});

describe('the same again', () => {
  test('takes the place of the former, whole', () => {
    const run = makeRun(home);
    const summary = summaryOf(run);
    keepEvaluation(run, summary, [itemOf('1'), itemOf('2')]);
    const newer = { ...summary, created: '2026-11-25T03:00:00.000Z' };
    keepEvaluation(run, newer, [itemOf('3')]);
    expect(listEvaluations(home, { run: run.id }).evaluations).toEqual([newer]);
    expect(itemsOf(run.id, summary.id).map(({ id }) => id)).toEqual(['3']);
    expect(readdirSync(folderOf(run))).toEqual([summary.id]);
  });

  test('leaves the former where it fails half-way', () => {
    const run = makeRun(home);
    const summary = summaryOf(run);
    keepEvaluation(run, summary, [itemOf('1')]);
    const broken = itemOf('2', { score: undefined as unknown as number });
    expect(() => keepEvaluation(run, summary, [broken])).toThrow();
    expect(itemsOf(run.id, summary.id).map(({ id }) => id)).toEqual(['1']);
    expect(readdirSync(folderOf(run))).toEqual([summary.id]);
  });

  test('clears what a killed process left', () => {
    const run = makeRun(home);
    mkdirSync(join(folderOf(run), 'test-8-00000000.999999999.tmp'), { recursive: true });
    mkdirSync(join(folderOf(run), 'test-8-00000000.old.999999999.tmp'));
    expect(listEvaluations(home, { run: run.id })).toEqual({ evaluations: [], broken: [] });
    const summary = summaryOf(run);
    keepEvaluation(run, summary, [itemOf('1')]);
    expect(readdirSync(folderOf(run))).toEqual([summary.id]);
  });
});

test('a run that is gone does not come back by an evaluation', () => {
  const run = makeRun(home);
  keepEvaluation(run, summaryOf(run), [itemOf('1')]);
  removeRun(home, run.id);
  expect(() => keepEvaluation(run, summaryOf(run), [itemOf('1')])).toThrow(refused('not-found', /no such file/));
  expect(existsSync(run.folder)).toBe(false);
});

describe('a list', () => {
  const own = folderForFile();
  const [first, second] = [makeRun(own), makeRun(own)];
  const old = summaryOf(first, { created: '2026-01-01T00:00:00.000Z' });
  const young = summaryOf(first, { split: 'val', created: '2026-03-01T00:00:00.000Z' });
  const other = summaryOf(second, { created: '2026-02-01T00:00:00.000Z' });
  for (const [run, summary] of [
    [first, old],
    [first, young],
    [second, other],
  ] as const) {
    keepEvaluation(run, summary, [itemOf('1')]);
  }

  test('has those of all runs, newest first, or of one', () => {
    expect(listEvaluations(own, {}).evaluations).toEqual([young, other, old]);
    expect(listEvaluations(own, { run: second.id }).evaluations).toEqual([other]);
    expect(() => listEvaluations(own, { run: 'none' })).toThrow(refused('not-found', /no run 'none'/));
  });

  test('tells of what cannot be read', () => {
    const folder = join(folderOf(first), 'test-8-ffffffff');
    mkdirSync(folder);
    writeFileSync(join(folder, 'evaluation.json'), '{"id": 3');
    const { evaluations, broken } = listEvaluations(own, {});
    expect(evaluations).toHaveLength(3);
    expect(broken).toEqual([
      { run: first.id, id: 'test-8-ffffffff', error: expect.objectContaining({ code: 'bad-file' }) },
    ]);
    removeEvaluation(own, { run: first.id, id: 'test-8-ffffffff' });
    expect(listEvaluations(own, {}).broken).toEqual([]);
  });
});

test.each(['../../run.json', '..', '.', 'test-8-0000000', 'evaluations/x'])('no evaluation is called %s', (id) => {
  const run = makeRun(home);
  keepEvaluation(run, summaryOf(run), [itemOf('1')]);
  const ref = { run: run.id, id };
  for (const call of [showEvaluation, officialResult, removeEvaluation]) {
    expect(() => call(home, ref)).toThrow(refused('not-found', /has no evaluation/));
  }
  expect(openRun(home, run.id).record().id).toBe(run.id);
});

test('a missing part is said to be missing', () => {
  const run = makeRun(home);
  const summary = summaryOf(run);
  keepEvaluation(run, summary, [itemOf('1')]);
  const ref = { run: run.id, id: summary.id };
  rmSync(join(folderOf(run), summary.id, 'items.sqlite'));
  rmSync(join(folderOf(run), summary.id, 'predictions.json'));
  expect(() => showEvaluation(home, ref)).toThrow(refused('bad-file', /items of the evaluation/));
  expect(() => officialResult(home, ref)).toThrow(refused('not-found', /no such file/));
});

describe('comparison', () => {
  const [run, other] = [makeRun(home), makeRun(home)];
  const [a, b] = [summaryOf(run), summaryOf(other)];
  keepEvaluation(run, a, [itemOf('1', { score: 0 }), itemOf('2'), itemOf('3')]);
  keepEvaluation(other, b, [itemOf('1', { score: 100, prediction: 'blue' }), itemOf('2'), itemOf('3', { score: 0 })]);
  const page = { limit: 10, offset: 0, show: 'different' } as const;
  const refOf = ({ run: id }: { run: string }) => ({ run: id, id: a.id });

  test('of two runs on one split', () => {
    const result = compareEvaluations(home, { a: refOf(a), b: refOf(b), ...page });
    expect(result).toMatchObject({ shared: 3, aHigher: 1, bHigher: 1, meanA: 20, total: 2 });
    expect(result.items.map(({ id, a: own, b: theirs }) => [id, own.score, theirs.score])).toEqual([
      ['1', 0, 100],
      ['3', 30, 0],
    ]);
  });

  test('of an evaluation with itself', () => {
    const result = compareEvaluations(home, { a: refOf(a), b: refOf(a), ...page });
    expect(result).toMatchObject({ shared: 3, total: 0, items: [] });
  });

  test('is refused across splits, and where the other one is damaged', () => {
    const val = summaryOf(other, { split: 'val' });
    keepEvaluation(other, val, [itemOf('1')]);
    const query = { a: refOf(a), b: { run: other.id, id: val.id }, ...page };
    expect(() => compareEvaluations(home, query)).toThrow(refused('bad-input', /not of the same examples/));
    writeFileSync(join(folderOf(other), b.id, 'items.sqlite'), 'damaged');
    const damaged = { a: refOf(a), b: refOf(b), ...page };
    expect(() => compareEvaluations(home, damaged)).toThrow(refused('bad-file', /items of the evaluation/));
  });
});

test('going back to a step drops the evaluations of later ones, and no others', () => {
  const run = makeRun(home);
  for (const step of [4, 8, 12]) {
    run.checkpoints.write(step, (folder) => writeFileSync(join(folder, 'x'), ''));
    keepEvaluation(run, summaryOf(run, { step, split: 'val-2' }), [itemOf('1')]);
  }
  run.prepareResume(8);
  const steps = (): number[] => listEvaluations(home, { run: run.id }).evaluations.map(({ step }) => step);
  expect(steps().sort((a, b) => a - b)).toEqual([4, 8]);
  run.checkpoints.prune([8]);
  expect(run.checkpoints.steps()).toEqual([8]);
  expect(steps()).toHaveLength(2);
});

test('a folder that has another name now is what its evaluations say', () => {
  const run = makeRun(home);
  const summary = summaryOf(run);
  keepEvaluation(run, summary, [itemOf('1')]);
  const path = join(folderOf(run), summary.id, 'evaluation.json');
  writeFileSync(path, readFileSync(path, 'utf8').replace(run.id, 'renamed-since'));
  expect(listEvaluations(home, { run: run.id }).evaluations).toEqual([summary]);
});
