/** What a job gave back: only once it is done, only for the call that was asked about, and only what the call promises. */
import { expect, test } from 'vitest';
import { jobResult } from '../../engine/contract/job-results.ts';

const sample = { call: 'datasets.sample', state: 'done', result: { dataset: 'scenes' } } as const;

test('the result of a job that is done', () => {
  expect(jobResult(sample, 'datasets.sample')?.dataset).toBe('scenes');
  expect(jobResult(sample, 'datasets.import', 'datasets.sample')).toEqual({ dataset: 'scenes' });
});

test('nothing while it runs, where it failed, and for another call', () => {
  expect(jobResult({ ...sample, state: 'running' }, 'datasets.sample')).toBeUndefined();
  expect(jobResult({ ...sample, state: 'failed' }, 'datasets.sample')).toBeUndefined();
  expect(jobResult(sample, 'train', 'resume')).toBeUndefined();
});

test('a result that is not what the call promises is an error', () => {
  expect(() => jobResult({ ...sample, result: { dataset: 3 } }, 'datasets.sample')).toThrow();
});
