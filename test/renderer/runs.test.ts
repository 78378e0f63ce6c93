/** The list of runs: what a filter keeps, and how a run stands by its folder and its job. */
import { describe, expect, test } from 'vitest';
import type { JobRecord } from '../../engine/contract/job-records.ts';
import type { RunSeries, RunSummary } from '../../engine/contract/runs.ts';
import { changesOf, markOf, storiesOf } from '../../renderer/views/runs/predictions.ts';
import { filterRuns } from '../../renderer/views/runs/run-filter.ts';
import { lossText, metricOnAxis } from '../../renderer/views/runs/run-names.ts';
import { canResume, jobOfRun, shownState } from '../../renderer/views/runs/run-standing.ts';
import { columnCurves, metricCurves, rateCurves, withAnswer } from '../../renderer/views/runs/series-data.ts';

const run = (id: string, rest: Partial<RunSummary> = {}): RunSummary => ({
  id,
  created: '2026-11-24T03:00:00.000Z',
  state: 'finished',
  step: 10,
  ...rest,
});
const job = (rest: Partial<JobRecord> = {}): JobRecord => ({
  id: 'j',
  call: 'train',
  title: 'Train',
  state: 'running',
  stopping: false,
  created: '2026-11-24T03:00:00.000Z',
  run: 'a',
  ...rest,
});

describe('filter', () => {
  const runs = [
    run('a', { task: 'vqa', dataset: 'scenes', method: 'dept', note: 'Higher rate' }),
    run('b', { task: 'caption', dataset: 'scenes', method: 'prompt-tuning', state: 'interrupted' }),
    run('c', { state: 'stopped' }),
  ];
  const ids = (filter: Partial<Parameters<typeof filterRuns>[1]>) =>
    filterRuns(runs, { text: '', task: '', state: '', ...filter }).map(({ id }) => id);

  test('all words must occur, in any part and in any case', () => {
    expect(ids({ text: 'SCENES rate' })).toEqual(['a']);
    expect(ids({ text: 'prompt tuning' })).toEqual(['b']);
    expect(ids({ text: '  ' })).toEqual(['a', 'b', 'c']);
    expect(ids({ text: 'scenes nowhere' })).toEqual([]);
  });

  test('by task and by group of states', () => {
    expect(ids({ task: 'caption' })).toEqual(['b']);
    expect(ids({ state: 'open' })).toEqual(['b', 'c']);
    expect(ids({ task: 'vqa', state: 'open' })).toEqual([]);
    expect(ids({ state: 'no such group' })).toEqual(['a', 'b', 'c']);
  });
});

describe('standing', () => {
  test('a job at work decides, one that is over does not', () => {
    expect(shownState(run('a', { state: 'running' }), job({ state: 'paused' }))).toBe('paused');
    expect(shownState(run('a', { state: 'running' }), job({ stopping: true }))).toBe('stopping');
    expect(shownState(run('a', { state: 'stopped' }), job({ state: 'queued' }))).toBe('queued');
    expect(shownState(run('a', { state: 'created' }), job())).toBe('running');
    expect(shownState(run('a', { state: 'stopped' }), job({ state: 'done' }))).toBe('stopped');
    expect(shownState(run('a', { state: 'created' }), undefined)).toBe('queued');
  });

  test('only what ended early, and is not at work again, can go on', () => {
    expect(canResume(run('a', { state: 'interrupted' }), undefined)).toBe(true);
    expect(canResume(run('a', { state: 'stopped' }), job({ call: 'resume', state: 'queued' }))).toBe(false);
    expect(canResume(run('a', { state: 'finished' }), undefined)).toBe(false);
  });

  test('the newest job that trains the run is its job', () => {
    const jobs = [job({ id: '3', call: 'evaluate' }), job({ id: '2', call: 'resume' }), job({ id: '1' })];
    expect(jobOfRun(jobs, 'a')?.id).toBe('2');
    expect(jobOfRun(jobs, 'b')).toBeUndefined();
  });
});

