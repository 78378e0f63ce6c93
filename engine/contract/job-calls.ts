/** What the long calls, which run as jobs, take and give back. */
import { z } from 'zod';
import { refusalSchema } from './datasets.ts';
import { whole } from './decoding-config.ts';
import { metricsSchema } from './metrics.ts';
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

/** Of `train` and `resume`. */
export const trainResultSchema = z.object({
  run: z.string(),
  folder: z.string(),
  /** `stopped`: asked to, and saved. `converged`: no better metric for `evaluation.patience` evaluations. */
  status: z.enum(['finished', 'stopped', 'converged']),
  step: whole(0),
  /** Of this call, from the visual features to the last checkpoint. */
  seconds: z.number(),
  /** Values trained (method and projection), values that are not (T5's, fixed ones), and the first as a share of both (0..1). */
  parameters: z.object({ trained: whole(0), frozen: whole(0), share: z.number() }),
  /** Missing where the run was stopped before its first evaluation. */
  best: z.object({ step: whole(0), metrics: metricsSchema }).optional(),
});

export const evaluateResultSchema = z.object({
  run: z.string(),
  /** Its id: the evaluation stays in the run's folder, with the score of every example. */
  evaluation: z.string(),
  dataset: z.string(),
  split: z.string(),
  step: whole(0),
  examples: whole(1),
  metrics: metricsSchema,
  /** The official result file: the one asked for, or else the evaluation's own. */
  predictions: z.string(),
});

export const importResultSchema = z.object({
  dataset: z.object({ name: z.string() }),
  /** What this import brought. */
  parts: z.array(z.object({ task: z.enum(['vqa', 'caption']), split: z.string(), items: whole(0) })).readonly(),
  /** Records of splits that were not asked for. */
  skipped: whole(0),
  refused: z.object({
    total: whole(0),
    byCode: z.record(z.string(), whole(1)),
    /** The first few. */
    examples: z.array(refusalSchema).readonly(),
  }),
});

export const sampleResultSchema = z.object({ dataset: z.string() });

export const thumbnailsResultSchema = z.object({
  dataset: z.string(),
  pictures: whole(0),
  /** Of these: files that are gone or cannot be decoded. */
  failed: whole(0),
});

export type ThumbnailsResult = z.output<typeof thumbnailsResultSchema>;

export const nothingSchema = z.strictObject({});

/** What a call gives back that has nothing to tell. */
export const doneSchema = z.object({});
