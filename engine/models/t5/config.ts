/** T5's config.json (Hugging Face layout). */
import { join } from 'node:path';
import { z } from 'zod';
import { readJson } from '../../common/json.ts';

const t5File = z.object({
  model_type: z.literal('t5'),
  vocab_size: z.int().positive(),
  d_model: z.int().positive(),
  d_kv: z.int().positive(),
  d_ff: z.int().positive(),
  num_layers: z.int().positive(),
  num_decoder_layers: z.int().positive().nullish(),
  num_heads: z.int().positive(),
  relative_attention_num_buckets: z.int().positive().default(32),
  relative_attention_max_distance: z.int().positive().default(128),
  dropout_rate: z.number().min(0).max(0.99).default(0.1),
  layer_norm_epsilon: z.number().positive().default(1e-6),
  feed_forward_proj: z.enum(['relu', 'gated-gelu']).default('relu'),
  tie_word_embeddings: z.boolean().default(true),
  pad_token_id: z.int().nonnegative().default(0),
  eos_token_id: z.int().nonnegative().default(1),
  decoder_start_token_id: z.int().nonnegative().default(0),
});

export interface T5Config {
  readonly vocabularySize: number;
  /** d: the width of the residual stream. */
  readonly width: number;
  readonly headWidth: number;
  readonly feedForwardWidth: number;
  readonly encoderLayers: number;
  readonly decoderLayers: number;
  readonly heads: number;
  readonly relativeBuckets: number;
  readonly relativeMaxDistance: number;
  readonly dropoutRate: number;
  readonly epsilon: number;
  readonly gated: boolean;
  /** The output head is the word embedding, scaled by d^(-1/2) (v1.0); otherwise `lm_head.weight`, unscaled (v1.1). */
  readonly tied: boolean;
  readonly padId: number;
  readonly eosId: number;
  readonly decoderStartId: number;
}

/** @throws DeptError 'not-found' or 'bad-file' naming the field. */
export function readT5Config(folder: string): T5Config {
  const file = readJson(join(folder, 'config.json'), t5File);
  return {
    vocabularySize: file.vocab_size,
    width: file.d_model,
    headWidth: file.d_kv,
    feedForwardWidth: file.d_ff,
    encoderLayers: file.num_layers,
    decoderLayers: file.num_decoder_layers ?? file.num_layers,
    heads: file.num_heads,
    relativeBuckets: file.relative_attention_num_buckets,
    relativeMaxDistance: file.relative_attention_max_distance,
    dropoutRate: file.dropout_rate,
    epsilon: file.layer_norm_epsilon,
    gated: file.feed_forward_proj === 'gated-gelu',
    tied: file.tie_word_embeddings,
    padId: file.pad_token_id,
    eosId: file.eos_token_id,
    decoderStartId: file.decoder_start_token_id,
  };
}
