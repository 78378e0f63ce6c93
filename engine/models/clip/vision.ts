/** CLIP's vision transformer: pictures to patch tokens and to one embedding. */
import { add } from '../../graph/ops/elementwise.ts';
import { matmul } from '../../graph/ops/matmul.ts';
import { concat, expand, reshape, slice, transpose } from '../../graph/ops/structure.ts';
import type { Tensor } from '../../graph/tensor.ts';
import type { Backbone } from '../backbone.ts';
import { type ClipConfig, patchCount } from './config.ts';
import { normalise, transformerStates } from './transformer.ts';

const TOWER = 'vision_model';

/**
 * [batch, 3, size, size] -> [batch, patches, 3 * patch * patch], patches row by row: the convolution as a product. Pixels on
 * the right and below that fill no patch are left out, as by a convolution's stride.
 */
function patches(pixels: Tensor, size: number, patch: number): Tensor {
  const [batch] = pixels.shape;
  const side = Math.floor(size / patch);
  const used = side * patch;
  const whole = used === size ? pixels : slice(slice(pixels, 2, 0, used), 3, 0, used);
  const grid = reshape(whole, [batch!, 3, side, patch, side, patch]);
  return reshape(transpose(grid, [0, 2, 4, 1, 3, 5]), [batch!, side * side, 3 * patch * patch]);
}

/**
 * Hidden states: after the first norm, then after each of `layers` layers (all by default), each
 * [batch, 1 + patches, width] with the class token first. `pixels` is float32 [batch, 3, imageSize, imageSize],
 * normalised as the model's preprocessor_config.json says.
 */
export function visionStates(
  backbone: Backbone,
  config: ClipConfig,
  pixels: Tensor,
  layers = config.vision.layers,
): Tensor[] {
  const { vision } = config;
  const { imageSize, patchSize, width } = vision;
  const [batch] = pixels.shape;
  const kernel = backbone.weight(`${TOWER}.embeddings.patch_embedding.weight`, [width, 3, patchSize, patchSize]);
  const flatKernel = reshape(kernel, [width, 3 * patchSize * patchSize]);
  const embedded = matmul(patches(pixels, imageSize, patchSize), flatKernel, { transB: true });
  const classToken = reshape(backbone.weight(`${TOWER}.embeddings.class_embedding`, [width]), [1, 1, width]);
  const tokens = concat([expand(classToken, [batch!, 1, width]), embedded], 1);
  const positions = backbone.weight(`${TOWER}.embeddings.position_embedding.weight`, [patchCount(config) + 1, width]);
  const first = normalise(backbone, vision, `${TOWER}.pre_layrnorm`, add(tokens, positions)); // the published spelling
  return transformerStates(backbone, vision, TOWER, first, layers);
}

/** The class token of the last states, normalised and projected: [batch, projectionWidth]. */
export function imageEmbedding(backbone: Backbone, config: ClipConfig, states: Tensor): Tensor {
  const { width } = config.vision;
  const [batch] = states.shape;
  const classToken = reshape(slice(states, 1, 0, 1), [batch!, width]);
  const pooled = normalise(backbone, config.vision, `${TOWER}.post_layernorm`, classToken);
  if (config.transposedProjections) {
    return matmul(pooled, backbone.weight('visual.proj', [width, config.projectionWidth]));
  }
  return backbone.linear('visual_projection.weight', pooled, config.projectionWidth, width);
}
