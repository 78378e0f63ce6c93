/** Errors as they travel: any failure as plain data, and back into the engine's error type. */
import { z } from 'zod';
import { DeptError, type ErrorCode, type ErrorRecord, errorCodes } from '../common/errors.ts';

export const errorRecordSchema = z.object({
  code: z.enum(errorCodes),
  message: z.string(),
  expected: z.string().optional(),
  got: z.string().optional(),
  /** A file, or the dotted path of a setting. */
  path: z.string().optional(),
  remedy: z.string().optional(),
});

export type { ErrorCode, ErrorRecord };

/** A failure that is not one of ours is a fault of the program: `runtime-failed`, with its own words. */
export function toErrorRecord(error: unknown): ErrorRecord {
  if (error instanceof DeptError) return error.toRecord();
  return { code: 'runtime-failed', message: error instanceof Error ? error.message : String(error) };
}

export function toDeptError({ code, message, ...details }: z.output<typeof errorRecordSchema>): DeptError {
  return new DeptError(code, message, details);
}

/** All of an error in lines, for a terminal or the clipboard. */
export function describeError(record: z.output<typeof errorRecordSchema>): string {
  return toDeptError(record).describe();
}
