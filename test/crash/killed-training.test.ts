/**
 * Training that is killed again and again, by SIGKILL at a moment or at an operation on files that a seed draws: every list can be
 * read after each kill, and in the end the run has the bits, the measurements and the samples of one that never stopped.
 *
 * DEPT_CRASH_SEEDS=200 for a soak. A failure names its seed: DEPT_CRASH_SEED=17 runs that one alone.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { Random } from '../../engine/common/random.ts';
import type { TrainResult } from '../../engine/contract/calls.ts';
import { RunFolder } from '../../engine/runs/run-folder.ts';
import { listRuns } from '../../engine/runs/run-library.ts';
import { openService } from '../../engine/service/service.ts';
import { configFor, fillHome, folderForFile, metricsOf, trainedBytes } from '../service/small-home.ts';
import { watchFileOperations } from './file-operations.ts';
import { copyHome, shownOf, temporaryIn, writeSources } from './full-home.ts';
import { atOnce, REFUSED, SEEDS } from './seeds.ts';

const STEPS = 12;
const KILLS = 4;
const tasks = ['vqa', 'caption'] as const;
type Task = (typeof tasks)[number];

const folder = folderForFile();
/** One without features of the pictures, one with them. */
const homes = { cold: join(folder, 'cold'), warm: join(folder, 'warm') };
const whole = {} as Record<Task, TrainResult>;
/** What a run that is not killed takes. */
const measured = {} as Record<Task, { readonly operations: number; readonly milliseconds: number }>;

const configFile = (task: Task): string => join(folder, `${task}.json`);
/** One thread: several processes compute at a time. */
const configOf = (task: Task) =>
  configFor(task, {
    steps: STEPS,
    evaluation: { every: 6, limit: 4, maxLength: 6 },
    checkpoint: { every: 4 },
    threads: 1,
  });

beforeAll(async () => {
  await fillHome(homes.cold);
  await writeSources(homes.cold);
  copyHome(homes.cold, homes.warm);
  for (const task of tasks) {
    const config = configOf(task);
    writeFileSync(configFile(task), JSON.stringify(config));
    const begun = performance.now();
    let operations = 0;
    const stop = await watchFileOperations(() => {
      operations += 1;
    });
    whole[task] = await openService({ home: homes.warm }).train(config);
    stop();
    measured[task] = { operations, milliseconds: performance.now() - begun };
  }
}, 60_000);

interface Leg {
  readonly home: string;
  readonly task: Task;
  readonly run: string | undefined;
  readonly imports?: boolean;
  /** As `train.ts` takes it. */
  readonly damage?: string;
}

/**
 * Trains in a process of its own until it is killed, after so many milliseconds or at an operation on files, or done. Gives its
 * exit code, null where it was killed.
 */
async function trainUntilKilled({ home, task, run, imports, damage }: Leg, random: Random): Promise<number | null> {
  const { operations, milliseconds } = measured[task];
  const byTime = damage === undefined && random.chance(0.5);
  const point = byTime ? 0 : 1 + random.below(damage === undefined ? operations / 2 : SOON);
  const args = [
    join(import.meta.dirname, 'train.ts'),
    home,
    configFile(task),
    run ?? '-',
    String(point),
    imports ? 'imports' : '',
    damage ?? '',
  ];
  const env = { ...process.env, NODE_COMPILE_CACHE: join(folder, 'compiled'), NODE_NO_WARNINGS: '1' };
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'], env });
  const ended = once(child, 'exit');
  if (byTime) {
    const moment = random.between(0, milliseconds / 2);
    child.stdout.once('data', () => setTimeout(() => child.kill('SIGKILL'), moment));
  }
  const [code] = await ended;
  return code;
}

function withoutTimes(runFolder: string): object[] {
  return metricsOf(runFolder).map((line) => ({ ...line, samplesPerSecond: 0, seconds: 0, memory: 0 }));
}

function marksOf(runFolder: string): unknown[] {
  const { checkpoints } = new RunFolder(runFolder);
  return [checkpoints.last(), checkpoints.best(), checkpoints.steps()];
}

const samplesOf = (runFolder: string): string => readFileSync(join(runFolder, 'samples.jsonl'), 'utf8');

const only = process.env.DEPT_CRASH_SEED;
const seeds = only === undefined ? Array.from({ length: SEEDS / 2 }, (_, i) => i) : [Number(only)];

