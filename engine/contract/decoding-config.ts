/** The part of the training config that says how text is generated, in transformers' terms. */
import { z } from 'zod';

/** A whole number, `least` or more. */
export const whole = (least: number) => z.int().min(least);

/** A setting that is the model's own unless it is given. */
const orModels = <Schema extends z.ZodType>(schema: Schema, what: string, otherwise: string) =>
  schema
    .nullable()
    .default(null)
    .describe(`${what}; null: as in the model's generation_config.json, else ${otherwise}`);

export const decodingFields = {
  beams: whole(1).describe('Beam width, 1 is greedy; unless given: 1 for vqa, 5 for caption'),
  maxLength: whole(2)
    .default(20)
    .describe('Longest generated answer or caption in tokens, the start token counted, as transformers does'),
  minLength: orModels(whole(0), 'No end before so many tokens, the start token counted', '0'),
  lengthPenalty: orModels(
    z.number(),
    'Beam search: a text scores log-probability / length^N, so that above 0 favours long texts',
    '1',
  ),
  earlyStopping: orModels(
    z.union([z.boolean(), z.literal('never')]),
    'Beam search with as many texts as beams: end (true), go on while a beam as it is beats one (false), or while one could (never)',
    'false',
  ),
  noRepeatNgram: orModels(whole(0), 'No N tokens in a row come twice in a text; 0: they may', '0'),
  repetitionPenalty: orModels(
    z.number().positive(),
    'Above 1 makes tokens of a text less likely to come again, below 1 likelier',
    '1',
  ),
};

const decoding = z.strictObject(decodingFields);

export type Decoding = z.output<typeof decoding>;
