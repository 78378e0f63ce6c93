/** Params of the long calls, which run as jobs. */
import { z } from 'zod';
import { whole } from './decoding-config.ts';
import { decodingChangesSchema } from './try-out.ts';

export const evaluateParamsSchema = z.strictObject({
  run: z.string().min(1).max(200),
  /** `best` by the run's metric, `last`, or the step of a saved checkpoint. */
  checkpoint: z.union([z.enum(['best', 'last']), whole(0)]).default('best'),
  split: z.string().min(1).max(200).default('test'),
  decoding: decodingChangesSchema.default({}),
  /** Evaluate on the first examples of the split only; missing: all. */
  limit: whole(1).optional(),
});

export const nothingSchema = z.strictObject({});

/** What a call gives back that has nothing to tell. */
export const doneSchema = z.object({});
