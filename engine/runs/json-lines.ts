/** JSON Lines files that only ever grow: one value per line, one write per line, so that a kill costs one line at most. */
import { appendFileSync, closeSync, existsSync, fstatSync, openSync, readFileSync, readSync } from 'node:fs';
import { DeptError } from '../common/errors.ts';
import { writeAtomic } from '../common/files.ts';

const NEWLINE = 0x0a;

/** Appends one value. JSON has no NaN or infinity: they become null. */
export function appendJsonLine(path: string, value: unknown): void {
  appendFileSync(path, `${JSON.stringify(value)}\n`);
}

export interface JsonLines {
  readonly values: readonly unknown[];
  /** The byte at which the next read goes on. */
  readonly next: number;
}

function bytesFrom(path: string, from: number): Buffer {
  const descriptor = openSync(path, 'r');
  try {
    const bytes = Buffer.alloc(Math.max(0, fstatSync(descriptor).size - from));
    return bytes.subarray(0, readSync(descriptor, bytes, 0, bytes.byteLength, from));
  } finally {
    closeSync(descriptor);
  }
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
  const values = lines.map((line) => {
    try {
      return JSON.parse(line) as unknown;
    } catch (cause) {
      throw new DeptError('bad-file', 'A line of the file is damaged', {
        path,
        expected: 'one JSON value per line',
        got: line.slice(0, 80),
        remedy: 'Resume the run, which drops damaged lines, or delete the line.',
        cause,
      });
    }
  });
  return { values, next: from + length };
}

/** Keeps the lines whose value `keep` accepts, in place of the whole file; damaged and half-written lines go as well. */
export function filterJsonLines(path: string, keep: (value: unknown) => boolean): void {
  if (!existsSync(path)) return;
  const text = readFileSync(path, 'utf8');
  const kept = text
    .split('\n')
    .slice(0, -1)
    .filter((line) => {
      try {
        return keep(JSON.parse(line));
      } catch {
        return false;
      }
    })
    .map((line) => `${line}\n`)
    .join('');
  if (kept !== text) writeAtomic(path, kept);
}
