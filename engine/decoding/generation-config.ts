/** What a model's own files say about how it generates: generation_config.json, where there is none config.json. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { DeptError } from '../common/errors.ts';
import { readJson } from '../common/json.ts';
import type { T5Config } from '../models/t5/config.ts';
import type { GenerateOptions } from './generate-options.ts';

/** A model's defaults where they are not transformers' own; how many beams and how long is for the caller to say. */
export type GenerationDefaults = Pick<
  GenerateOptions,
  | 'lengthPenalty'
  | 'earlyStopping'
  | 'minLength'
  | 'noRepeatNgram'
  | 'repetitionPenalty'
  | 'forcedBosId'
  | 'forcedEosId'
>;

const id = z.int().nonnegative();
/** One id, or a list of one. */
const oneId = z.union([id, z.tuple([id]).transform(([only]) => only)]);

const generationFile = z.looseObject({
  length_penalty: z.number().nullish(),
  early_stopping: z.union([z.boolean(), z.literal('never')]).nullish(),
  min_length: z.int().nonnegative().nullish(),
  min_new_tokens: z.int().nonnegative().nullish(),
  no_repeat_ngram_size: z.int().nonnegative().nullish(),
  repetition_penalty: z.number().positive().nullish(),
  forced_bos_token_id: id.nullish(),
  forced_eos_token_id: oneId.nullish(),
});

/** Settings that would change what is generated and that the engine does not have, with the value that changes nothing. */
const unsupported: Readonly<Record<string, unknown>> = {
  do_sample: false,
  num_beam_groups: 1,
  diversity_penalty: 0,
  penalty_alpha: 0,
  dola_layers: null,
  constraints: null,
  force_words_ids: null,
  bad_words_ids: null,
  suppress_tokens: null,
  begin_suppress_tokens: null,
  sequence_bias: null,
  encoder_no_repeat_ngram_size: 0,
  encoder_repetition_penalty: 1,
  exponential_decay_length_penalty: null,
  renormalize_logits: false,
  remove_invalid_values: false,
  guidance_scale: 1,
  watermarking_config: null,
  token_healing: false,
  max_time: null,
  stop_strings: null,
};

/** What these files may say of special ids, since the engine trains and generates with the same. */
const specialIds = { eos_token_id: 'eosId', decoder_start_token_id: 'decoderStartId' } as const;

const isNothing = (value: unknown): boolean =>
  value === undefined || value === null || (Array.isArray(value) && value.length === 0);

/**
 * As transformers' generate() takes its defaults from a model's folder.
 * @throws DeptError 'not-found', 'bad-file', and 'unsupported' for a setting that would change what is generated and that
 *   the engine does not have.
 */
export function readGenerationDefaults(folder: string, config: T5Config): GenerationDefaults {
  const own = join(folder, 'generation_config.json');
  const path = existsSync(own) ? own : join(folder, 'config.json');
  const file = readJson(path, generationFile);
  for (const [name, neutral] of Object.entries(unsupported)) {
    if (!isNothing(file[name]) && file[name] !== neutral) throw refusal(path, name, file[name], neutral);
  }
  for (const [name, field] of Object.entries(specialIds)) {
    const [only = config[field], ...others] = [file[name] ?? []].flat();
    if (only !== config[field] || others.length > 0) throw refusal(path, name, file[name], config[field]);
  }
  const minimum = file.min_new_tokens ?? (file.min_length ?? 0) - 1; // the start id is not counted here
  const defaults: Record<keyof GenerationDefaults, unknown> = {
    lengthPenalty: unless(1, file.length_penalty),
    earlyStopping: unless(false, file.early_stopping),
    minLength: minimum > 0 ? minimum : undefined,
    noRepeatNgram: unless(0, file.no_repeat_ngram_size),
    repetitionPenalty: unless(1, file.repetition_penalty),
    forcedBosId: file.forced_bos_token_id ?? undefined,
    forcedEosId: file.forced_eos_token_id ?? undefined,
  };
  return Object.fromEntries(Object.entries(defaults).filter(([, value]) => value !== undefined));
}

function unless<T>(neutral: T, value: T | null | undefined): T | undefined {
  return value === neutral || value === null ? undefined : value;
}

function refusal(path: string, name: string, got: unknown, neutral: unknown): DeptError {
  return new DeptError('unsupported', `The model asks for a way of generating that is not available here: ${name}`, {
    path,
    expected: `${name} ${JSON.stringify(neutral)}, or none`,
    got: JSON.stringify(got),
    remedy: 'Change it in a copy of the model, if its texts may differ.',
  });
}