/** A home of its own, without runs. */
function homeFrom(source: string, name: string): string {
  const home = join(folder, name);
  copyHome(source, home);
  rmSync(join(home, 'runs'), { recursive: true, force: true });
  return home;
}

/** Goes on to the end, which is that of the run that nothing happened to: the folders of both. */
async function ended(
  home: string,
  task: Task,
  run: string | undefined,
): Promise<readonly [own: string, whole: string]> {
  const service = openService({ home });
  const result = await (run === undefined ? service.train(configOf(task)) : service.resume(run));
  expect(result.status).toBe('finished');
  const expected = whole[task].folder;
  expect(trainedBytes(result.folder, STEPS)).toEqual(trainedBytes(expected, STEPS));
  expect(marksOf(result.folder)).toEqual(marksOf(expected));
  return [result.folder, expected];
}

async function killAgainAndAgain(seed: number): Promise<void> {
  const random = new Random('killed training', seed);
  const task = tasks[seed & 1]!;
  const imports = (seed & 4) > 0;
  const home = homeFrom(homes[seed & 2 ? 'cold' : 'warm'], `seed-${seed}`);
  let run: string | undefined;
  for (let kill = 0; kill < KILLS; kill += 1) {
    expect([0, null]).toContain(await trainUntilKilled({ home, task, run, imports }, random));
    await shownOf(home);
    const { runs } = listRuns(home);
    expect(runs.length).toBeLessThanOrEqual(1);
    run = runs[0]?.id;
    if (run !== undefined) expect(['created', 'interrupted', 'finished']).toContain(runs[0]!.state);
  }
  const [own, expected] = await ended(home, task, run);
  expect(withoutTimes(own)).toEqual(withoutTimes(expected));
  expect(samplesOf(own)).toBe(samplesOf(expected));
  expect(temporaryIn(home)).toEqual([]);
  rmSync(home, { recursive: true });
}

/** Operations on files after a damage: some steps, or a checkpoint. */
const SOON = 12;

/** Of files that a run goes on without, or from an earlier state, each when it is there: the first in the first quarter, and so on. */
const damages = [
  ['log.jsonl', 'metrics.jsonl', 'newest/adapter_model.safetensors', 'newest/trainer_state.safetensors'],
  ['metrics.jsonl', 'last.json', 'samples.jsonl', 'best.json'],
  ['metrics.jsonl', 'log.jsonl', 'newest/trainer_state.json', 'samples.jsonl'],
] as const;

/** A file is cut short while it trains, and soon after it is killed, again and again, later each time. */
async function damageUnderway(seed: number): Promise<void> {
  const random = new Random('damaged training', seed);
  const task = tasks[seed & 1]!;
  const home = homeFrom(homes.warm, `damaged-${seed}`);
  let run: string | undefined;
  for (const [quarter, file] of damages[seed % damages.length]!.entries()) {
    const damage = `${1 + (quarter * STEPS) / 4 + random.below(STEPS / 4)}:${file}`;
    const code = await trainUntilKilled({ home, task, run, damage }, random);
    const { runs, broken } = listRuns(home);
    for (const { error } of broken) expect(error.details, damage).toHaveProperty('remedy');
    run = runs[0]?.id ?? broken[0]?.name;
    expect([0, null, REFUSED], damage).toContain(code);
    if (code === REFUSED) expect(['failed', undefined], damage).toContain(runs[0]?.state);
  }
  const [own, expected] = await ended(home, task, run);
  const lines = withoutTimes(own);
  expect(withoutTimes(expected)).toEqual(expect.arrayContaining(lines));
  expect(withoutTimes(expected).length - lines.length).toBeLessThanOrEqual(8); // a damaged line, and the one that came behind it
  await shownOf(home);
  rmSync(home, { recursive: true });
}

const named = (test: (seed: number) => Promise<void>) => (seed: number) =>
  test(seed).catch((cause: unknown) => {
    throw new Error(`DEPT_CRASH_SEED=${seed}`, { cause });
  });

test('killed again and again, a run ends as one that never stopped', { timeout: 3_600_000 }, () =>
  atOnce(seeds, named(killAgainAndAgain)),
);

test('damaged under its steps, a run ends in the bits of one that never was', { timeout: 3_600_000 }, () =>
  atOnce(seeds.slice(0, Math.ceil(seeds.length / 3)), named(damageUnderway)),
);
