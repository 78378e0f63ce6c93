/** What is said of jobs and lost processes, and where a job leads. */
import { describe, expect, it } from 'vitest';
import type { JobRecord } from '../../engine/contract/job-records.ts';
import { endInWords, interruptedTraining, laneOf, lossInWords, placeOfJob } from '../../renderer/lib/job-words.ts';

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

const trained = {
  run: 'r',
  folder: '/home/runs/r',
  status: 'finished',
  step: 8,
  seconds: 2,
  parameters: { trained: 10, frozen: 90, share: 0.1 },
};

const evaluated = {
  run: 'r',
  evaluation: 'e',
  dataset: 'd',
  split: 'test',
  step: 8,
  examples: 2,
  metrics: { accuracy: 50 },
  predictions: '/home/runs/r/evaluations/e/predictions.json',
};

describe('where a job leads', () => {
  it('leads to a run as soon as there is one', () => {
    expect(placeOfJob(job({}))).toBeUndefined();
    expect(placeOfJob(job({ run: 'r 1' }))?.href).toBe('#/runs/r%201');
  });

  it('leads to an evaluation, a dataset or a model once it is there', () => {
    const evaluation = { call: 'evaluate', run: 'r', state: 'done', result: evaluated } as const;
    expect(placeOfJob(job({ ...evaluation, state: 'running', result: undefined }))).toBeUndefined();
    expect(placeOfJob(job(evaluation))?.href).toBe('#/evaluate?run=r&id=e');
    expect(placeOfJob(job({ call: 'datasets.import', dataset: 'd' }))).toBeUndefined();
    const imported = { dataset: { name: 'd' }, parts: [], skipped: 0, refused: { total: 0, byCode: {}, examples: [] } };
    expect(placeOfJob(job({ call: 'datasets.import', state: 'done', result: imported }))?.href).toBe('#/datasets/d');
    const sample = { call: 'datasets.sample', state: 'done', result: { dataset: 's' } } as const;
    expect(placeOfJob(job(sample))?.href).toBe('#/datasets/s');
    expect(placeOfJob(job({ call: 'models.add', model: 'm', state: 'failed' }))).toBeUndefined();
    const model = { name: 'm', folder: '/m', kind: 't5', parameters: 1, dtype: 'F32', size: 4, files: [] };
    const result = { ...model, bundled: false, purpose: 'Language' };
    for (const call of ['models.add', 'models.pull']) {
      expect(placeOfJob(job({ call, state: 'done', result }))?.href).toBe('#/models/m');
    }
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
    const done = job({ state: 'done', result: trained });
    expect(endInWords(done)).toEqual({ tone: 'good', text: 'Train on scenes: done' });
    expect(endInWords({ ...done, result: { ...trained, status: 'stopped' } })?.text).toBe(
      'Train on scenes: stopped and saved',
    );
    expect(endInWords(job({ state: 'failed', error }))).toEqual({ tone: 'bad', text: 'Train on scenes: Half a file' });
    expect(endInWords(job({ call: 'evaluate', state: 'interrupted', error }))?.tone).toBe('bad');
  });
});

it('a job stands in the lane of its call', () => {
  expect(laneOf({ call: 'resume' })).toBe('work');
  expect(laneOf({ call: 'datasets.thumbnails' })).toBe('pictures');
});
