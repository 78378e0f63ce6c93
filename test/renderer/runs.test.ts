/** The list of runs: what a filter keeps, and how a run stands by its folder and its job. */
import { describe, expect, test } from 'vitest';
import type { JobRecord } from '../../engine/contract/job-records.ts';
import type { RunSummary } from '../../engine/contract/runs.ts';
import { filterRuns } from '../../renderer/views/runs/run-filter.ts';
import { canResume, jobOfRun, shownState } from '../../renderer/views/runs/run-standing.ts';

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
