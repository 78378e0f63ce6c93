/** Real `dept` processes that are killed or interrupted in the middle of training, or lose a file under it, and then resumed. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { beforeAll, expect, test, vi } from 'vitest';
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
  readonly stderr: string;
  /** The id of the run, from the line that names it. */
  readonly run: string;
}

type Answer = (child: ChildProcess, run: string) => unknown;

const kill: Answer = (child) => child.kill('SIGKILL');

/** Runs `dept`; the first line on stderr that matches `at` is answered. */
async function dept(args: readonly string[], at?: RegExp, answer = kill, entry = 'dept.ts'): Promise<Ended> {
  const script = join(import.meta.dirname, '..', '..', 'main', 'cli', entry);
  const child = spawn(process.execPath, [script, ...args, '--home', home], { stdio: ['ignore', 'pipe', 'pipe'] });
  const closed = once(child, 'close');
  let stdout = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  let stderr = '';
  let run = '';
  let answered = at === undefined;
  for await (const line of createInterface({ input: child.stderr })) {
    stderr += `${line}\n`;
    run ||= /^run (\S+)/.exec(line)?.[1] ?? '';
    if (answered || !at!.test(line)) continue;
    answer(child, run);
    answered = true;
  }
  const [code] = await closed;
  return { code, stdout, stderr, run };
}

/** As a person calls it. */
const launched = (args: readonly string[], at?: RegExp, answer?: Answer): Promise<Ended> =>
  dept(args, at, answer, 'dept.js');

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
    const { run, code, stdout } = await dept(['train', '--config', configFile], /^step 10: /, (child) =>
      child.kill('SIGINT'),
    );
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

test.skipIf(process.platform === 'win32')(
  'killed for want of memory, it says so; and where its launcher is killed it ends, too',
  async () => {
    const killed = await launched(['train', '--config', configFile], /^step 10: /, (_, run) =>
      process.kill(openRun(home, run).holder()!.processId, 'SIGKILL'),
    );
    expect(killed.code).toBe(128 + constants.signals.SIGKILL);
    expect(killed.stderr).toMatch(/error: .*killed by SIGKILL\n.*dept resume.*memory ran out.*microBatch/);
    const run = openRun(home, killed.run);
    expect(run.state()).toBe('interrupted');
    await launched(['resume', run.id], /^Training /);
    await vi.waitUntil(() => run.holder() === undefined, { timeout: 25_000 });
    expect(run.state()).toBe('interrupted');
    expect((await launched(['resume', run.id])).code).toBe(0);
    expectSameBits(run.id);
  },
  120_000,
);

test.skipIf(process.platform !== 'linux')(
  'weights that are cut short under it: it says so, and goes on once they are back (needs Linux)',
  async () => {
    const file = join(home, 'shared.json');
    const config = configFor('vqa', { steps: STEPS, checkpoint: { every: 4 }, sharedWeights: true });
    writeJsonAtomic(file, config);
    const weights = join(home, 'models', 't5', 'model.safetensors');
    const bytes = readFileSync(weights);
    const putBack = (): void => {
      rmSync(weights); // it may be a link to the weights that come with the program
      writeFileSync(weights, bytes);
    };
    putBack();
    const { folder } = await openService({ home }).train(config);
    const lost = await launched(['train', '--config', file], /^step 8: /, () => truncateSync(weights, 4096));
    expect(lost.code).toBe(128 + constants.signals.SIGBUS);
    expect(lost.stderr).toMatch(/error: .*killed by SIGBUS\n.*dept resume.*cut short/);
    const cut = await launched(['resume', lost.run]);
    expect(cut.code).toBe(2);
    expect(cut.stderr).toMatch(/error: Not a valid safetensors file[\s\S]*where: .*model\.safetensors/);
    putBack();
    expect((await launched(['resume', lost.run])).code).toBe(0);
    expect(trainedBytes(openRun(home, lost.run).folder, STEPS)).toEqual(trainedBytes(folder, STEPS));
  },
  120_000,
);
