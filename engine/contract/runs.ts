/** Runs as the pages see them: listed, shown in full, followed on charts, compared, noted, removed. */
import { z } from 'zod';
import { whole } from './decoding-config.ts';
import { errorRecordSchema } from './errors.ts';
import { metricsSchema } from './metrics.ts';

/** The run's id, or its beginning. */
const run = z.string().min(1).max(200);

export const runNameSchema = z.strictObject({ run });

export const runStates = ['created', 'running', 'stopped', 'finished', 'failed', 'interrupted'] as const;

/** `interrupted`: said to be running, by a process that is gone. */
export type RunState = (typeof runStates)[number];

/** As a run's folder keeps it: its code may be of any age. */
const runError = z.object({ ...errorRecordSchema.shape, code: z.string() });

/** Values trained (method and projection), values that are not (T5's, fixed ones), and the first as a share of both (0..1). */
export const parameterCountsSchema = z.object({ trained: z.number(), frozen: z.number(), share: z.number() });

/** What a list says of a run. What its config does not hold, or its folder does not know yet, is missing. */
export const runSummarySchema = z.object({
  id: z.string(),
  /** ISO 8601, UTC. */
  created: z.string(),
  state: z.enum(runStates),
  task: z.enum(['vqa', 'caption']).optional(),
  dataset: z.string().optional(),
  vision: z.string().optional(),
  language: z.string().optional(),
  method: z.string().optional(),
  /** Asked for. */
  steps: whole(0).optional(),
  /** Done, whether or not they are saved. */
  step: whole(0),
  /** Of the newest step. */
  loss: z.number().optional(),
  /** Training time, evaluations in, pauses out. */
  seconds: z.number().optional(),
  best: z.object({ step: whole(0), metric: z.string(), value: z.number() }).optional(),
  parameters: parameterCountsSchema.optional(),
  error: runError.optional(),
  /** What a person wrote about it. */
  note: z.string().optional(),
});

export type RunSummary = z.output<typeof runSummarySchema>;

export const runListSchema = z.object({
  /** Newest first. */
  runs: z.array(runSummarySchema),
  /** There, but not readable. */
  broken: z.array(z.object({ name: z.string(), error: errorRecordSchema })),
});

export type RunList = z.output<typeof runListSchema>;

export const runDetailsSchema = z.object({
  ...runSummarySchema.shape,
  folder: z.string(),
  /** The training config, of any age. */
  config: z.record(z.string(), z.unknown()),
  /** The command that trains with the same config; missing where today's program does not know that config. */
  command: z.string().optional(),
  checkpoints: z.array(
    z.object({ step: whole(0), isBest: z.boolean(), isLast: z.boolean(), /** On disk. */ bytes: z.number() }),
  ),
  evaluations: whole(0),
  /** Of what it was trained on, and of the programs that trained it. */
  fingerprints: z.record(z.string(), z.string()),
  versions: z.record(z.string(), z.string()),
});

export type RunDetails = z.output<typeof runDetailsSchema>;

/** Columns of a chart beside step and seconds. `rates` stands for one column for each group of parameters. */
export const seriesColumns = ['loss', 'gradientNorm', 'rates', 'samplesPerSecond', 'memory'] as const;
export type SeriesColumn = (typeof seriesColumns)[number];

export const seriesQuerySchema = z.strictObject({
  run,
  /** Missing: all. */
  columns: z.array(z.enum(seriesColumns)).optional(),
  /** As the answer before gave it: only what came since. */
  cursor: z.string().max(100).optional(),
  /** Most rows of the answer, 100 or more. */
  points: whole(100).max(100_000).default(2000),
});

export type SeriesQuery = z.output<typeof seriesQuerySchema>;

/** Null where a run of an older program did not measure it. */
const column = z.array(z.number().nullable());

