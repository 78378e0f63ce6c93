/** `dept runs` on a home folder with two runs. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseTrainConfig } from '../../engine/contract/parse-config.ts';
import { createRun } from '../../engine/runs/run-library.ts';
import { dept } from './fake-host.ts';

const base = { task: 'vqa', dataset: { name: 'shapes' }, vision: { model: 'clip' }, language: { model: 't5' } };

let home: string;
const ids: string[] = [];
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'dept-runs-'));
  const inputs = [
    { ...base, method: { rank: 30 } },
    { ...base, method: { name: 'prompt-tuning' } },
  ];
  for (const [index, input] of inputs.entries()) {
    const run = createRun(home, {
      label: `r${index}`,
      config: parseTrainConfig(input),
      fingerprints: {},
      versions: {},
    });
    const metric = { name: 'accuracy', value: 70 + index };
    run.checkpoints.write(100, () => {}, metric);
    run.checkpoints.markBest(100, metric);
    if (index === 0) run.appendMetrics({ step: 100, metrics: { accuracy: 70, perAnswerType: { number: 10 } } });
    run.finish('finished');
    ids.push(run.id);
  }
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

test('list shows each with its state and best score', async () => {
  const { stdout } = await dept(['runs', 'list'], { home });
  const [headings, ...rows] = stdout.trimEnd().split('\n');
  expect(headings?.split(/ +/)).toEqual(['run', 'task', 'dataset', 'method', 'state', 'step', 'best']);
  expect(rows).toHaveLength(2);
  expect(stdout).toMatch(/dept +finished +100 +accuracy 70 at step 100/);
});

test('an empty home says what to do', async () => {
  const { stdout, exitCode } = await dept(['runs', 'list', '--home', join(home, 'nothing')], { home });
  expect(exitCode).toBe(0);
  expect(stdout).toMatch(/^No runs yet/);
});

test('show has the whole record', async () => {
  const { stdout } = await dept(['runs', 'show', ids[0]!, '--json'], { home });
  expect(JSON.parse(stdout)).toMatchObject({
    id: ids[0],
    state: 'finished',
    checkpoints: [100],
    config: { task: 'vqa' },
  });
});

test('compare shows metrics, and only the settings that differ', async () => {
  const { stdout } = await dept(['runs', 'compare', ...ids, '--json'], { home });
  const { runs, differences } = JSON.parse(stdout);
  expect(runs).toEqual([
    { run: ids[0], metrics: { accuracy: 70, perAnswerType: { number: 10 } } },
    { run: ids[1], metrics: { accuracy: 71 } },
  ]);
  expect(differences.map(({ path }: { path: string }) => path)).toEqual([
    'method.name',
    'method.promptLength',
    'method.rank',
    'method.alpha',
    'method.lowRankInit',
  ]);

  const text = (await dept(['runs', 'compare', ...ids], { home })).stdout;
  expect(text).toMatch(/^accuracy +70 +71$/m);
  expect(text).toMatch(/^method\.rank +30 +-$/m);
  expect(text).not.toContain('dataset.name');
});

test('compare takes two runs or more', async () => {
  const { exitCode, stderr } = await dept(['runs', 'compare', ids[0]!], { home });
  expect(exitCode).toBe(2);
  expect(stderr).toContain('two runs or more');
});

test('remove takes a run away, and a second time finds none', async () => {
  const args = ['runs', 'remove', ids[1]!];
  expect((await dept(args, { home })).stdout).toBe(`Removed ${ids[1]}\n`);
  expect((await dept(args, { home })).exitCode).toBe(2);
});
