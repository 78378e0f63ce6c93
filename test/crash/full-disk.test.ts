/**
 * A disk that is full, or may not be written, from one operation on files on: the same error wherever it is met, what is shown is as
 * before or as after, no temporary file stays, and the work succeeds once there is room. Points are drawn as in `crash.test.ts`.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DeptError } from '../../engine/common/errors.ts';
import { Random } from '../../engine/common/random.ts';
import { listRuns } from '../../engine/runs/run-library.ts';
import { removeAllLeftovers } from '../../engine/service/leftovers.ts';
import { openService } from '../../engine/service/service.ts';
import { configFor, folderForFile, trainedBytes } from '../service/small-home.ts';
import { type FileOperation, watchFileOperations } from './file-operations.ts';
import { copyHome, makeFullHome, shownOf, temporaryIn } from './full-home.ts';
import { hubForFile } from './hub.ts';
import { type OperationName, operations } from './operations.ts';
import { SEEDS } from './seeds.ts';

const folder = folderForFile();
hubForFile();
const full = join(folder, 'full');
beforeAll(() => makeFullHome(full), 60_000);

/** What takes room; the rest goes on a full disk, too. */
const GROWS = /^(append|copy|mkdir|open|link|write|exec|run)/;

/** As the system says it, or SQLite. */
function failure({ name, path }: FileOperation, code: 'ENOSPC' | 'EROFS', errcode: number): Error {
  const isSqlite = name === 'exec' || name === 'run';
  const details = isSqlite ? { code: 'ERR_SQLITE_ERROR', errcode } : { code, ...(path !== undefined && { path }) };
  return Object.assign(new Error(isSqlite ? 'database or disk is full' : `${code}: no, ${name}`), details);
}

type Disk = 'full' | 'read-only';

/** Does the work on a disk that is so from its operation of this number on; gives back how many there were. */
async function onBadDisk(disk: Disk, from: number, work: () => unknown): Promise<{ seen: number; error: unknown }> {
  let seen = 0;
  const stop = await watchFileOperations((operation) => {
    if (operation.name === 'close' || (disk === 'full' && !GROWS.test(operation.name))) return;
    if (!(operation.path ?? folder).startsWith(folder)) return; // that of the system's temporary files
    seen += 1;
    if (seen < from) return;
    throw disk === 'full' ? failure(operation, 'ENOSPC', 13) : failure(operation, 'EROFS', 8);
  });
  try {
    await work();
    return { seen, error: undefined };
  } catch (error) {
    return { seen, error };
  } finally {
    stop();
  }
}

let homes = 0;

function freshHome(): string {
  homes += 1;
  const home = join(folder, `home-${homes}`);
  copyHome(full, home);
  return home;
}

/** A removal takes no room. */
const removals = (name: string): boolean => name.startsWith('remove');

describe.each(Object.keys(operations) as OperationName[])('%s', { timeout: 120_000 }, (name) => {
  test.skipIf(removals(name))('on a full disk', async () => {
    const work = await operations[name]();
    const home = freshHome();
    const before = await shownOf(home);
    const { seen } = await onBadDisk('full', Number.POSITIVE_INFINITY, () => work(home));
    const after = await shownOf(home);
    rmSync(home, { recursive: true });
    const points = Array.from({ length: seen }, (_, i) => i + 1);
    for (const point of new Random('full', name).shuffle(points).slice(0, SEEDS / 2)) {
      const copy = freshHome();
      const where = `${name}, full from operation ${point} on`;
      const { error } = await onBadDisk('full', point, () => work(copy));
      expect(error, where).toBeInstanceOf(DeptError);
      const { code, details } = error as DeptError;
      expect(code, where).toBe('no-space');
      expect(details.path?.startsWith(copy), `${where}: ${details.path}`).toBe(true);
      expect(details.got, where).toMatch(/^[\d,]+ MB free: /);
      expect(details.remedy, where).toMatch(/^Make room, or /);
      expect(temporaryIn(copy), where).toEqual([]);
      expect([before, after], where).toContainEqual(await shownOf(copy));
      await work(copy);
      expect(await shownOf(copy), where).toEqual(after);
      rmSync(copy, { recursive: true });
    }
  });

  test('in a home that may not be written', async () => {
    const work = await operations[name]();
    const home = freshHome();
    const before = await shownOf(home);
    const { error } = await onBadDisk('read-only', 1, () => work(home));
    expect(error).toBeInstanceOf(DeptError);
    expect(error).toMatchObject({ code: 'no-access', details: { path: expect.stringContaining(home) } });
    expect(await shownOf(home)).toEqual(before);
    rmSync(home, { recursive: true });
  });
});

