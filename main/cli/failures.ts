/** From an error to an exit code and to words. */
import { CommanderError } from 'commander';
import { writeError } from '../../engine/common/disk.ts';
import { DeptError, type ErrorCode, type ErrorRecord } from '../../engine/common/errors.ts';
import { printable } from './printable.ts';
import type { Sink } from './progress.ts';

/** 0: done, 1: failed, 2: asked for what cannot be, by usage or by input. */
export type ExitCode = 0 | 1 | 2;

const askedWrongly: readonly ErrorCode[] = ['bad-input', 'bad-config', 'bad-file', 'not-found', 'already-exists'];

export interface Failure {
  readonly exitCode: ExitCode;
  readonly record: ErrorRecord;
  /** For a terminal. Empty where the reader has been told already. */
  readonly text: string;
}

/** Where a failure is told: on stdout as the one JSON document there, else in words. */
export function tellFailure(
  { record, text }: Failure,
  json: boolean,
  { stdout, stderr }: { readonly stdout: Sink; readonly stderr: Sink },
): void {
  if (json) stdout.write(`${printable(JSON.stringify({ error: record }, null, 2))}\n`);
  else if (text !== '') stderr.write(`${printable(text)}\n`);
}

/** Null where commander ends the program without a failure, as for `--help`. */
export function failureOf(error: unknown): Failure | null {
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return null;
    const noCommand = error.code === 'commander.help';
    const message = noCommand ? 'No command was given' : error.message.replace(/^error: /, '');
    return { exitCode: 2, record: { code: 'bad-input', message }, text: '' };
  }
  const own = writeError(error);
  if (own instanceof DeptError) {
    return {
      exitCode: askedWrongly.includes(own.code) ? 2 : 1,
      record: own.toRecord(),
      text: `error: ${own.describe()}`,
    };
  }
  const message = error instanceof Error ? error.message : String(error);
  const text = error instanceof Error && error.stack ? error.stack : message;
  return { exitCode: 1, record: { code: 'runtime-failed', message }, text: `error: ${text}` };
}