export const runSeriesSchema = z.object({
  /** To be given with the next question. */
  cursor: z.string(),
  /** True: this is all there is, put it in the place of what you have (the first answer, and after a resume went back). */
  reset: z.boolean(),
  /** Steps measured in all; more than rows where they are thinned out, extremes kept and the newest complete. */
  total: whole(0),
  /** Ascending. All columns have its length. */
  step: z.array(z.number()),
  /** Training time at the end of the step, evaluations in, pauses out. */
  seconds: column,
  loss: column.optional(),
  gradientNorm: column.optional(),
  /** Learning rate of each group: `prompt`, `lowRank`, `projection`. */
  rates: z.record(z.string(), column).optional(),
  samplesPerSecond: column.optional(),
  /** Bytes that the training process keeps in memory. */
  memory: column.optional(),
  /** Ascending. */
  evaluations: z.array(
    z.object({
      step: whole(0),
      seconds: z.number().nullable(),
      /** Without those of groups such as the answer types. */
      metrics: z.record(z.string(), z.number()),
      /** Better than all before it. */
      best: z.boolean(),
    }),
  ),
});

export type RunSeries = z.output<typeof runSeriesSchema>;

export const sampleSchema = z.object({
  /** The question's id, or the picture's own id (key). */
  id: z.string(),
  /** `<split>/<key>`. */
  imageId: z.string(),
  question: z.string().optional(),
  prediction: z.string(),
  references: z.array(z.string()),
});

/** Predictions on the first items of the validation split, by evaluation, ascending. */
export const runSamplesSchema = z.object({
  evaluations: z.array(z.object({ step: whole(0), items: z.array(sampleSchema) })),
});

export type RunSamples = z.output<typeof runSamplesSchema>;

export const runLogQuerySchema = z.strictObject({
  run,
  /** `next` of the answer before, a byte of the file. */
  from: whole(0).default(0),
});

export const runLogSchema = z.object({
  lines: z.array(
    z.object({
      /** ISO 8601, UTC. */
      time: z.string(),
      level: z.enum(['info', 'warning', 'error']),
      message: z.string(),
    }),
  ),
  next: whole(0),
});

export type RunLog = z.output<typeof runLogSchema>;

const piece = z.object({ id: z.int(), text: z.string() });

/** One example of step 0 as the model sees it. */
export const firstBatchExampleSchema = z.object({
  /** `<split>/<key>`. */
  imageId: z.string(),
  /** The text before it is cut into pieces, task prefix in. */
  text: z.string(),
  /** Pieces of the vocabulary, end token in, padding out. */
  pieces: z.array(piece),
  /** True where the text has more pieces than `maxTextLength`. */
  cut: z.boolean(),
  /** The answer or caption that is learnt. */
  target: z.string(),
  targetPieces: z.array(piece),
  targetCut: z.boolean(),
  /** Its weight in the loss: an answer's soft score, 1 for a caption. */
  score: z.number(),
});

export const firstBatchSchema = z.object({
  /** Examples in the batch; `examples` has the first of them. */
  batchSize: whole(1),
  /**
   * What the encoder reads, in this order, as positions: soft prompt, text (padded to the longest of the batch), visual tokens.
   */
  order: z.array(z.object({ part: z.enum(['prompt', 'text', 'visual']), length: whole(0) })),
  /** Positions that the decoder learns: the longest target of the batch. */
  targetLength: whole(1),
  padding: piece,
  examples: z.array(firstBatchExampleSchema),
});

export type FirstBatch = z.output<typeof firstBatchSchema>;

/** Null: the run has not come so far, or is of a program that did not write it. */
export const firstBatchAnswerSchema = z.object({ batch: firstBatchSchema.nullable() });

export const compareRunsSchema = z.strictObject({
  runs: z.array(run).min(1).max(50),
  /** One of them; missing: the first. */
  baseline: run.optional(),
});

export const runComparisonSchema = z.object({
  baseline: z.string(),
  /** In the order asked for. */
  runs: z.array(
    z.object({
      ...runSummarySchema.shape,
      /** All that was measured at the best step; empty before the first evaluation. */
      metrics: metricsSchema,
    }),
  ),
  /** A row for each number, a value for each run; `differences` are to the baseline. Null where there is none. */
  metrics: z.array(
    z.object({
      name: z.string(),
      values: z.array(z.number().nullable()),
      differences: z.array(z.number().nullable()),
    }),
  ),
  /** Where the configs differ, and nothing else: values as text. Null where a config has no such field. */
  settings: z.array(z.object({ path: z.string(), values: z.array(z.string().nullable()) })),
});

export type RunComparison = z.output<typeof runComparisonSchema>;

export const noteRunSchema = z.strictObject({
  run,
  /** Empty: none any more. */
  note: z.string().max(1000),
});
