/** A T5 of a published size with random weights and the bundled tokenizer: as slow as the real one, and as large. */
import { cpSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { writeJsonAtomic } from '../../engine/common/files.ts';
import { mix32 } from '../../engine/common/random.ts';
import { bundledModelsFolder } from '../../engine/weights/bundled.ts';
import { type TensorToWrite, writeSafetensors } from '../../engine/weights/safetensors.ts';

export const sizes = {
  't5-small': { width: 512, inner: 2048, layers: 6, heads: 8 },
  't5-base': { width: 768, inner: 3072, layers: 12, heads: 12 },
} as const;

const VOCABULARY = 32_128;
const HEAD_WIDTH = 64;
const BUCKETS = 32;

function uniform(shape: readonly number[], bound: number, key: number): TensorToWrite {
  const data = new Float32Array(shape.reduce((product, extent) => product * extent, 1));
  for (let i = 0; i < data.length; i += 1) data[i] = (mix32(i ^ key) / 2 ** 31 - 1) * bound;
  return { dtype: 'F32', shape, data };
}

/** Fills the new folder `folder`. */
export function writeRandomT5(folder: string, size: keyof typeof sizes): void {
  const { width, inner, layers, heads } = sizes[size];
  mkdirSync(folder, { recursive: true });
  for (const file of ['tokenizer.json', 'tokenizer_config.json', 'special_tokens_map.json']) {
    cpSync(join(bundledModelsFolder(), 'scenes-t5', file), join(folder, file));
  }
  writeJsonAtomic(join(folder, 'config.json'), {
    model_type: 't5',
    vocab_size: VOCABULARY,
    d_model: width,
    d_kv: HEAD_WIDTH,
    d_ff: inner,
    num_layers: layers,
    num_heads: heads,
    decoder_start_token_id: 0,
  });

  const tensors: Record<string, TensorToWrite> = {};
  const matrix = (name: string, shape: readonly number[], bound = shape[1]! ** -0.5): void => {
    tensors[name] = uniform(shape, bound, Object.keys(tensors).length + 1);
  };
  const norm = (name: string): void => {
    tensors[`${name}.weight`] = { dtype: 'F32', shape: [width], data: new Float32Array(width).fill(1) };
  };
  matrix('shared.weight', [VOCABULARY, width], 1);
  for (const stack of ['encoder', 'decoder']) {
    for (let layer = 0; layer < layers; layer += 1) {
      const parts = ['SelfAttention', ...(stack === 'decoder' ? ['EncDecAttention'] : []), 'DenseReluDense'];
      for (const [i, part] of parts.entries()) {
        const place = `${stack}.block.${layer}.layer.${i}`;
        norm(`${place}.layer_norm`);
        if (part === 'DenseReluDense') {
          matrix(`${place}.${part}.wi.weight`, [inner, width]);
          matrix(`${place}.${part}.wo.weight`, [width, inner]);
        } else {
          // no 1 / sqrt(d) in T5's attention: it is in its queries
          for (const name of ['k', 'v', 'o']) matrix(`${place}.${part}.${name}.weight`, [width, heads * HEAD_WIDTH]);
          matrix(`${place}.${part}.q.weight`, [heads * HEAD_WIDTH, width], (width * HEAD_WIDTH) ** -0.5);
        }
        if (part === 'SelfAttention' && layer === 0) {
          matrix(`${place}.${part}.relative_attention_bias.weight`, [BUCKETS, heads]);
        }
      }
    }
    norm(`${stack}.final_layer_norm`);
  }
  writeSafetensors(join(folder, 'model.safetensors'), tensors, { format: 'pt' });
}
