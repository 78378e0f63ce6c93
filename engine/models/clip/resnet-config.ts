/** The config of a CLIP ResNet (RN50, RN101, RN50x4, ...) from open_clip's open_clip_config.json. */
import { join } from 'node:path';
import { z } from 'zod';
import { readJson } from '../../common/json.ts';
import { OPEN_CLIP_CONFIG_FILE } from '../../weights/layout.ts';

/** Bounds as in config.ts. */
const count = z.int().positive().max(1_000_000);
const blocks = z.int().positive().max(1000);

/** Strict: any other field makes another image tower of it, or is one that open_clip ignores. */
const visionFile = z
  .strictObject({
    image_size: z.int().positive().max(4096).multipleOf(32).default(224),
    layers: z.tuple([blocks, blocks, blocks, blocks]),
    width: count.multipleOf(2),
    head_width: count.default(64),
    patch_size: count.nullable().optional(), // of vision transformers; published ResNets have null
  })
  .refine(({ width, head_width }) => (32 * width) % head_width === 0, {
    error: '32 times the width must be a multiple of head_width',
    path: ['head_width'],
  });

const resnetFile = z.object({ model_cfg: z.object({ embed_dim: count, vision_cfg: visionFile }) });

export interface ResnetConfig {
  /** A multiple of 32. */
  readonly imageSize: number;
  /** Residual blocks in each of the four layers. */
  readonly blocks: readonly [number, number, number, number];
  /** Channels after the stem; layer i has width 2^(i + 1). */
  readonly width: number;
  /** Of the attention pooling. */
  readonly heads: number;
}

export interface ResnetClipConfig {
  readonly projectionWidth: number;
  readonly vision: ResnetConfig;
}

/** @throws DeptError 'not-found' or 'bad-file' naming the field. */
export function readResnetConfig(folder: string): ResnetClipConfig {
  const { embed_dim, vision_cfg } = readJson(join(folder, OPEN_CLIP_CONFIG_FILE), resnetFile).model_cfg;
  const { image_size: imageSize, layers: blocks, width, head_width } = vision_cfg;
  return { projectionWidth: embed_dim, vision: { imageSize, blocks, width, heads: (32 * width) / head_width } };
}

const anyTower = z.object({ model_cfg: z.object({ vision_cfg: z.looseObject({ layers: z.unknown() }) }) });

/** Whether the image tower of a folder in open_clip's layout is a ResNet: it has a list of layers. */
export function isResnetFolder(folder: string): boolean {
  return Array.isArray(readJson(join(folder, OPEN_CLIP_CONFIG_FILE), anyTower).model_cfg.vision_cfg.layers);
}

/** Side of the grid after layer 1 .. 4, and channels of a cell. */
export function layerGrid({ vision }: ResnetClipConfig, layer: number): { side: number; width: number } {
  const factor = 2 ** (layer + 1);
  return { side: vision.imageSize / factor, width: vision.width * factor };
}
