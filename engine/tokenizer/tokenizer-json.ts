/** tokenizer.json as the tokenizers library writes it: its parts, each read further by the file that builds it. */
import { z } from 'zod';
import { addedTokenSchema } from './added-tokens.ts';

const part = z.looseObject({}).nullable();

/** Old files do not say which model it is: only Unigram's vocabulary is a list. */
const model = z
  .looseObject({ type: z.string().optional(), vocab: z.unknown() })
  .transform((model): { readonly type: string; readonly [option: string]: unknown } => ({
    ...model,
    type: model.type ?? (Array.isArray(model.vocab) ? 'Unigram' : 'BPE'),
  }));

export const tokenizerJsonSchema = z.object({
  added_tokens: z.array(addedTokenSchema),
  normalizer: part,
  pre_tokenizer: part,
  model,
  post_processor: part,
  decoder: part,
});

export type TokenizerJson = z.output<typeof tokenizerJsonSchema>;
