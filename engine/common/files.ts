/** Files: atomic writes (a reader sees the old file or the whole new one, never half of it) and what a failed read means. */
import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { DeptError } from './errors.ts';

/** A failed open or read, as our own error: `not-found` where there is no such file, else `bad-file`. */
export function fileError(cause: unknown, path: string): DeptError {
  const missing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
  const message = missing ? 'There is no such file' : 'The file cannot be read';
  return new DeptError(missing ? 'not-found' : 'bad-file', message, { path, got: (cause as Error).message, cause });
}

/** Makes renames in a folder survive a power cut. */
export function syncFolder(folder: string): void {
  if (process.platform === 'win32') return; // Windows cannot open a folder for fsync
  const descriptor = openSync(folder, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** The name under which `path` is prepared before the rename. */
export function temporaryName(path: string): string {
  return `${path}.${process.pid}.tmp`;
}

/** The process that prepares, or prepared, the file or folder of this name; undefined for a name that is final. */
export function preparedBy(name: string): number | undefined {
  const processId = /\.(\d+)\.tmp$/.exec(name)?.[1];
  return processId === undefined ? undefined : Number(processId);
}

/**
 * Writes through a temporary file in the same folder, fsync, rename; nothing is left of it where that fails. Makes the folder
 * when it is missing.
 */
export function writeAtomic(path: string, chunks: string | Uint8Array | Iterable<Uint8Array>): void {
  const folder = dirname(path);
  mkdirSync(folder, { recursive: true });
  const temporary = temporaryName(path);
  const descriptor = openSync(temporary, 'w');
  try {
    const list = typeof chunks === 'string' ? [Buffer.from(chunks)] : chunks instanceof Uint8Array ? [chunks] : chunks;
    for (const chunk of list) {
      for (let done = 0; done < chunk.byteLength; ) done += writeSync(descriptor, chunk, done);
    }
    fsyncSync(descriptor);
  } catch (error) {
    rmSync(temporary);
    throw error;
  } finally {
    closeSync(descriptor);
  }
  renameSync(temporary, path);
  syncFolder(folder);
}

/** `writeAtomic` of a JSON value, two-space indent, newline at the end. */
export function writeJsonAtomic(path: string, value: unknown): void {
  writeAtomic(path, `${JSON.stringify(value, null, 2)}\n`);
}
