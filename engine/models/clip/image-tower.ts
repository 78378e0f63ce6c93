/** The image side of a CLIP, vision transformer or ResNet, as what it is used for here: cells of a grid, and one embedding. */
import { slice } from '../../graph/ops/structure.ts';
import type { Tensor } from '../../graph/tensor.ts';
import { isOpenClipFolder } from '../../weights/layout.ts';
import type { Backbone } from '../backbone.ts';
import { type ClipConfig, patchCount, readClipConfig } from './config.ts';
import { readOpenClipConfig } from './open-clip-config.ts';
import { gridTokens, pooledEmbedding, resnetGrids } from './resnet.ts';
import { isResnetFolder, layerGrid, type ResnetClipConfig, readResnetConfig } from './resnet-config.ts';
import { imageEmbedding, visionStates } from './vision.ts';

export type ImageTowerConfig = ClipConfig | ResnetClipConfig;

/** Reads a model folder of either layout. @throws DeptError 'not-found' or 'bad-file' naming the field. */
export function readImageTowerConfig(folder: string): ImageTowerConfig {
  if (!isOpenClipFolder(folder)) return readClipConfig(folder);
  return isResnetFolder(folder) ? readResnetConfig(folder) : readOpenClipConfig(folder);
}

export interface ImageTower {
  readonly imageSize: number;
  /** How many layers there are whose output can be taken, counted from 1. */
  readonly layers: number;
  /** Cells on one side of the grid after a layer, and the width of a cell. */
  readonly grid: (layer: number) => { readonly side: number; readonly width: number };
  /**
   * From pixels [batch, 3, imageSize, imageSize]: the cells after a layer, row by row [batch, side^2, width], and the
   * picture's embedding [batch, projectionWidth], not normalised.
   */
  readonly build: (backbone: Backbone, pixels: Tensor, layer: number) => { tokens: Tensor; embedding: Tensor };
}

/** The cells of a vision transformer are its patches; the class token is left out. */
function transformerTower(config: ClipConfig): ImageTower {
  const { imageSize, layers, width } = config.vision;
  const patches = patchCount(config);
  return {
    imageSize,
    layers,
    grid: () => ({ side: Math.sqrt(patches), width }),
    build: (backbone, pixels, layer) => {
      const states = visionStates(backbone, config, pixels);
      const tokens = slice(states[layer]!, 1, 1, patches + 1);
      return { tokens, embedding: imageEmbedding(backbone, config, states.at(-1)!) };
    },
  };
}

/** Layer 4 is the one before attention pooling: what CLIP-T5 reads. */
function resnetTower(config: ResnetClipConfig): ImageTower {
  return {
    imageSize: config.vision.imageSize,
    layers: config.vision.blocks.length,
    grid: (layer) => layerGrid(config, layer),
    build: (backbone, pixels, layer) => {
      const grids = resnetGrids(backbone, config, pixels);
      const embedding = pooledEmbedding(backbone, config, gridTokens(grids.at(-1)!));
      return { tokens: gridTokens(grids[layer]!), embedding };
    },
  };
}

export function imageTower(config: ImageTowerConfig): ImageTower {
  return 'text' in config ? transformerTower(config) : resnetTower(config);
}
