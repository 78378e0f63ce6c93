/** What all pages are told as it happens: pokes, after which a page reads what it shows. */
import { z } from 'zod';
import { settingsSchema } from './app.ts';
import { jobRecordSchema } from './job-records.ts';

/**
 * The engine's processes, by the work they do: quick reads, imports, thumbnails ahead, training and evaluation, the playground,
 * downloads.
 */
export const lanes = ['library', 'data', 'pictures', 'work', 'try', 'net'] as const;
export type Lane = (typeof lanes)[number];

export const eventSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('job'), job: jobRecordSchema }),
  z.object({ type: z.literal('job-removed'), job: z.string() }),
  z.object({
    type: z.literal('changed'),
    what: z.enum(['runs', 'datasets', 'models', 'evaluations']),
    /** Missing: any of them. */
    name: z.string().optional(),
  }),
  z.object({ type: z.literal('settings'), settings: settingsSchema }),
  /** `lost`: it ended unasked. It starts again when it is needed. */
  z.object({
    type: z.literal('engine'),
    lane: z.enum(lanes),
    state: z.enum(['started', 'ended', 'lost']),
    /** How it ended, in words: `killed by SIGKILL`. */
    reason: z.string().optional(),
  }),
]);

export type AppEvent = z.output<typeof eventSchema>;
