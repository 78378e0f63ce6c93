/** The config of a CLIP of two transformers (ViT-B-32, ViT-B-16, ViT-L-14, ...) from open_clip's open_clip_config.json. */
import { join } from 'node:path';
import { z } from 'zod';
import { readJson } from '../../common/json.ts';
import { OPEN_CLIP_CONFIG_FILE } from '../../weights/layout.ts';
import type { ClipConfig, TransformerConfig } from './config.ts';

/** Bounds as in config.ts. */
const count = z.int().positive().max(1_000_000);
const layers = z.int().positive().max(1000);
const imageSize = z.int().positive().max(4096);
/** Settings that change nothing as long as they have these values. */
const off = z.union([z.literal(false), z.literal(0), z.null()]).optional();

/** Strict: any other field makes another tower of it. What a file leaves out is as in open_clip's `CLIPVisionCfg`. */
const visionFile = z
  .strictObject({
    image_size: imageSize.default(224),
    layers: layers.default(12),
    width: count.default(768),
    head_width: count.default(64),
    mlp_ratio: z.number().positive().max(1000).default(4),
    patch_size: count.default(16),
    ls_init_value: off,
    patch_dropout: off,
    attentional_pool: off,
    no_ln_pre: off,
    final_ln_after_pool: off,
    output_tokens: off,
    timm_model_name: off,
    timm_model_pretrained: off,
    pos_embed_type: z.literal('learnable').optional(),
    pool_type: z.literal('tok').optional(),
  })
  .refine(({ width, head_width }) => width % head_width === 0, {
    error: 'width must be a multiple of head_width',
    path: ['head_width'],
  })
  .refine(({ image_size, patch_size }) => patch_size <= image_size, {
    error: 'patch_size must be at most image_size',
    path: ['patch_size'],
  });

/** As in `CLIPTextCfg`. */
const textFile = z
  .strictObject({
    context_length: count.default(77),
    vocab_size: count.default(49408),
    width: count.default(512),
    heads: count.default(8),
    layers: layers.default(12),
    mlp_ratio: z.number().positive().max(1000).default(4),
    ls_init_value: off,
    embed_cls: off,
    no_causal_mask: off,
    output_tokens: off,
    hf_model_name: off,
    pool_type: z.literal('argmax').optional(),
  })
  .refine(({ width, heads }) => width % heads === 0, { error: 'width must be a multiple of heads', path: ['heads'] });

const clipFile = z.object({
  model_cfg: z.object({
    embed_dim: count,
    quick_gelu: z.boolean().default(false),
    vision_cfg: visionFile,
    text_cfg: textFile.prefault({}),
  }),
});

interface Tower {
  readonly width: number;
  readonly layers: number;
  readonly mlp_ratio: number;
}

/** @throws DeptError 'not-found' or 'bad-file' naming the field. */
export function readOpenClipConfig(folder: string): ClipConfig {
  const { model_cfg } = readJson(join(folder, OPEN_CLIP_CONFIG_FILE), clipFile);
  const { embed_dim, quick_gelu, vision_cfg: vision, text_cfg: text } = model_cfg;
  const transformer = ({ width, layers, mlp_ratio }: Tower, heads: number): TransformerConfig => ({
    width,
    feedForwardWidth: Math.floor(width * mlp_ratio),
    layers,
    heads,
    activation: quick_gelu ? 'quick_gelu' : 'gelu',
    epsilon: 1e-5, // torch's default, which no file states
  });
  return {
    projectionWidth: embed_dim,
    transposedProjections: true,
    vision: {
      ...transformer(vision, vision.width / vision.head_width),
      imageSize: vision.image_size,
      patchSize: vision.patch_size,
    },
    text: {
      ...transformer(text, text.heads),
      vocabularySize: text.vocab_size,
      positions: text.context_length,
      eosId: text.vocab_size - 1, // the end of text is the last piece
    },
  };
}
