/** What is said of jobs and lost processes, and where a job leads. */
import { describe, expect, it } from 'vitest';
import type { JobRecord } from '../../engine/contract/job-records.ts';
import { endInWords, interruptedTraining, lossInWords, placeOfJob } from '../../renderer/lib/job-words.ts';

function job(changes: Partial<JobRecord>): JobRecord {
  return {
    id: 'a',
    call: 'train',
    title: 'Train on scenes',
    state: 'running',
    stopping: false,
    created: '2026',
    ...changes,
  };
}

describe('where a job leads', () => {
  it('leads to a run as soon as there is one', () => {
    expect(placeOfJob(job({}))).toBeUndefined();
    expect(placeOfJob(job({ run: 'r 1' }))?.href).toBe('#/runs/r%201');
  });

  it('leads to an evaluation, a dataset or a model once it is there', () => {
    const evaluation = { call: 'evaluate', run: 'r', state: 'done' } as const;
    expect(placeOfJob(job({ ...evaluation, state: 'running' }))).toBeUndefined();
    expect(placeOfJob(job({ ...evaluation, result: { run: 'r', evaluation: 'e' } }))?.href).toBe(
      '#/evaluate?run=r&id=e',
    );
    expect(placeOfJob(job({ call: 'datasets.import', dataset: 'd' }))).toBeUndefined();
    expect(placeOfJob(job({ call: 'datasets.import', dataset: 'd', state: 'done' }))?.href).toBe('#/datasets/d');
    expect(placeOfJob(job({ call: 'models.add', model: 'm', state: 'failed' }))).toBeUndefined();
    expect(placeOfJob(job({ call: 'models.add', state: 'done', result: { name: 'm' } }))?.href).toBe('#/models/m');
  });
});

describe('interrupted training', () => {
  const cut = job({ id: 'cut', run: 'r', state: 'interrupted' });

  it('is what nothing was done about since', () => {
    expect(interruptedTraining([cut])).toEqual([cut]);
    expect(interruptedTraining([job({ id: 'again', call: 'resume', run: 'r' }), cut])).toEqual([]);
    expect(interruptedTraining([job({ id: 'other', run: 's' }), cut])).toEqual([cut]);
  });

  it('is not evaluation, nor work that came to no run', () => {
    expect(interruptedTraining([{ ...cut, call: 'evaluate' }])).toEqual([]);
    expect(interruptedTraining([job({ state: 'interrupted' })])).toEqual([]);
  });
});

describe('words', () => {
  it('says how a process was lost', () => {
    expect(lossInWords('work', 'killed by SIGKILL')).toBe('The training process was killed by SIGKILL');
    expect(lossInWords('data', 'ended with exit code 3')).toBe('The import process ended with exit code 3');
  });

  it('tells of ends, but not of those that were asked for or are shown elsewhere', () => {
    const error = { code: 'bad-file', message: 'Half a file' } as const;
    expect(endInWords(job({}))).toBeUndefined();
    expect(endInWords(job({ state: 'cancelled' }))).toBeUndefined();
    expect(endInWords(job({ state: 'interrupted', run: 'r' }))).toBeUndefined();
    expect(endInWords(job({ call: 'datasets.sample', state: 'done' }))).toBeUndefined();
    expect(endInWords(job({ state: 'done' }))).toEqual({ tone: 'good', text: 'Train on scenes: done' });
    expect(endInWords(job({ state: 'done', result: { status: 'stopped' } }))?.text).toBe(
      'Train on scenes: stopped and saved',
    );
    expect(endInWords(job({ state: 'failed', error }))).toEqual({ tone: 'bad', text: 'Train on scenes: Half a file' });
    expect(endInWords(job({ call: 'evaluate', state: 'interrupted', error }))?.tone).toBe('bad');
  });
});
