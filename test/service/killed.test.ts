/** Real `dept` processes that are killed or interrupted in the middle of training, with dropout, and then resumed. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { beforeAll, expect, test } from 'vitest';
import { writeJsonAtomic } from '../../engine/common/files.ts';
import type { TrainResult } from '../../engine/contract/calls.ts';
import { openRun } from '../../engine/runs/run-library.ts';
import { openService } from '../../engine/service/service.ts';
import { configFor, fillHome, folderForFile, trainedBytes } from './small-home.ts';

const STEPS = 30;
const home = folderForFile();
const configFile = join(home, 'config.json');
let whole: TrainResult;

beforeAll(async () => {
  await fillHome(home);
  const evaluation = { every: 10, limit: 4, maxLength: 6 };
  const config = configFor('vqa', { steps: STEPS, evaluation, checkpoint: { every: 4 } });
  writeJsonAtomic(configFile, config);
  whole = await openService({ home }).train(config);
}, 60_000);

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  /** The id of the run, from the line that names it. */
  readonly run: string;
}

/** Runs `dept`; the first line on stderr that matches `at` is answered with the signal. */
async function dept(args: readonly string[], at?: RegExp, signal: NodeJS.Signals = 'SIGKILL'): Promise<Ended> {
  const script = join(import.meta.dirname, '..', '..', 'main', 'cli', 'dept.ts');
  const child = spawn(process.execPath, [script, ...args, '--home', home], { stdio: ['ignore', 'pipe', 'pipe'] });
  const closed = once(child, 'close');
  let stdout = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  let run = '';
  let answered = at === undefined;
  for await (const line of createInterface({ input: child.stderr })) {
    run ||= /^run (\S+)/.exec(line)?.[1] ?? '';
    if (answered || !at!.test(line)) continue;
    child.kill(signal);
    answered = true;
  }
  const [code] = await closed;
  return { code, stdout, run };
}

function expectSameBits(run: string): void {
  expect(trainedBytes(openRun(home, run).folder, STEPS)).toEqual(trainedBytes(whole.folder, STEPS));
}

test('killed three times, a run ends in the bits of one that never stopped', async () => {
  const { run } = await dept(['train', '--config', configFile], /^run /);
  const last = () => openRun(home, run).checkpoints.last()?.step;
  expect([openRun(home, run).state(), last()]).toEqual(['interrupted', undefined]);
  await dept(['resume', run], /^Training /);
  await dept(['resume', run], /^step 10: /);
  expect(openRun(home, run).state()).toBe('interrupted');
  expect(last()).toBeGreaterThanOrEqual(10);
  expect(last()).toBeLessThan(STEPS);

  const { code, stdout } = await dept(['resume', run]);
  expect(code).toBe(0);
  expect(stdout).toContain(`finished at step ${STEPS}`);
  expectSameBits(run);
}, 120_000);

test.skipIf(process.platform === 'win32')(
  'Ctrl-C saves and stops with exit code 0, and the run goes on',
  async () => {
    const { run, code, stdout } = await dept(['train', '--config', configFile], /^step 10: /, 'SIGINT');
    expect(code).toBe(0);
    const step = Number(/stopped and saved at step (\d+) /.exec(stdout)?.[1]);
    expect(step).toBeGreaterThanOrEqual(10);
    expect(step).toBeLessThan(STEPS);
    expect(stdout).toContain(`Next: dept resume ${run}`);
    const stopped = openRun(home, run);
    expect([stopped.state(), stopped.checkpoints.last()?.step]).toEqual(['stopped', step]);

    const resumed = await dept(['resume', run, '--json']);
    expect(JSON.parse(resumed.stdout)).toMatchObject({ run, status: 'finished', step: STEPS });
    expectSameBits(run);
  },
  120_000,
);
