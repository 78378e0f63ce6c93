/**
 * Processes that are killed at one of their operations on files, or in the middle of it, while they change a home folder. Whatever
 * is shown afterwards is as before or as after, never in between; the same work can be done again; and no temporary file stays.
 *
 * Each kind of work is killed at every point of it, or at so many as there are seeds: DEPT_CRASH_SEEDS=1000 for all of them.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { beforeAll, expect, test } from 'vitest';
import { DeptError } from '../../engine/common/errors.ts';
import { Random } from '../../engine/common/random.ts';
import { removeAllLeftovers } from '../../engine/service/leftovers.ts';
import { folderForFile } from '../service/small-home.ts';
import { copyHome, makeFullHome, pathsIn, shownOf, temporaryIn, unlistedIn } from './full-home.ts';
import { hubForFile } from './hub.ts';
import { type OperationName, operations } from './operations.ts';
import { atOnce, SEEDS } from './seeds.ts';

const folder = folderForFile();
hubForFile();
const full = join(folder, 'full');
let before: object;

beforeAll(async () => {
  await makeFullHome(full);
  before = await onCopy(shownOf);
}, 60_000);

interface Ended {
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
}

async function operate(home: string, name: OperationName, point?: number): Promise<Ended> {
  const script = join(import.meta.dirname, 'operate.ts');
  const args = [script, home, name, ...(point === undefined ? [] : [String(point)])];
  const env = { ...process.env, NODE_COMPILE_CACHE: join(folder, 'compiled'), NODE_NO_WARNINGS: '1', TMPDIR: folder };
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'], env });
  const [stdout, [, signal]] = await Promise.all([text(child.stdout), once(child, 'exit')]);
  return { signal, stdout };
}

interface Seen {
  readonly name: string;
  readonly parts: boolean;
}

/** Before each operation and in the middle of it; of many of a kind in a row, the first and the last will do. */
function pointsOf(seen: readonly Seen[]): number[] {
  const isLike = (a: Seen, b: Seen | undefined): boolean => a.name === b?.name;
  const telling = seen
    .map((one, i) => [one, i] as const)
    .filter(([one, i]) => !(isLike(one, seen[i - 1]) && isLike(one, seen[i + 1])));
  return telling.flatMap(([{ parts }, i]) => [i + 1, ...(parts ? [i + 1.5] : [])]);
}

/** At the end, where all is put in its place, and elsewhere. Afterwards the app is started anew, or the work is done again as things are. */
function drawn(points: readonly number[], random: Random): { readonly point: number; readonly startsAnew: boolean }[] {
  const end = points.slice(-SEEDS / 3);
  const chosen = [...end, ...random.shuffle(points.slice(0, -end.length))].slice(0, SEEDS);
  return chosen.map((point) => ({ point, startsAnew: random.chance(0.5) }));
}

function clean(home: string, where: string): void {
  removeAllLeftovers(home);
  expect([...temporaryIn(home), ...unlistedIn(home)], where).toEqual([]);
}

/** What was done before it was killed need not be done again. */
async function again(home: string, name: OperationName): Promise<void> {
  const work = await operations[name]();
  try {
    await work(home);
  } catch (error) {
    if (!(error instanceof DeptError && ['already-exists', 'not-found'].includes(error.code))) throw error;
  }
}

let homes = 0;

/** Runs `use` on a copy of the full home. */
async function onCopy<T>(use: (home: string) => Promise<T>): Promise<T> {
  homes += 1;
  const home = join(folder, `home-${homes}`);
  copyHome(full, home);
  try {
    return await use(home);
  } finally {
    rmSync(home, { recursive: true });
  }
}

test.each(Object.keys(operations) as OperationName[])('killed at it: %s', { timeout: 600_000 }, async (name) => {
  const [seen, after, paths] = await onCopy(async (home) => {
    const { stdout } = await operate(home, name);
    return [JSON.parse(stdout) as Seen[], await shownOf(home), pathsIn(home)] as const;
  });
  const random = new Random('crash', name);
  await atOnce(drawn(pointsOf(seen), random), ({ point, startsAnew }) =>
    onCopy(async (home) => {
      const where = `${name}, killed at ${point}: ${seen[Math.floor(point) - 1]!.name}`;
      const { signal } = await operate(home, name, point);
      expect(signal, where).toBe('SIGKILL');
      const shown = await shownOf(home).catch((error: unknown) => expect.fail(`${where}: ${error}`));
      expect([before, after], where).toContainEqual(shown);
      if (startsAnew) {
        clean(home, where);
        expect([before, after], where).toContainEqual(await shownOf(home));
      }
      await again(home, name);
      clean(home, where);
      expect(await shownOf(home), where).toEqual(after);
      expect(pathsIn(home), where).toEqual(paths);
    }),
  );
});
