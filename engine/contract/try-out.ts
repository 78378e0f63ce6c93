/** The playground's call: one picture put to a trained run, with what it writes and where it looked. */
import { z } from 'zod';
import { decodingFields, whole } from './decoding-config.ts';
import { evaluationSummarySchema } from './evaluations.ts';

/** A picture as a page names it: one of a dataset, by its `ImageItem.id`, or one that the page has sent. */
export const pictureSchema = z.union([
  z.strictObject({ dataset: z.string().min(1).max(200), image: z.string().min(1).max(1000) }),
  z.strictObject({ upload: z.string().min(1).max(200) }),
]);

export type Picture = z.output<typeof pictureSchema>;

/**
 * How to generate where it is to be otherwise than the run's config says. The upper bounds are for what fits into memory
 * with any model: a page's typing error must not take the engine down.
 */
export const decodingChangesSchema = z.strictObject({
  beams: decodingFields.beams.max(100).optional(),
  maxLength: decodingFields.maxLength.unwrap().max(512).optional(),
  minLength: decodingFields.minLength.unwrap().optional(),
  lengthPenalty: decodingFields.lengthPenalty.unwrap().optional(),
  earlyStopping: decodingFields.earlyStopping.unwrap().optional(),
  noRepeatNgram: decodingFields.noRepeatNgram.unwrap().optional(),
  repetitionPenalty: decodingFields.repetitionPenalty.unwrap().optional(),
});

export const tryRequestSchema = z.strictObject({
  run: z.string().min(1).max(200),
  /** `best` by the run's metric, `last`, or the step of a saved checkpoint. */
  checkpoint: z.union([z.enum(['best', 'last']), whole(0)]).default('best'),
  picture: pictureSchema,
  /** Of a run of the task vqa, and only there. */
  question: z.string().max(2000).optional(),
  decoding: decodingChangesSchema.default({}),
  /** How many texts to give; beams are raised to at least as many. */
  answers: whole(1).max(10).default(1),
  /** Whether to look where the decoder looked: one more pass of the decoder. */
  attention: z.boolean().default(true),
});

/** Checked, defaults filled in. */
export type TryRequest = z.output<typeof tryRequestSchema>;

/** What of a request is left once its picture is a file (absolute path). */
export type TryOnFile = Omit<TryRequest, 'picture'> & { readonly image: string };

export const tryAnswerSchema = z.object({
  text: z.string(),
  /**
   * What the search ranks by. Greedy search (1 beam): the sum of the tokens' log-probabilities, the end token's included.
   * Beam search: that sum divided by length^lengthPenalty. Null: minus infinity, where the rules of generation ban every token.
   */
  score: z.number().nullable(),
  /** Of the whole text, 0..1; missing where rules change the model's probabilities (`noRepeatNgram` and the like). */
  probability: z.number().optional(),
});

/** Where the decoder looked while it wrote one word of the first answer. */
export const attendedWordSchema = z.object({
  text: z.string(),
  /**
   * Cross-attention to each visual token, row by row: the mean over layers, heads and the word's tokens, made to sum to 1.
   * A token's attention is that of the decoder's position that predicts it.
   */
  attention: z.array(z.number()),
  /** How much of its cross-attention fell on visual tokens, 0..1; the rest was on prompt and text. */
  share: z.number(),
});

export const tryResultSchema = z.object({
  run: z.string(),
  /** Of the checkpoint. */
  step: z.int(),
  task: z.enum(['vqa', 'caption']),
  /** The first answer's. */
  text: z.string(),
  /** Best first; fewer than asked for where rules leave fewer. */
  answers: z.array(tryAnswerSchema),
  /** The question was longer than the run's `maxTextLength`: its end was not read. */
  cut: z.boolean(),
  /** Of the text, in order, parted by its white space. Empty unless attention was asked for. */
  words: z.array(attendedWordSchema),
  /** Of the visual tokens: equal cells that cover the whole picture, row by row. */
  grid: z.object({ rows: z.int(), columns: z.int() }),
  /** `open`: run, models and graphs, next to nothing where they are open already. `picture`: next to nothing for the same file again. */
  seconds: z.object({ open: z.number(), picture: z.number(), text: z.number(), attention: z.number() }),
  /** How it was generated; lengths count the start token. */
  decoding: evaluationSummarySchema.shape.decoding,
});

export type TryResult = z.output<typeof tryResultSchema>;
