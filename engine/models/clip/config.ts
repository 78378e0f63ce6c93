/** CLIP's config.json (Hugging Face layout): a vision transformer and a text transformer. */
import { join } from 'node:path';
import { z } from 'zod';
import { readJson } from '../../common/json.ts';

const activation = z.enum(['quick_gelu', 'gelu']).default('quick_gelu');

const clipFile = z.object({
  model_type: z.literal('clip'),
  projection_dim: z.int().positive(),
  vision_config: z.object({
    hidden_size: z.int().positive(),
    intermediate_size: z.int().positive(),
    num_hidden_layers: z.int().positive(),
    num_attention_heads: z.int().positive(),
    image_size: z.int().positive(),
    patch_size: z.int().positive(),
    num_channels: z.literal(3).default(3),
    hidden_act: activation,
    layer_norm_eps: z.number().positive().default(1e-5),
  }),
  text_config: z.object({
    hidden_size: z.int().positive(),
    intermediate_size: z.int().positive(),
    num_hidden_layers: z.int().positive(),
    num_attention_heads: z.int().positive(),
    vocab_size: z.int().positive(),
    max_position_embeddings: z.int().positive(),
    hidden_act: activation,
    layer_norm_eps: z.number().positive().default(1e-5),
    eos_token_id: z.int().nonnegative().default(49407),
  }),
});

/** One transformer of CLIP: pre-normalised blocks with biases everywhere. */
export interface TransformerConfig {
  readonly width: number;
  readonly feedForwardWidth: number;
  readonly layers: number;
  readonly heads: number;
  readonly activation: 'quick_gelu' | 'gelu';
  readonly epsilon: number;
}

export interface ClipConfig {
  readonly projectionWidth: number;
  readonly vision: TransformerConfig & { readonly imageSize: number; readonly patchSize: number };
  readonly text: TransformerConfig & {
    readonly vocabularySize: number;
    readonly positions: number;
    readonly eosId: number;
  };
}

/** @throws DeptError 'not-found' or 'bad-file' naming the field. */
export function readClipConfig(folder: string): ClipConfig {
  const file = readJson(join(folder, 'config.json'), clipFile);
  const { vision_config: vision, text_config: text } = file;
  const transformer = (tower: typeof vision | typeof text): TransformerConfig => ({
    width: tower.hidden_size,
    feedForwardWidth: tower.intermediate_size,
    layers: tower.num_hidden_layers,
    heads: tower.num_attention_heads,
    activation: tower.hidden_act,
    epsilon: tower.layer_norm_eps,
  });
  return {
    projectionWidth: file.projection_dim,
    vision: { ...transformer(vision), imageSize: vision.image_size, patchSize: vision.patch_size },
    text: {
      ...transformer(text),
      vocabularySize: text.vocab_size,
      positions: text.max_position_embeddings,
      eosId: text.eos_token_id,
    },
  };
}

/** Patches of one picture: (imageSize / patchSize)^2. */
export function patchCount({ vision }: ClipConfig): number {
  return Math.floor(vision.imageSize / vision.patchSize) ** 2;
}
