/** adapter_config.json, as DePT's authors and PEFT write it: which adapter lies beside it. */
import { join } from 'node:path';
import { z } from 'zod';
import { DeptError } from '../common/errors.ts';
import { readJson } from '../common/json.ts';

export const CONFIG_FILE = 'adapter_config.json';

/** Of the authors' fork of PEFT, and of PEFT itself. */
export type PeftType = 'PROMPT_TUNING_LORA' | 'PROMPT_TUNING';

const count = z.int().min(0).max(1_000_000);

const common = {
  task_type: z.string().nullish(),
  base_model_name_or_path: z.string().nullish(),
  num_virtual_tokens: count,
  token_dim: count.min(1),
};

/** Fields that decide how the tensors are read; all others are kept and not looked at. */
const known = z.discriminatedUnion('peft_type', [
  z.looseObject({
    ...common,
    peft_type: z.literal('PROMPT_TUNING_LORA'),
    num_transformer_submodules: z.int().min(1).max(2).nullish(),
    r: count,
    /** Null: the update is not scaled, as in the paper; only checkpoints of this program say so. */
    lora_alpha: z.number().positive().nullable(),
    max_length: count.min(1),
  }),
  z.looseObject({
    ...common,
    peft_type: z.literal('PROMPT_TUNING'),
    num_transformer_submodules: z.int().min(1).max(2).nullish(),
  }),
]);

export type AdapterConfig = z.output<typeof known>;

/** Why adapters of other kinds are not read, by PEFT's name of the kind. */
const reasons: Readonly<Record<string, string>> = {
  MULTITASK_PROMPT_TUNING:
    'its prompt is a product of a shared prompt and a task, and stands before the decoder as well',
  P_TUNING: 'the network that made its prompt is not in the file, so that it could not be trained on',
  PREFIX_TUNING: 'it puts keys and values into every layer, not a prompt before the text',
  CPT: 'it is made for decoders alone',
};

const anyConfig = z.looseObject({ peft_type: z.string() });

/** Throws `not-found`, `bad-file`, and `unsupported` for another kind of adapter or another kind of model. */
export function readAdapterConfig(folder: string): AdapterConfig {
  const path = join(folder, CONFIG_FILE);
  const { peft_type: type } = readJson(path, anyConfig);
  if (type !== 'PROMPT_TUNING' && type !== 'PROMPT_TUNING_LORA') {
    const reason = reasons[type];
    throw new DeptError('unsupported', `Adapters of the kind ${type} are not read${reason ? `: ${reason}` : ''}`, {
      path,
      expected: 'PROMPT_TUNING, or PROMPT_TUNING_LORA (DePT)',
      got: type,
    });
  }
  const config = readJson(path, known);
  if (config.task_type === 'SEQ_2_SEQ_LM') return config;
  throw new DeptError('unsupported', 'The adapter is not for a model that reads and then writes, as T5 does', {
    path,
    expected: 'task_type SEQ_2_SEQ_LM',
    got: JSON.stringify(config.task_type),
  });
}

/** As Python's json.dumps writes it with sorted keys and an indent of 2: what is not ASCII is escaped, no newline at the end. */
export function configText(config: Readonly<Record<string, unknown>>): string {
  const sorted = Object.fromEntries(Object.entries(config).sort(([a], [b]) => (a < b ? -1 : 1)));
  return JSON.stringify(sorted, null, 2).replace(
    /[\u007f-\uffff]/g,
    (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
