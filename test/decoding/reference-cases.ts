/** The cases of test/golden/decoding-cases.json: what transformers' generate() answers, see make-decoding.py. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { GenerateOptions } from '../../engine/decoding/generate-options.ts';

/** transformers' names. */
interface CaseOptions {
  readonly num_beams: number;
  readonly length_penalty?: number;
  readonly early_stopping?: boolean | 'never';
  readonly max_length?: number;
  readonly max_new_tokens?: number;
  readonly min_length?: number;
  readonly min_new_tokens?: number;
  readonly no_repeat_ngram_size?: number;
  readonly repetition_penalty?: number;
  readonly forced_bos_token_id?: number;
  readonly forced_eos_token_id?: number;
  readonly num_return_sequences?: number;
}

/** Ids as text, and the score; null where it is minus infinity. */
export type ReferenceAnswer = readonly [ids: string, score: number | null];

export interface ReferenceCase {
  readonly model: string;
  readonly options: CaseOptions;
  /** By prompt; null where rounding decides. */
  readonly answers: readonly (readonly ReferenceAnswer[] | null)[];
  /** Where torch.topk's own order among equals leads to other ids. */
  readonly torch?: readonly (readonly ReferenceAnswer[])[];
}

interface Reference {
  readonly about: { readonly twins: readonly (readonly number[])[] };
  readonly inputs: readonly (readonly number[])[];
  readonly cases: readonly ReferenceCase[];
}

const goldenFolder = fileURLToPath(new URL('../golden/', import.meta.url));

export const reference = JSON.parse(readFileSync(`${goldenFolder}decoding-cases.json`, 'utf8')) as Reference;

export const modelFolder = (model: string): string => `${goldenFolder}decoding-${model}`;

export function engineOptions(options: CaseOptions): GenerateOptions {
  const { max_length, max_new_tokens = max_length! - 1, min_length = 1, min_new_tokens = min_length - 1 } = options;
  return {
    beams: options.num_beams,
    maxLength: max_new_tokens,
    minLength: min_new_tokens,
    lengthPenalty: options.length_penalty,
    earlyStopping: options.early_stopping,
    noRepeatNgram: options.no_repeat_ngram_size,
    repetitionPenalty: options.repetition_penalty,
    forcedBosId: options.forced_bos_token_id,
    forcedEosId: options.forced_eos_token_id,
    returnSequences: options.num_return_sequences,
  };
}
