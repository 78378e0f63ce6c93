/** JSON files from outside, checked against a schema before anything else sees them. */
import { z } from 'zod';
import { DeptError } from './errors.ts';
import { decodeText, readBytes } from './files.ts';
import { parseJsonText } from './json-text.ts';

/** A file of another kind can be wrong in every one of a million entries. */
const ISSUES_SHOWN = 5;

/** Parses and checks a JSON text. `path` is where it came from, for the error (`bad-file`). */
export function parseJson<Schema extends z.ZodType>(text: string, schema: Schema, path: string): z.output<Schema> {
  let value: unknown;
  try {
    value = parseJsonText(text);
  } catch (cause) {
    throw new DeptError('bad-file', 'The file is not valid JSON', { path, got: (cause as Error).message, cause });
  }
  return checkJson(value, schema, path);
}

/** Checks a value that came from the JSON file at `path`. Throws `bad-file`. */
export function checkJson<Schema extends z.ZodType>(value: unknown, schema: Schema, path: string): z.output<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new DeptError('bad-file', 'The JSON file does not have the expected fields', {
    path,
    got: z.prettifyError({ issues: result.error.issues.slice(0, ISSUES_SHOWN) }),
    cause: result.error,
  });
}

/** Reads, parses and checks a JSON file. Throws `not-found` or `bad-file`. */
export function readJson<Schema extends z.ZodType>(path: string, schema: Schema): z.output<Schema> {
  return parseJson(decodeText(readBytes(path), path), schema, path);
}
