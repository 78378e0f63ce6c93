/** Who holds a lock: processes that live, whatever became of their ids and of the clock. */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { lockHolder, releaseLock, takeLock } from '../../engine/common/lock.ts';
import { isAlive, type ProcessMark, thisProcess } from '../../engine/common/process.ts';
import { watchFileOperations } from '../crash/file-operations.ts';

/** No process has an id this large. */
const GONE = 2 ** 31 - 2;
const DAY = 24 * 3600 * 1000;

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'dept-lock-'));
});
afterEach(() => {
  vi.useRealTimers();
  rmSync(root, { recursive: true, force: true });
});

/** A lock that another process took. */
function lockOf(mark: ProcessMark | string): string {
  const lock = join(root, 'lock');
  mkdirSync(lock);
  writeFileSync(join(lock, 'holder.json'), typeof mark === 'string' ? mark : JSON.stringify(mark));
  return lock;
}

test('one at a time holds it, this process too', () => {
  const lock = join(root, 'lock');
  expect(lockHolder(lock)).toBeUndefined();
  expect(takeLock(lock)).toBe(true);
  expect(lockHolder(lock)).toEqual(thisProcess());
  expect(takeLock(lock)).toBe(false);
  releaseLock(lock);
  expect(readdirSync(root)).toEqual([]);
  expect(takeLock(lock)).toBe(true);
});

test('where another process is faster it is theirs', async () => {
  const lock = join(root, 'lock');
  const stop = await watchFileOperations(({ name, path }) => {
    if (name === 'renameSync' && path!.includes('holder.json'))
      lockOf({ processId: process.ppid, started: Date.now() });
  });
  try {
    expect(takeLock(lock)).toBe(false);
  } finally {
    stop();
  }
  expect(lockHolder(lock)?.processId).toBe(process.ppid);
  expect(readdirSync(root)).toEqual(['lock']);
});

test('a living process keeps it; one that is gone, or a mark that cannot be read, does not', () => {
  const started = Date.now();
  const lock = lockOf({ processId: process.ppid, started });
  expect(takeLock(lock)).toBe(false);
  expect(lockHolder(lock)?.processId).toBe(process.ppid);
  for (const left of [{ processId: GONE, started }, '{"proc']) {
    releaseLock(lock);
    expect(takeLock(lockOf(left))).toBe(true);
  }
});

test('a process id handed out a second time is not the process that was meant', () => {
  const { processId, started, incarnation } = thisProcess();
  expect(isAlive({ processId, started })).toBe(true);
  expect(isAlive({ processId, started: started - 60_000 })).toBe(false);
  expect(isAlive({ processId: GONE, started })).toBe(false);
  expect(isAlive({ processId: process.ppid, started })).toBe(true);
  expect(isAlive({ processId: process.ppid, started: 0 })).toBe(false); // from before the machine started
  if (process.platform !== 'linux') return;
  expect(isAlive({ processId, started, incarnation: incarnation! })).toBe(true);
  expect(isAlive({ processId: process.ppid, started, incarnation: incarnation! })).toBe(false);
  expect(isAlive({ processId, started, incarnation: `another boot ${incarnation!.split(' ')[1]}` })).toBe(false);
});

test.skipIf(process.platform !== 'linux').each([-DAY, DAY])(
  'a clock that is set by %i ms ends no process (needs Linux)',
  (change) => {
    const mark = thisProcess();
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + change });
    expect(isAlive(mark)).toBe(true);
    expect(thisProcess().incarnation).toBe(mark.incarnation);
  },
);