test('training on a disk that gets full: told why, and resumed to the same bits', { timeout: 120_000 }, async () => {
  const config = configFor('vqa', { threads: 1 });
  const whole = freshHome();
  let trained = '';
  const { seen } = await onBadDisk('full', Number.POSITIVE_INFINITY, async () => {
    ({ folder: trained } = await openService({ home: whole }).train(config));
  });
  const random = new Random('full training');
  for (let i = 0; i < SEEDS / 4; i += 1) {
    const point = 1 + random.below(seen);
    const where = `full from operation ${point} on`;
    const home = freshHome();
    const others = listRuns(home).runs.map(({ id }) => id);
    const { error } = await onBadDisk('full', point, () => openService({ home }).train(config));
    expect(error, where).toMatchObject({ code: 'no-space', details: { path: expect.stringContaining(home) } });
    await shownOf(home);
    const run = listRuns(home).runs.find(({ id }) => !others.includes(id));
    if (run !== undefined) expect(['created', 'failed', 'interrupted'], where).toContain(run.state);
    const service = openService({ home });
    const ended = run === undefined ? await service.train(config) : await service.resume(run.id);
    expect(trainedBytes(ended.folder, 8), where).toEqual(trainedBytes(trained, 8));
    expect(temporaryIn(home), where).toEqual([]);
    rmSync(home, { recursive: true });
  }
});

/** Undefined where this process may not mount one. */
function mountDisk(megabytes: number): string | undefined {
  if (process.platform !== 'linux') return undefined;
  const disk = join(folder, 'disk');
  mkdirSync(disk);
  const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', disk]);
  return status === 0 ? disk : undefined;
}

const disk = mountDisk(64);
afterAll(() => {
  if (disk !== undefined) spawnSync('umount', [disk]);
});

test.skipIf(disk === undefined)(
  'a disk of its own that is full, then read-only (needs Linux and the right to mount)',
  async () => {
    const home = join(disk!, 'home');
    cpSync(full, home, { recursive: true });
    const filler = join(disk!, 'filler');
    const { bavail, bsize } = statfsSync(disk!);
    writeFileSync(filler, new Uint8Array(bavail * bsize - 40_000));
    const config = configFor('vqa', { threads: 1 });
    await expect(openService({ home }).train(config)).rejects.toMatchObject({
      code: 'no-space',
      details: { path: expect.stringContaining(home), got: expect.stringMatching(/^[01] MB free: ENOSPC/) },
    });
    const add = operations['add a model'];
    await expect((await add())(home)).rejects.toMatchObject({ code: 'no-space' });
    await shownOf(home);
    expect(temporaryIn(home)).toEqual([]);
    rmSync(filler);
    const run = listRuns(home).runs.at(-1)!;
    expect(['created', 'failed', 'interrupted']).toContain(run.state);
    expect((await openService({ home }).resume(run.id)).status).toBe('finished');

    mkdirSync(join(home, 'runs', 'left.2147483646.tmp'));
    spawnSync('mount', ['-o', 'remount,ro', disk!]);
    const settings = await operations['write settings']();
    await expect(async () => settings(home)).rejects.toMatchObject({
      code: 'no-access',
      details: { got: expect.stringContaining('EROFS') },
    });
    await expect((await add())(home)).rejects.toMatchObject({ code: 'no-access' });
    removeAllLeftovers(home);
    await shownOf(home);
  },
);
