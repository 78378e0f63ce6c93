/** Pieces of record schemas that the JSON formats share, and the refusal of a record that does not fit its schema. */
import { z } from 'zod';
import type { Place, RefusedRecord } from '../source.ts';

const ID = 'expected a whole number below 2^53, or a text';
/** A whole number or a non-empty text; used as text from here on. */
export const idSchema = z.union([z.int(ID), z.string().trim().min(1, ID)], ID).transform(String);

/** VQA's answers: a list of `{answer}`; only the text matters. */
export const answersSchema = z.array(z.object({ answer: z.string() }).transform(({ answer }) => answer));

/** `title` names the record: `question 17`, or `questions, line 3` where it has no id. */
export function malformed(title: string, error: z.ZodError, place: Place): RefusedRecord {
  const issue = error.issues[0]!;
  const where = issue.path.length === 0 ? '' : `${issue.path.join('.')}: `;
  return { kind: 'refused', item: title, code: 'malformed', reason: `${where}${issue.message}`, place };
}

/** The record's id for a message, as far as it has one. */
export function titleOf(kind: string, value: unknown, key: string, line: number): string {
  const id = typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined;
  return typeof id === 'number' || typeof id === 'string' ? `${kind} ${id}` : `${kind} on line ${line}`;
}
