/** CLIP's contrastive loss: each picture finds its caption in the batch, and each caption its picture. */
import { add, divide, exp, multiply, sqrt } from '../../graph/ops/elementwise.ts';
import { crossEntropy } from '../../graph/ops/loss.ts';
import { matmul } from '../../graph/ops/matmul.ts';
import { reduceSum, transpose } from '../../graph/ops/structure.ts';
import { constant } from '../../graph/sources.ts';
import type { Tensor } from '../../graph/tensor.ts';
import type { Backbone } from '../backbone.ts';

/** x / |x| along the last axis. */
export function unit(x: Tensor): Tensor {
  return divide(x, sqrt(reduceSum(multiply(x, x), [-1], true)));
}

export interface ContrastTarget {
  /** int64 [batch]: 0 .. batch - 1. */
  readonly diagonal: Tensor;
  /** float32 [batch]: 1 / batch each. */
  readonly weights: Tensor;
}

/** Cosines times exp(logit_scale), [batch pictures, batch captions], and the mean of both cross-entropies. */
export function contrastiveLoss(
  backbone: Backbone,
  images: Tensor,
  texts: Tensor,
  { diagonal, weights }: ContrastTarget,
): { readonly loss: Tensor; readonly logitsPerImage: Tensor } {
  const scale = exp(backbone.weight('logit_scale', []));
  const logitsPerImage = multiply(matmul(unit(images), unit(texts), { transB: true }), scale);
  const pictures = crossEntropy(logitsPerImage, diagonal, weights).loss;
  const captions = crossEntropy(transpose(logitsPerImage, [1, 0]), diagonal, weights).loss;
  return { loss: multiply(add(pictures, captions), constant(0.5)), logitsPerImage };
}
