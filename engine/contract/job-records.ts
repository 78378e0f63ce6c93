/** Jobs: long work that outlives the page that asked for it. */
import { z } from 'zod';
import { errorRecordSchema } from './errors.ts';

export const progressSchema = z.object({
  task: z.string(),
  done: z.number(),
  total: z.number().optional(),
  unit: z.string(),
  note: z.string().optional(),
});

export const jobStates = ['queued', 'running', 'paused', 'done', 'failed', 'cancelled', 'interrupted'] as const;

export const jobRecordSchema = z.object({
  id: z.string(),
  /** The call that it carries out. */
  call: z.string(),
  /** In a person's words: `Train on my-pictures`. */
  title: z.string(),
  state: z.enum(jobStates),
  /** Asked to stop, and not yet there. */
  stopping: z.boolean(),
  /** ISO 8601. */
  created: z.string(),
  started: z.string().optional(),
  ended: z.string().optional(),
  progress: progressSchema.optional(),
  /** Units of the progress per second. */
  rate: z.number().optional(),
  secondsLeft: z.number().optional(),
  /** What it is about, as far as is known. */
  run: z.string().optional(),
  dataset: z.string().optional(),
  model: z.string().optional(),
  /** What the call gave back, once the state is `done`. */
  result: z.unknown().optional(),
  /** Why it ended, where the state is `failed`, `cancelled` or `interrupted`. */
  error: errorRecordSchema.optional(),
});

export type JobRecord = z.output<typeof jobRecordSchema>;
export type JobState = JobRecord['state'];

export function isOver({ state }: Pick<JobRecord, 'state'>): boolean {
  return state !== 'queued' && state !== 'running' && state !== 'paused';
}

export const jobIdSchema = z.strictObject({ job: z.string().max(100) });
