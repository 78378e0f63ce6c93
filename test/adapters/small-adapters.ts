/** Adapters made up for tests, written into folders as runs, DePT's authors and PEFT have them. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { Random } from '../../engine/common/random.ts';
import { elementCount } from '../../engine/weights/dtypes.ts';
import { type TensorToWrite, writeSafetensors } from '../../engine/weights/safetensors.ts';
import { writeTorchFile } from '../../engine/weights/torch-writer.ts';

export const A = 'prompt_encoder.lora_embedding_A';
export const B = 'prompt_encoder.lora_embedding_B';
export const PROMPT = 'prompt_embeddings';

/** Standard normal values, the same for the same name. */
export function drawn(name: string, ...shape: number[]): TensorToWrite {
  const random = new Random(name);
  return { dtype: 'F32', shape, data: Float32Array.from({ length: elementCount(shape) }, () => random.normal()) };
}

/** What a run of DePT with m 4, r 3, s 8 on a T5 of width 16 leaves, but for the changes. */
export const deptConfig = {
  base_model_name_or_path: 'tiny-t5',
  bias: 'none',
  hidden_size: 16,
  inference_mode: true,
  init_lora_weights: true,
  load_lora_embedding_B: true,
  load_lora_embeddings: true,
  lora_alpha: 8,
  max_length: 8,
  num_attention_heads: 2,
  num_layers: 2,
  num_transformer_submodules: 1,
  num_virtual_tokens: 4,
  peft_type: 'PROMPT_TUNING_LORA',
  prompt_tuning_init: 'RANDOM',
  prompt_tuning_init_text: null,
  r: 3,
  revision: null,
  save_lora_embeddings: true,
  task_type: 'SEQ_2_SEQ_LM',
  token_dim: 16,
  tokenizer_name_or_path: 'tiny-t5',
};

export const promptConfig = {
  base_model_name_or_path: 'tiny-t5',
  inference_mode: true,
  num_attention_heads: 2,
  num_layers: 2,
  num_transformer_submodules: 1,
  num_virtual_tokens: 4,
  peft_type: 'PROMPT_TUNING',
  prompt_tuning_init: 'RANDOM',
  prompt_tuning_init_text: null,
  revision: null,
  task_type: 'SEQ_2_SEQ_LM',
  token_dim: 16,
  tokenizer_name_or_path: 'tiny-t5',
};

export const deptTensors = { [PROMPT]: drawn(PROMPT, 4, 16), [A]: drawn(A, 8, 3), [B]: drawn(B, 3, 16) };
export const promptTensors = { [PROMPT]: drawn(PROMPT, 4, 16) };
export const projection = {
  'visual_projection.linear.weight': drawn('weight', 16, 10),
  'visual_projection.linear.bias': drawn('bias', 16),
};

/** For one test file: paths of folders that are not there yet, removed with all they came to hold. */
export function unusedFolders(): () => string {
  const folder = mkdtempSync(join(tmpdir(), 'dept-adapters-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  let made = 0;
  return () => {
    made += 1;
    return join(folder, String(made));
  };
}

type Tensors = Readonly<Record<string, TensorToWrite>>;

/** A folder with an adapter; `file` decides the format of its weights. */
export function writeAdapter(
  folder: string,
  config: object,
  tensors: Tensors,
  file: 'adapter_model.safetensors' | 'adapter_model.bin' = 'adapter_model.safetensors',
): string {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'adapter_config.json'), JSON.stringify(config));
  if (file === 'adapter_model.bin') writeTorchFile(join(folder, file), tensors);
  else writeSafetensors(join(folder, file), tensors, { format: 'pt' });
  return folder;
}
