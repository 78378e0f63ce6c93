/** Kept evaluations: a run's predictions on a split with the score of each, listed, searched, compared. */
import { z } from 'zod';
import { decodingFields, whole } from './decoding-config.ts';
import { errorRecordSchema } from './errors.ts';
import { metricsSchema } from './metrics.ts';

/** One evaluation: its run and its id there. */
export const evaluationRefSchema = z.strictObject({
  /** The run's id, or its beginning. */
  run: z.string().min(1).max(200),
  id: z.string().min(1).max(300),
});

export type EvaluationRef = z.output<typeof evaluationRefSchema>;

/** How text was generated: no setting left to the model. */
const decodingInForce = z.object({
  beams: decodingFields.beams,
  maxLength: decodingFields.maxLength.unwrap(),
  minLength: whole(0),
  lengthPenalty: z.number(),
  earlyStopping: z.union([z.boolean(), z.literal('never')]),
  noRepeatNgram: whole(0),
  repetitionPenalty: z.number(),
});

export type DecodingInForce = z.output<typeof decodingInForce>;

export const evaluationSummarySchema = z.object({
  /** `<split>-<step>-<8 hex of decoding and limit>`: the same again replaces it. */
  id: z.string(),
  run: z.string(),
  dataset: z.string(),
  split: z.string(),
  task: z.enum(['vqa', 'caption']),
  /** Of the checkpoint. */
  step: whole(0),
  /** What was asked for: the best checkpoint of that time, the newest, or that of a step. */
  checkpoint: z.union([z.literal('best'), z.literal('last'), whole(0)]),
  /** ISO 8601, UTC. */
  created: z.string(),
  seconds: z.number(),
  examples: whole(1),
  /** Present where only the first examples of the split were taken. */
  limit: whole(1).optional(),
  metrics: metricsSchema,
  /** What must be said beside a metric, by its name. */
  notes: z.record(z.string(), z.string()).optional(),
  decoding: decodingInForce,
  /** Of this program, Node and ONNX Runtime. */
  versions: z.record(z.string(), z.string()),
});

export type EvaluationSummary = z.output<typeof evaluationSummarySchema>;

export const listEvaluationsSchema = z.strictObject({
  /** Missing: those of all runs. */
  run: evaluationRefSchema.shape.run.optional(),
});

export const evaluationListSchema = z.object({
  /** Newest first. */
  evaluations: z.array(evaluationSummarySchema),
  /** There, but not readable. */
  broken: z.array(z.object({ run: z.string(), id: z.string(), error: errorRecordSchema })),
});

export type EvaluationList = z.output<typeof evaluationListSchema>;

const groupSchema = z.object({ group: z.string(), count: whole(1), score: z.number() });

export type ScoreGroup = z.output<typeof groupSchema>;

export const evaluationDetailsSchema = z.object({
  ...evaluationSummarySchema.shape,
  /**
   * What an item's score is: VQA accuracy of the answer in percent, or the caption's CIDEr (a plain ratio, 0 to 10). Its mean
   * over all items is the evaluation's own metric.
   */
  scoreName: z.enum(['accuracy', 'CIDEr']),
  /** Largest groups first; empty for captions. `score` is the mean of the items. */
  byAnswerType: z.array(groupSchema),
  byQuestionType: z.array(groupSchema),
  /** How many items score in `[from, to)`; the last bin takes its end in. Bins of one width that cover all scores. */
  histogram: z.array(z.object({ from: z.number(), to: z.number(), count: whole(0) })),
});

export type EvaluationDetails = z.output<typeof evaluationDetailsSchema>;

/** What is to be shown; an item must pass all that are given. */
const filterFields = {
  answerType: z.string().max(200).optional(),
  questionType: z.string().max(200).optional(),
  /** Part of the question, the prediction or a reference, in any case of letters. */
  text: z.string().max(500).optional(),
  scoreBelow: z.number().optional(),
  scoreAbove: z.number().optional(),
  /** True: only items with score 0; false: only those above it. */
  wrong: z.boolean().optional(),
};

const pageFields = {
  limit: whole(1).max(500).default(50),
  offset: whole(0).default(0),
};

export const evaluationItemsQuerySchema = z.strictObject({
  ...evaluationRefSchema.shape,
  ...filterFields,
  ...pageFields,
  /** Equal scores, and `order`, are in the order of the split. */
  sort: z.enum(['worst', 'best', 'order']).default('worst'),
});

export type EvaluationItemsQuery = z.output<typeof evaluationItemsQuerySchema>;

const itemFields = {
  /** The question's id, or the picture's own id (key), as in the official result file. */
  id: z.string(),
  /** `<split>/<key>`. */
  imageId: z.string(),
  question: z.string().optional(),
  /** Ten answers, or the captions. */
  references: z.array(z.string()),
  answerType: z.string().optional(),
  questionType: z.string().optional(),
};

export const evaluationItemSchema = z.object({
  ...itemFields,
  prediction: z.string(),
  score: z.number(),
  /** Captions: every metric of this one caption. */
  scores: z.record(z.string(), z.number()).optional(),
});

export type EvaluationItem = z.output<typeof evaluationItemSchema>;

export const evaluationItemsSchema = z.object({
  /** All that pass the filters, whatever the page. */
  total: whole(0),
  items: z.array(evaluationItemSchema),
});

export type EvaluationItems = z.output<typeof evaluationItemsSchema>;

export const compareEvaluationsSchema = z.strictObject({
  a: evaluationRefSchema,
  b: evaluationRefSchema,
  ...pageFields,
  /** Largest difference first: either way, or only where that one scores higher. */
  show: z.enum(['different', 'a-higher', 'b-higher']).default('different'),
});

export type CompareEvaluationsQuery = z.output<typeof compareEvaluationsSchema>;

const sideSchema = z.object({ prediction: z.string(), score: z.number() });

export const evaluationComparisonSchema = z.object({
  /** Items that both have scored. */
  shared: whole(0),
  aHigher: whole(0),
  bHigher: whole(0),
  /** Of the shared items; 0 where there are none. */
  meanA: z.number(),
  meanB: z.number(),
  /** All that `show` asks for, whatever the page. */
  total: whole(0),
  items: z.array(z.object({ ...itemFields, a: sideSchema, b: sideSchema })),
});

export type EvaluationComparison = z.output<typeof evaluationComparisonSchema>;

/** The HTML report of an evaluation. */
export const evaluationReportSchema = z.strictObject({
  ...evaluationRefSchema.shape,
  /** Items shown with their pictures: those with the lowest scores, and those with the highest. */
  worst: whole(0).max(200).default(20),
  best: whole(0).max(200).default(20),
});

export type EvaluationReportRequest = z.output<typeof evaluationReportSchema>;
