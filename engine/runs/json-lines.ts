/** JSON Lines files that only ever grow: one object per line, one write per line, so that a kill costs one line at most. */
import { appendFileSync, closeSync, existsSync, fstatSync, readFileSync, readSync } from 'node:fs';
import { writing } from '../common/disk.ts';
import { DeptError, shortened } from '../common/errors.ts';
import { openForReading, writeAtomic } from '../common/files.ts';
import { parseJsonText } from '../common/json-text.ts';

const NEWLINE = 0x0a;

/** Appends one value. JSON has no NaN or infinity: they become null. Throws `no-space` or `no-access`. */
export function appendJsonLine(path: string, value: unknown): void {
  writing(path, () => appendFileSync(path, `${JSON.stringify(value)}\n`));
}

export type JsonLine = Readonly<Record<string, unknown>>;

export interface JsonLines {
  readonly values: readonly JsonLine[];
  /** The byte at which the next read goes on. */
  readonly next: number;
}

/** A negative `from` counts from the end. */
function bytesFrom(path: string, from: number): Buffer {
  const descriptor = openForReading(path);
  try {
    const { size } = fstatSync(descriptor);
    const start = from < 0 ? Math.max(0, size + from) : from;
    const bytes = Buffer.alloc(Math.max(0, size - start));
    return bytes.subarray(0, readSync(descriptor, bytes, 0, bytes.byteLength, start));
  } finally {
    closeSync(descriptor);
  }
}

export function isFields(value: unknown): value is JsonLine {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The object of a complete line, as `isWhole` wants it. Throws `bad-file` for a damaged one. */
export function parseLine<Line extends JsonLine = JsonLine>(
  line: string,
  path: string,
  isWhole: (value: unknown) => value is Line = isFields as (value: unknown) => value is Line,
): Line {
  let cause: unknown;
  try {
    const value = parseJsonText(line);
    if (isWhole(value)) return value;
  } catch (error) {
    cause = error;
  }
  throw new DeptError('bad-file', 'A line of the file is damaged', {
    path,
    expected: 'one JSON object per line, with its step where it has one',
    got: shortened(line),
    remedy: 'Resume the run, which drops damaged lines, or delete the line.',
    cause,
  });
}

/**
 * The complete lines from byte `from` on: a file that another process writes is followed by reading on from `next`.
 * A last line without its newline is not there yet; a missing file has no lines. Throws `bad-file` for a damaged line.
 */
export function readJsonLines(path: string, from = 0): JsonLines {
  if (!existsSync(path)) return { values: [], next: from };
  const bytes = bytesFrom(path, from);
  const length = bytes.lastIndexOf(NEWLINE) + 1;
  const lines = bytes.toString('utf8', 0, length).split('\n').slice(0, -1);
  return { values: lines.map((line) => parseLine(line, path)), next: from + length };
}

/** Bytes that a first look at the end of a file takes. */
const TAIL = 16_384;

/**
 * The last complete line whose value is wanted; undefined where there is none, or no file. Reads backwards, so that the
 * end of a long file is found at once. Throws `bad-file` for a damaged line on the way.
 */
export function lastJsonLine(path: string, isWanted: (value: JsonLine) => boolean): JsonLine | undefined {
  if (!existsSync(path)) return undefined;
  for (let size = TAIL; ; size *= 4) {
    const bytes = bytesFrom(path, -size);
    const isWhole = bytes.byteLength < size;
    const start = isWhole ? 0 : bytes.indexOf(NEWLINE) + 1;
    const end = bytes.lastIndexOf(NEWLINE) + 1;
    const lines = end <= start ? [] : bytes.toString('utf8', start, end).split('\n').slice(0, -1);
    for (const line of lines.reverse()) {
      const value = parseLine(line, path);
      if (isWanted(value)) return value;
    }
    if (isWhole) return undefined;
  }
}

/** Keeps the lines whose object `keep` accepts, in place of the whole file; damaged and half-written lines go as well. */
export function filterJsonLines(path: string, keep: (value: JsonLine) => boolean): void {
  if (!existsSync(path)) return;
  const text = readFileSync(path, 'utf8');
  const kept = text
    .split('\n')
    .slice(0, -1)
    .filter((line) => {
      try {
        return keep(parseLine(line, path));
      } catch {
        return false;
      }
    })
    .map((line) => `${line}\n`)
    .join('');
  if (kept !== text) writeAtomic(path, kept);
}
