/** A T5 of a published size with random weights and the bundled tokenizer: as slow as the real one, and as large. The largest is saved in 16 bits. */
import { cpSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { writeJsonAtomic } from '../../common/files.ts';
import { bundledModelsFolder } from '../../weights/bundled.ts';
import { RandomTensors } from './random-tensors.ts';

export const sizes = {
  't5-small': { width: 512, inner: 2048, layers: 6, heads: 8, headWidth: 64, dtype: 'F32' },
  't5-base': { width: 768, inner: 3072, layers: 12, heads: 12, headWidth: 64, dtype: 'F32' },
  't5-large': { width: 1024, inner: 4096, layers: 24, heads: 16, headWidth: 64, dtype: 'F32' },
  't5-3b': { width: 1024, inner: 16_384, layers: 24, heads: 32, headWidth: 128, dtype: 'F16' },
} as const;

export type T5Size = keyof typeof sizes;

const VOCABULARY = 32_128;
const BUCKETS = 32;
const END_ID = 1;

/**
 * Fills the new folder `folder`. The end id's embedding, which is its row of the head too, is zero: it is never among the
 * likeliest, so that every answer comes to the longest length.
 */
export function writeRandomT5(folder: string, size: T5Size): void {
  const { width, inner, layers, heads, headWidth, dtype } = sizes[size];
  mkdirSync(folder, { recursive: true });
  for (const file of ['tokenizer.json', 'tokenizer_config.json', 'special_tokens_map.json']) {
    cpSync(join(bundledModelsFolder(), 'scenes-t5', file), join(folder, file));
  }
  writeJsonAtomic(join(folder, 'config.json'), {
    model_type: 't5',
    vocab_size: VOCABULARY,
    d_model: width,
    d_kv: headWidth,
    d_ff: inner,
    num_layers: layers,
    num_heads: heads,
    decoder_start_token_id: 0,
    pad_token_id: 0,
    eos_token_id: END_ID,
  });

  const tensors = new RandomTensors(dtype);
  const norm = (name: string): void => tensors.constant(`${name}.weight`, [width], 1);
  tensors.matrix('shared.weight', [VOCABULARY, width], 0.05, END_ID);
  for (const stack of ['encoder', 'decoder']) {
    for (let layer = 0; layer < layers; layer += 1) {
      const parts = ['SelfAttention', ...(stack === 'decoder' ? ['EncDecAttention'] : []), 'DenseReluDense'];
      for (const [i, part] of parts.entries()) {
        const place = `${stack}.block.${layer}.layer.${i}`;
        norm(`${place}.layer_norm`);
        if (part === 'DenseReluDense') {
          tensors.matrix(`${place}.${part}.wi.weight`, [inner, width]);
          tensors.matrix(`${place}.${part}.wo.weight`, [width, inner], 4 * inner ** -0.5);
        } else {
          for (const name of ['q', 'k', 'v']) {
            tensors.matrix(`${place}.${part}.${name}.weight`, [heads * headWidth, width]);
          }
          tensors.matrix(`${place}.${part}.o.weight`, [width, heads * headWidth], 4 * width ** -0.5);
        }
        if (part === 'SelfAttention' && layer === 0) {
          tensors.matrix(`${place}.${part}.relative_attention_bias.weight`, [BUCKETS, heads]);
        }
      }
    }
    norm(`${stack}.final_layer_norm`);
  }
  tensors.write(join(folder, 'model.safetensors'));
}
