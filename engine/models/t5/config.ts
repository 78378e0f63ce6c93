/** T5's config.json (Hugging Face layout). */
import { join } from 'node:path';
import { z } from 'zod';
import { DeptError } from '../../common/errors.ts';
import { readJson } from '../../common/json.ts';

/** Far more than any T5 has: a graph is built layer by layer. */
const layers = z.int().positive().max(1000);
const width = z.int().positive().max(1_000_000);

const t5File = z
  .object({
    model_type: z.literal('t5'),
    vocab_size: z.int().positive().max(10_000_000),
    d_model: width,
    d_kv: width,
    d_ff: width,
    num_layers: layers,
    num_decoder_layers: layers.nullish(),
    num_heads: z.int().positive().max(1000),
    relative_attention_num_buckets: z.int().min(4).max(10_000).default(32),
    relative_attention_max_distance: z.int().positive().default(128),
    dropout_rate: z.number().min(0).max(0.99).default(0.1),
    layer_norm_epsilon: z.number().positive().default(1e-6),
    feed_forward_proj: z.string().default('relu'),
    dense_act_fn: z.string().optional(),
    is_gated_act: z.boolean().optional(),
    tie_word_embeddings: z.boolean().default(true),
    scale_decoder_outputs: z.boolean().optional(),
    pad_token_id: z.int().nonnegative().default(0),
    eos_token_id: z.int().nonnegative().default(1),
    decoder_start_token_id: z.int().nonnegative().nullish(),
  })
  .refine((file) => file.relative_attention_max_distance > Math.floor(file.relative_attention_num_buckets / 2), {
    path: ['relative_attention_max_distance'],
    error: 'must be more than half of relative_attention_num_buckets',
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
  /** The output head is the word embedding (v1.0); otherwise it is `lm_head.weight` (v1.1). */
  readonly tied: boolean;
  /** What the output head reads is scaled by d^(-1/2) (v1.0). */
  readonly scaled: boolean;
  readonly padId: number;
  readonly eosId: number;
  readonly decoderStartId: number;
}

/** `dense_act_fn` and `is_gated_act`, where they are given, count for more than `feed_forward_proj`, as in transformers. */
function isGated(file: z.output<typeof t5File>, path: string): boolean {
  const projection = file.feed_forward_proj;
  const gated = file.is_gated_act ?? projection.startsWith('gated-');
  const activation = file.dense_act_fn ?? (projection === 'gated-gelu' ? 'gelu_new' : projection.split('-').at(-1)!);
  if (gated ? activation === 'gelu_new' : activation === 'relu') return gated;
  throw new DeptError('unsupported', 'This T5 has a feed-forward layer that is not computed here', {
    path,
    expected: "feed_forward_proj 'relu' (T5 v1.0) or 'gated-gelu' (T5 v1.1 and Flan-T5)",
    got: `feed_forward_proj '${projection}': ${gated ? 'gated ' : ''}${activation}`,
  });
}

/**
 * What config.json alone says; `openT5` has the weights decide with it whether the head is tied.
 * @throws DeptError 'not-found', 'bad-file' naming the field, 'unsupported' for another feed-forward layer.
 */
export function readT5Config(folder: string): T5Config {
  const path = join(folder, 'config.json');
  const file = readJson(path, t5File);
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
    gated: isGated(file, path),
    tied: file.tie_word_embeddings,
    // transformers 5 always writes tie_word_embeddings true, and the scale into a field of its own
    scaled: file.scale_decoder_outputs ?? file.tie_word_embeddings,
    padId: file.pad_token_id,
    eosId: file.eos_token_id,
    decoderStartId: file.decoder_start_token_id ?? file.pad_token_id,
  };
}
