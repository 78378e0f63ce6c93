/** T5's training loss on a batch of targets: decoder, head on the counted positions, cross-entropy. */
import { multiplyDims } from '../../graph/dim.ts';
import { gather } from '../../graph/ops/gather.ts';
import { type CrossEntropy, crossEntropy } from '../../graph/ops/loss.ts';
import { reshape } from '../../graph/ops/structure.ts';
import type { Tensor } from '../../graph/tensor.ts';
import type { Backbone } from '../backbone.ts';
import type { T5Config } from './config.ts';
import { decoderStates, logits } from './decoder.ts';

export interface TargetInput {
  readonly ids: Tensor;
  readonly buckets: Tensor;
  /** int64 [counted]: places in the flattened [batch * target] grid whose label is not padding. */
  readonly counted: Tensor;
  /** int64 [counted]: the label of each counted place. */
  readonly labels: Tensor;
  /** float32 [counted]: each counted token's share of the loss. */
  readonly weights: Tensor;
}

/**
 * Longest targets for which cross-attention is cheaper without keys and values. Counted in products it is about half of the
 * source's length; but these products are smaller, and run at two thirds of the speed.
 */
const SHORT_TARGET = 16;

/**
 * sum over counted tokens of weight * (-log p(label)); the head runs on counted positions only. `longest`: ids that targets
 * have at most, as far as known.
 */
export function sequenceLoss(
  backbone: Backbone,
  config: T5Config,
  encoded: Tensor,
  sourceMask: Tensor,
  target: TargetInput,
  longest: number = Number.POSITIVE_INFINITY,
): CrossEntropy & { readonly logits: Tensor } {
  const short = backbone.plainLinear === true && longest <= SHORT_TARGET;
  const states = decoderStates(backbone, config, { ...target, sourceMask }, encoded, short);
  const [batch, length] = target.ids.shape;
  const flat = reshape(states.at(-1)!, [multiplyDims(batch!, length!), config.width]);
  const scores = logits(backbone, config, gather(flat, target.counted));
  return { ...crossEntropy(scores, target.labels, target.weights), logits: scores };
}