describe('series', () => {
  const piece = (cursor: string, steps: number[], rest: Partial<RunSeries> = {}): RunSeries => ({
    cursor,
    reset: false,
    total: steps.length,
    step: steps,
    seconds: steps.map((step) => (step === 2 ? null : step / 10)),
    loss: steps.map((step) => 1 / step),
    rates: { prompt: steps },
    evaluations: [],
    ...rest,
  });

  test('what comes later stands behind what was had, unless it is all there is', () => {
    const first = withAnswer(undefined, piece('a', [1, 2], { reset: true }));
    const both = withAnswer(first, piece('b', [3]));
    expect(both).toMatchObject({ cursor: 'b', step: [1, 2, 3], rates: { prompt: [1, 2, 3] } });
    expect(both.memory).toBeUndefined();
    expect(withAnswer(both, piece('c', []))).toEqual({ ...both, cursor: 'c' });
    expect(withAnswer(both, piece('d', [1], { reset: true })).step).toEqual([1]);
  });

  test('an evaluation alone leaves the curves as they are', () => {
    const had = piece('a', [1, 2]);
    const evaluation = { step: 2, seconds: 0.2, metrics: { accuracy: 50 }, best: true };
    const next = withAnswer(had, piece('b', [], { rates: {}, evaluations: [evaluation] }));
    expect(next).toMatchObject({ rates: { prompt: [1, 2] }, evaluations: [evaluation] });
    expect(metricCurves(next, 'time', () => true)).toMatchObject([{ label: 'Accuracy', x: [0.2], y: [50] }]);
    expect(metricCurves(next, 'step', (name) => name !== 'accuracy')).toEqual([]);
  });

  test('groups of rates that come with the first step are drawn from there on', () => {
    const none = piece('a', [], { rates: {} });
    expect(withAnswer(none, piece('b', [1, 2])).rates).toEqual({ prompt: [1, 2] });
    expect(withAnswer(piece('a', [1, 2], { rates: {} }), piece('b', [3])).rates).toEqual({ prompt: [null, null, 3] });
  });

  test('over time only rows whose time is known are drawn', () => {
    const series = piece('a', [1, 2, 4]);
    expect(columnCurves('Loss', series, 'loss', 'time')).toEqual([{ label: 'Loss', x: [0.1, 0.4], y: [1, 0.25] }]);
    expect(columnCurves('Loss', series, 'loss', 'step')[0]!.x).toEqual([1, 2, 4]);
    expect(columnCurves('Memory', series, 'memory', 'step')).toEqual([]);
    expect(rateCurves(series, 'step')).toMatchObject([{ label: 'Soft prompt', smoothed: false }]);
  });

  test('rates that are the same throughout are one curve', () => {
    const series = piece('a', [1, 2], { rates: { prompt: [3, 4], lowRank: [1, 2], projection: [1, 2] } });
    expect(rateCurves(series, 'step')).toMatchObject([
      { label: 'Soft prompt', y: [3, 4] },
      { label: 'Low-rank update, Visual projection', y: [1, 2] },
    ]);
  });

  test('losses have as many digits as their neighbours, and an axis is as round as its steps', () => {
    expect([0.69, 0.742, 12.5, 0.00012345, 234, undefined].map(lossText)).toEqual([
      '0.690',
      '0.742',
      '12.500',
      '0.000123',
      '234',
      '–',
    ]);
    expect(metricOnAxis('accuracy', 55)).toBe('55 %');
    expect(metricOnAxis('CIDEr', 2.5)).toBe('2.5');
  });
});

describe('predictions', () => {
  const item = (id: string, prediction: string, references: string[]) => ({
    id,
    imageId: `val/${id}`,
    prediction,
    references,
  });
  const [story] = storiesOf({
    evaluations: [
      { step: 50, items: [item('q', 'red', ['blue', 'red', 'blue'])] },
      { step: 100, items: [item('q', 'red', ['blue', 'red', 'blue'])] },
      { step: 150, items: [item('q', 'blue', ['blue', 'red', 'blue']), item('new', 'x', [])] },
    ],
  });

  test('a story holds all predictions, references once each, and shows only changes', () => {
    expect(story).toMatchObject({
      predictions: ['red', 'red', 'blue'],
      references: [
        { text: 'blue', count: 2 },
        { text: 'red', count: 1 },
      ],
    });
    expect(changesOf(story!)).toEqual([
      { evaluation: 0, text: 'red' },
      { evaluation: 2, text: 'blue' },
    ]);
  });

  test('three of ten people make an answer right, fewer partly', () => {
    const references = [
      { text: 'Two', count: 7 },
      { text: '3', count: 2 },
      { text: 'three', count: 1 },
    ];
    expect(markOf(' two', references)).toBe('right');
    expect(markOf('3', references)).toBe('partly');
    expect(markOf('four', references)).toBe('wrong');
    expect(markOf('x', [])).toBe('wrong');
  });
});
