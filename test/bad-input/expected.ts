/** What a bad input is answered with: every table here says so, and one test goes through all doors. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll } from 'vitest';
import type { ErrorCode, ErrorRecord } from '../../engine/common/errors.ts';

/** The error, as far as it matters; each part is looked for in what is said. */
export interface ExpectedError {
  readonly code: ErrorCode;
  readonly message: RegExp;
  readonly expected?: RegExp;
  readonly got?: RegExp;
  readonly remedy?: RegExp;
}

/** Puts the input at this path; where it gives bytes, they are written there. */
export type Make = (path: string) => Uint8Array | string | undefined;

export function put(path: string, make: Make): string {
  mkdirSync(dirname(path), { recursive: true });
  const content = make(path);
  if (content !== undefined) writeFileSync(path, content);
  return path;
}

/** A pipe that nobody writes to: whoever just opens it waits for ever. */
export const namedPipe: Make = (path) => {
  execFileSync('mkfifo', [path]);
  return undefined;
};

export const aFolder: Make = (path) => {
  mkdirSync(path);
  return undefined;
};

const parts = ['message', 'expected', 'got', 'remedy'] as const;

/** What a record says where a table speaks of it, and what the table says of that: equal where it fits, so that a difference shows. */
export function compared(record: ErrorRecord, wanted: ExpectedError): { got: object; wanted: object } {
  const asked = parts.filter((part) => wanted[part] !== undefined);
  const fits = (part: (typeof parts)[number]): unknown =>
    wanted[part]!.test(record[part] ?? '') ? record[part] : wanted[part];
  return {
    got: { code: record.code, ...Object.fromEntries(asked.map((part) => [part, record[part]])) },
    wanted: { code: wanted.code, ...Object.fromEntries(asked.map((part) => [part, fits(part)])) },
  };
}

/** For one test file: paths below a folder that goes with it, none of them there yet. */
export function unusedPaths(): () => string {
  const folder = mkdtempSync(join(tmpdir(), 'dept-bad-input-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  let made = 0;
  return () => {
    made += 1;
    return join(folder, String(made));
  };
}
