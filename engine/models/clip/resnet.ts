/**
 * CLIP's ResNet, pictures to grids and to one embedding: a stem of three convolutions, average pooling instead of strides
 * in the blocks, attention pooling at the end (Radford et al. 2021, section 2.4). Computes what open_clip's
 * `ModifiedResNet` does in evaluation mode, from weights under OpenAI's names.
 */
import { multiplyDims } from '../../graph/dim.ts';
import { relu } from '../../graph/ops/activations.ts';
import { attention } from '../../graph/ops/attention.ts';
import { batchNorm } from '../../graph/ops/batch-norm.ts';
import { conv2d } from '../../graph/ops/convolution.ts';
import { add, reduceMean } from '../../graph/ops/elementwise.ts';
import { averagePool } from '../../graph/ops/pooling.ts';
import { concat, fixedExtent, reshape, slice, transpose } from '../../graph/ops/structure.ts';
import type { Tensor } from '../../graph/tensor.ts';
import type { Backbone } from '../backbone.ts';
import { layerGrid, type ResnetClipConfig } from './resnet-config.ts';
import { affine } from './transformer.ts';

const TOWER = 'visual';
/** A block's output has so many times the channels of its 3 x 3 convolution. */
const EXPANSION = 4;
/** Of every batch norm: torch's default, which no file states. */
const EPSILON = 1e-5;

/** The convolution `conv`, its output as large as x but for the stride, and the batch norm `norm`. */
function convolved(
  backbone: Backbone,
  [conv, norm]: readonly [conv: string, norm: string],
  x: Tensor,
  { out, kernel, stride = 1 }: { readonly out: number; readonly kernel: number; readonly stride?: number },
): Tensor {
  const channels = fixedExtent(x, 1, 'The number of channels');
  const weight = backbone.weight(`${conv}.weight`, [out, channels, kernel, kernel]);
  const vector = (part: string): Tensor => backbone.weight(`${norm}.${part}`, [out]);
  const [scale, shift, mean, variance] = ['weight', 'bias', 'running_mean', 'running_var'].map(vector);
  const y = conv2d(x, weight, { stride, padding: (kernel - 1) / 2 });
  return batchNorm(y, { scale: scale!, shift: shift!, mean: mean!, variance: variance! }, EPSILON);
}

/** [batch, 3, imageSize, imageSize] -> [batch, width, imageSize / 4, imageSize / 4] */
function stem(backbone: Backbone, width: number, pixels: Tensor): Tensor {
  const names = (i: number) => [`${TOWER}.conv${i}`, `${TOWER}.bn${i}`] as const;
  let x = relu(convolved(backbone, names(1), pixels, { out: width / 2, kernel: 3, stride: 2 }));
  x = relu(convolved(backbone, names(2), x, { out: width / 2, kernel: 3 }));
  x = relu(convolved(backbone, names(3), x, { out: width, kernel: 3 }));
  return averagePool(x, 2);
}

/** relu(F(x) + x), both pooled by `stride`; `first` of a layer: x goes through a convolution of its own. */
function bottleneck(
  backbone: Backbone,
  name: string,
  x: Tensor,
  { width, stride, first }: { readonly width: number; readonly stride: number; readonly first: boolean },
): Tensor {
  const names = (i: number) => [`${name}.conv${i}`, `${name}.bn${i}`] as const;
  const narrow = relu(convolved(backbone, names(1), x, { out: width, kernel: 1 }));
  const seen = averagePool(relu(convolved(backbone, names(2), narrow, { out: width, kernel: 3 })), stride);
  const wide = { out: EXPANSION * width, kernel: 1 };
  const skip = [`${name}.downsample.0`, `${name}.downsample.1`] as const;
  const shortcut = first ? convolved(backbone, skip, averagePool(x, stride), wide) : x;
  return relu(add(convolved(backbone, names(3), seen, wide), shortcut));
}

/**
 * Grids [batch, channels, side, side]: after the stem, then after each of the four layers (`layerGrid` tells sides and
 * channels). `pixels` is float32 [batch, 3, imageSize, imageSize], normalised as the model's preprocessing says.
 */
export function resnetGrids(backbone: Backbone, { vision }: ResnetClipConfig, pixels: Tensor): Tensor[] {
  const grids = [stem(backbone, vision.width, pixels)];
  vision.blocks.forEach((count, i) => {
    let x = grids[i]!;
    for (let block = 0; block < count; block += 1) {
      const first = block === 0;
      const shape = { width: vision.width * 2 ** i, stride: first && i > 0 ? 2 : 1, first };
      x = bottleneck(backbone, `${TOWER}.layer${i + 1}.${block}`, x, shape);
    }
    grids.push(x);
  });
  return grids;
}

/** [batch, channels, height, width] -> [batch, height * width, channels], cells row by row. */
export function gridTokens(grid: Tensor): Tensor {
  const [batch, channels, height, width] = grid.shape;
  return transpose(reshape(grid, [batch!, channels!, multiplyDims(height!, width!)]), [0, 2, 1]);
}

/**
 * Attention pooling of layer 4's tokens [batch, cells, width]: their mean goes before them and is the one that asks.
 * Gives [batch, projectionWidth].
 */
export function pooledEmbedding(backbone: Backbone, config: ResnetClipConfig, tokens: Tensor): Tensor {
  const { heads } = config.vision;
  const { side, width } = layerGrid(config, 4);
  const name = `${TOWER}.attnpool`;
  const [batch] = tokens.shape;
  const headWidth = width / heads;
  const positions = backbone.weight(`${name}.positional_embedding`, [side * side + 1, width]);
  const all = add(concat([reduceMean(tokens, [1]), tokens], 1), positions);
  const split = (part: string, x: Tensor): Tensor => {
    const projected = affine(backbone, `${name}.${part}_proj`, x, width, width);
    return transpose(reshape(projected, [batch!, x.shape[1]!, heads, headWidth]), [0, 2, 1, 3]);
  };
  const asking = slice(all, 1, 0, 1);
  const mixed = attention(split('q', asking), split('k', all), split('v', all), { scale: headWidth ** -0.5 });
  return affine(backbone, `${name}.c_proj`, reshape(mixed, [batch!, width]), config.projectionWidth, width);
}
