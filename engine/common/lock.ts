/** A lock that one process at a time holds: a folder that appears whole or not at all, with the mark of its holder. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DeptError } from './errors.ts';
import { writeJsonAtomic } from './files.ts';
import { removeFolderAtomic, writeFolderAtomic } from './folders.ts';
import { readJson } from './json.ts';
import { isAlive, type ProcessMark, processMarkSchema, thisProcess } from './process.ts';

const MARK = 'holder.json';

/** The living process that holds the lock; undefined where it is free, or was left by one that is gone. */
export function lockHolder(lock: string): ProcessMark | undefined {
  const path = join(lock, MARK);
  if (!existsSync(path)) return undefined;
  try {
    const mark = readJson(path, processMarkSchema);
    return isAlive(mark) ? mark : undefined;
  } catch (error) {
    if (error instanceof DeptError) return undefined; // it was let go of meanwhile, or the disk damaged it
    throw error;
  }
}

/** Takes the lock for this process; false where a living one holds it, be it this one. */
export function takeLock(lock: string): boolean {
  if (lockHolder(lock) !== undefined) return false;
  if (existsSync(lock)) removeFolderAtomic(lock);
  try {
    writeFolderAtomic(lock, (temporary) => writeJsonAtomic(join(temporary, MARK), thisProcess()));
    return true;
  } catch (error) {
    if (lockHolder(lock) !== undefined) return false; // another process was faster
    throw error;
  }
}

/** Lets go of a lock that this process holds; needs no room on the disk. */
export function releaseLock(lock: string): void {
  if (existsSync(lock)) removeFolderAtomic(lock);
}
