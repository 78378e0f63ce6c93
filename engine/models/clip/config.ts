/** CLIP's config.json (Hugging Face layout): a vision transformer and a text transformer. */
import { join } from 'node:path';
import { z } from 'zod';
import { readJson } from '../../common/json.ts';

/** Far more than any CLIP has: a graph is built layer by layer, and its sizes are multiplied. */
const count = z.int().positive().max(1_000_000);
const layers = z.int().positive().max(1000);

/** What a file leaves out is as in transformers' `CLIPVisionConfig` and `CLIPTextConfig`, which are CLIP ViT-B/32. */
const shared = {
  num_hidden_layers: layers.default(12),
  hidden_act: z.enum(['quick_gelu', 'gelu']).default('quick_gelu'),
  layer_norm_eps: z.number().positive().default(1e-5),
};

const evenHeads = (tower: { hidden_size: number; num_attention_heads: number }): boolean =>
  tower.hidden_size % tower.num_attention_heads === 0;
const unevenHeads = { error: 'hidden_size must be a multiple of num_attention_heads', path: ['num_attention_heads'] };

const visionFile = z
  .object({
    ...shared,
    hidden_size: count.default(768),
    intermediate_size: count.default(3072),
    num_attention_heads: count.default(12),
    image_size: count.max(4096).default(224),
    patch_size: count.default(32),
    num_channels: z.literal(3).default(3),
  })
  .refine(evenHeads, unevenHeads)
  .refine((tower) => tower.patch_size <= tower.image_size, {
    error: 'patch_size must be at most image_size',
    path: ['patch_size'],
  });

const textFile = z
  .object({
    ...shared,
    hidden_size: count.default(512),
    intermediate_size: count.default(2048),
    num_attention_heads: count.default(8),
    vocab_size: count.default(49408),
    max_position_embeddings: count.default(77),
    eos_token_id: z.int().nonnegative().default(49407),
  })
  .refine(evenHeads, unevenHeads);

/** The old `_dict` form of a tower's settings, where there is one, replaces the other, also where it is silent. */
const clipFile = z.object({
  model_type: z.literal('clip'),
  projection_dim: count.default(512),
  vision_config: visionFile.nullish(),
  vision_config_dict: visionFile.nullish(),
  text_config: textFile.nullish(),
  text_config_dict: textFile.nullish(),
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
  /** Under OpenAI's names the two projections are stored as [width, projectionWidth], and called otherwise. */
  readonly transposedProjections?: true;
  readonly vision: TransformerConfig & { readonly imageSize: number; readonly patchSize: number };
  readonly text: TransformerConfig & {
    readonly vocabularySize: number;
    readonly positions: number;
    readonly eosId: number;
  };
}

/**
 * Reads what transformers' `CLIPConfig` reads; the projection's width is the file's own, not that of a tower.
 * @throws DeptError 'not-found' or 'bad-file' naming the field.
 */
export function readClipConfig(folder: string): ClipConfig {
  const file = readJson(join(folder, 'config.json'), clipFile);
  const vision = file.vision_config_dict ?? file.vision_config ?? visionFile.parse({});
  const text = file.text_config_dict ?? file.text_config ?? textFile.parse({});
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

/** Patches of one picture: floor(imageSize / patchSize)^2. */
export function patchCount({ vision }: ClipConfig): number {
  return Math.floor(vision.imageSize / vision.patchSize) ** 2;
}
