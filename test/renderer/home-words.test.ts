/** What the first page proposes and says, and the words of models and settings. */
import { describe, expect, it } from 'vitest';
import type { JobRecord } from '../../engine/contract/job-records.ts';
import type { Model } from '../../engine/contract/models.ts';
import type { RunSummary } from '../../engine/contract/runs.ts';
import { factsOf, licenceInWords, runsWith, sourceOf } from '../../renderer/views/models/model-words.ts';
import { runTitle } from '../../renderer/views/runs/run-names.ts';
import { pathsIn } from '../../renderer/views/settings/home-paths.ts';
import { nextStep } from '../../renderer/views/welcome/next-step.ts';
import { bestOfRun, stepsOfRun } from '../../renderer/views/welcome/run-words.ts';

function run(changes: Partial<RunSummary>): RunSummary {
  return { id: 'r', created: '2026-11-24T04:00:00Z', state: 'finished', step: 10, ...changes };
}

const best = { step: 10, metric: 'CIDEr', value: 2.8049 };
const training: JobRecord = {
  id: 'j',
  call: 'resume',
  title: 'Go on with r',
  state: 'running',
  stopping: false,
  created: '2026',
  run: 'r',
};

describe('the next step', () => {
  it('is to watch what trains, before everything else', () => {
    expect(nextStep([run({ state: 'failed' })], [training])).toEqual({
      kind: 'watch',
      job: training,
      run: run({ state: 'failed' }),
    });
    expect(nextStep([], [training])).toEqual({ kind: 'watch', job: training, run: undefined });
    expect(nextStep([run({ state: 'running' })], [{ ...training, call: 'evaluate' }])?.kind).toBe('elsewhere');
  });

  it.each([
    ['finished', {}, 'use'],
    ['stopped', { best }, 'use'],
    ['stopped', {}, 'resume'],
    ['interrupted', { best }, 'resume'],
    ['failed', {}, 'failed'],
  ] as const)('follows the newest run: %s %o', (state, more, kind) => {
    expect(nextStep([run({ state, ...more }), run({ state: 'finished' })], [])?.kind).toBe(kind);
  });
});

describe('a run in words', () => {
  it('leaves out what is not known', () => {
    expect(runTitle(run({ task: 'vqa', dataset: 'scenes' }))).toBe('Questions on scenes');
    expect(runTitle(run({}))).toBe('r');
    expect(bestOfRun(run({}))).toBe('');
  });

  it('writes scores and steps', () => {
    expect(bestOfRun(run({ best }))).toBe('CIDEr 2.805');
    expect(bestOfRun(run({ best: { step: 1, metric: 'accuracy', value: 51.23 } }))).toBe('accuracy 51.2 %');
    expect(stepsOfRun(run({ steps: 300 }))).toBe('10 of 300 steps');
    expect(stepsOfRun(run({ steps: 10 }))).toBe('10 steps');
  });
});

describe('a model in words', () => {
  const model: Model = {
    name: 't5-base',
    folder: '/models/t5-base',
    kind: 't5',
    parameters: 222_903_552,
    dtype: 'F32',
    size: 891_644_712,
    files: [],
    bundled: false,
    purpose: 'Language',
    layers: 12,
    width: 768,
  };

  it('has its facts, in short and in full', () => {
    const short = Object.fromEntries(factsOf(model).map(({ label, value }) => [label, value]));
    expect(short).toEqual({
      Parameters: '222.9M',
      'Size on disk': '892 MB',
      Precision: 'float32',
      'Encoder layers': '12',
      Width: '768',
      Licence: 'Not stated',
    });
    expect(factsOf(model, true)[0]?.value).toBe('222,903,552');
  });

  it("writes licences as SPDX does, and leaves others' words alone", () => {
    expect(licenceInWords('apache-2.0')).toBe('Apache-2.0');
    expect(licenceInWords('mit')).toBe('MIT');
    expect(licenceInWords('see LICENSE')).toBe('see LICENSE');
  });

  it('says where it was downloaded from', () => {
    expect(sourceOf(model)).toEqual([]);
    const source = { endpoint: 'https://huggingface.co', repo: 'google-t5/t5-base', commit: 'a9723ea' };
    expect(sourceOf({ ...model, source }).map(({ value }) => value)).toEqual([
      'https://huggingface.co/google-t5/t5-base',
      'a9723ea',
    ]);
  });

  it('knows the runs that need it', () => {
    const runs = [
      run({ id: 'a', vision: 'clip' }),
      run({ id: 'b', language: 'clip' }),
      run({ id: 'c', vision: 'clip-2' }),
    ];
    expect(runsWith('clip', runs).map(({ id }) => id)).toEqual(['a', 'b']);
  });
});

it('writes paths as their machine does', () => {
  expect(pathsIn({ home: 'C:\\dept\\', platform: 'win32 x64' })[1]?.value).toBe('C:\\dept\\runs');
  expect(pathsIn({ home: '/home/me/dept', platform: 'linux x64' })[2]?.value).toBe(
    '/home/me/dept/runs/<run>/log.jsonl',
  );
});
