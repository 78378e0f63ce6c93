/** What a disk can take: room for what is to be written, and what a failed write means. */
import { existsSync, statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import { DeptError } from './errors.ts';

/** The folder itself, or the nearest above it that is there. */
function existing(folder: string): string {
  const above = dirname(folder);
  return existsSync(folder) || above === folder ? folder : existing(above);
}

/** Bytes that may still be written to the disk of a path, which need not be there yet. */
export function freeBytes(path: string): number {
  const { bavail, bsize } = statfsSync(existing(path));
  return bavail * bsize;
}

const megabytes = (bytes: number): string => `${Math.ceil(bytes / 1e6).toLocaleString('en')} MB`;

const OTHER_DISK = 'choose a home folder on another disk (--home)';

/** Throws `no-space` where a disk has not so many bytes free. `what` is for the message: `the model`; `instead`: another way out. */
export function checkSpace(
  path: string,
  needed: number,
  {
    what,
    free = freeBytes(path),
    instead,
  }: { readonly what: string; readonly free?: number; readonly instead?: string },
): void {
  if (free >= needed) return;
  throw new DeptError('no-space', `The disk has not enough room for ${what}`, {
    path,
    expected: `${megabytes(needed)} free`,
    got: `${megabytes(free)} free`,
    remedy: `Make room, or ${instead ?? OTHER_DISK}.`,
  });
}

/** SQLite's numbers for a full disk and for a file that may not be written. */
const [SQLITE_READONLY, SQLITE_FULL] = [8, 13];

interface SystemError extends Error {
  /** Of the operating system, such as `ENOSPC`. */
  readonly code?: string;
  /** Of SQLite. */
  readonly errcode?: number;
  readonly syscall?: string;
  readonly path?: string;
}

const FORBIDDEN = ['EROFS', 'EACCES', 'EPERM'];

function isForbidden({ code = '', errcode, syscall, message }: SystemError): boolean {
  // what Node says of a read-only disk where folders are made with those above them, or removed with all that is in them
  const isReadOnly = (code === 'ENOENT' && syscall === 'mkdir') || (syscall === 'rm' && /read-only/i.test(message));
  return FORBIDDEN.includes(code) || errcode === SQLITE_READONLY || isReadOnly;
}

/**
 * A write to `path` that failed, as our own error: `no-space` for a full disk, `no-access` where the system does not allow it.
 * Everything else stays what it is.
 */
export function writeError(cause: unknown, path: string | undefined = (cause as SystemError).path): unknown {
  if (cause instanceof DeptError || !(cause instanceof Error)) return cause;
  const { code, errcode, message } = cause as SystemError;
  const where = path === undefined ? {} : { path };
  if (code === 'ENOSPC' || code === 'EDQUOT' || errcode === SQLITE_FULL) {
    const free = path === undefined ? '' : `${megabytes(freeBytes(path))} free: `;
    const remedy = `Make room, or ${OTHER_DISK}. What was saved before is still there: go on from it.`;
    return new DeptError('no-space', 'The disk is full', { ...where, got: `${free}${message}`, remedy, cause });
  }
  if (isForbidden(cause)) {
    return new DeptError('no-access', 'The folder cannot be written to', {
      ...where,
      expected: 'a folder that this program may change',
      got: message,
      remedy: 'Get the right to write there, or choose another home folder (--home).',
      cause,
    });
  }
  return cause;
}

/** What `work` gives; where it fails to write, throws what `writeError` makes of that. */
export function writing<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw writeError(error, path);
  }
}
