/** Files: atomic writes (a reader sees the old file or the whole new one, never half of it), reading, and what a failed read means. */
import { isUtf8 } from 'node:buffer';
import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { writing } from './disk.ts';
import { DeptError } from './errors.ts';

/** A failed open or read, as our own error: `not-found` where there is no such file, else `bad-file`. */
export function fileError(cause: unknown, path: string): DeptError {
  const missing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
  const message = missing ? 'There is no such file' : 'The file cannot be read';
  return new DeptError(missing ? 'not-found' : 'bad-file', message, { path, got: (cause as Error).message, cause });
}

/** Flags for reading: a pipe that nobody writes to opens at once, so that it can be refused. Windows has no such flag. */
export const READ_AT_ONCE = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

/** Throws `bad-file` for a folder, a pipe or a device: reading one may never end. */
export function checkIsFile(stats: Stats, path: string): void {
  if (stats.isFile()) return;
  throw new DeptError('bad-file', 'This is not a file', {
    path,
    expected: 'a file',
    got: stats.isDirectory() ? 'a folder' : stats.isFIFO() ? 'a named pipe' : 'a device or a socket',
    remedy: stats.isDirectory() ? 'Name a file in it.' : 'Write what it gives to a file first.',
  });
}

/** Undefined where there is nothing. Throws `bad-file` where that cannot be told, as of a name that is too long. */
export function statOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch (cause) {
    throw fileError(cause, path);
  }
}

/** `checkIsFile` of what lies at `path`, for readers that open it themselves. Throws `not-found` too. */
export function checkFile(path: string): void {
  let stats: Stats;
  try {
    stats = statSync(path);
  } catch (cause) {
    throw fileError(cause, path);
  }
  checkIsFile(stats, path);
}

/** The descriptor of a file. Throws `not-found` or `bad-file`. */
export function openForReading(path: string): number {
  let descriptor: number;
  try {
    descriptor = openSync(path, READ_AT_ONCE);
  } catch (cause) {
    throw fileError(cause, path);
  }
  try {
    checkIsFile(fstatSync(descriptor), path);
  } catch (error) {
    closeSync(descriptor);
    throw error;
  }
  return descriptor;
}

/** All of a file. Throws `not-found` or `bad-file`. */
export function readBytes(path: string): Buffer {
  const descriptor = openForReading(path);
  try {
    return readFileSync(descriptor);
  } catch (cause) {
    throw fileError(cause, path);
  } finally {
    closeSync(descriptor);
  }
}

/** What is wrong with the first bytes of what should be a UTF-8 text; undefined where nothing is to be seen. */
export function otherEncoding(start: Uint8Array): string | undefined {
  const [first, second] = start;
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) return 'UTF-16';
  return start.includes(0) ? 'bytes that are zero, as in UTF-16 or in a file that is no text' : undefined;
}

const PART = 1 << 16;

/** Where a part ends that begins at `start`: before the first byte of a character. */
function endOfPart(bytes: Buffer, start: number): number {
  let end = Math.min(start + PART, bytes.length);
  while (end < bytes.length && end > start + PART - 4 && (bytes[end]! & 0xc0) === 0x80) end -= 1;
  return end;
}

/** The first byte that is not UTF-8: its index, and what to say of it. Undefined where all are. */
export function foreignByte(bytes: Buffer): { readonly at: number; readonly words: string } | undefined {
  if (isUtf8(bytes)) return undefined;
  let [start, end] = [0, endOfPart(bytes, 0)];
  while (isUtf8(bytes.subarray(start, end))) [start, end] = [end, endOfPart(bytes, end)];
  let at = start;
  for (const char of bytes.toString('utf8', start, end)) {
    const size = Buffer.byteLength(char);
    if (!isUtf8(bytes.subarray(at, at + size))) break; // what is read as U+FFFD, and is no U+FFFD
    at += size;
  }
  return { at, words: `the byte 0x${bytes[at]!.toString(16)}, of another encoding such as Latin-1` };
}

/** How many lines bytes hold; one that is not over counts as well. */
export function countLines(bytes: Buffer): number {
  let count = 1;
  for (let at = bytes.indexOf(0x0a); at !== -1; at = bytes.indexOf(0x0a, at + 1)) count += 1;
  return count;
}

/** The text of bytes without a byte order mark. Throws `bad-file` for what is not UTF-8. */
export function decodeText(bytes: Buffer, path: string): string {
  const got = otherEncoding(bytes) ?? placeOfForeignByte(bytes);
  if (got !== undefined) {
    throw new DeptError('bad-file', 'The file is not UTF-8 text', { path, got, remedy: 'Save it again as UTF-8.' });
  }
  const text = bytes.toString('utf8');
  return text.startsWith('\ufeff') ? text.slice(1) : text;
}

function placeOfForeignByte(bytes: Buffer): string | undefined {
  const foreign = foreignByte(bytes);
  return foreign && `on line ${countLines(bytes.subarray(0, foreign.at))} ${foreign.words}`;
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
 * when it is missing. Throws `no-space` or `no-access`.
 */
export function writeAtomic(path: string, chunks: string | Uint8Array | Iterable<Uint8Array>): void {
  writing(path, () => writeAndRename(path, chunks));
}

function writeAndRename(path: string, chunks: string | Uint8Array | Iterable<Uint8Array>): void {
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
