/** T5's encoder. */
import { add } from '../../graph/ops/elementwise.ts';
import { gather } from '../../graph/ops/gather.ts';
import type { Tensor } from '../../graph/tensor.ts';
import type { Backbone } from '../backbone.ts';
import { attend, feedForward, keysValues, layerOf, maskBias, normalise, residual } from './blocks.ts';
import type { T5Config } from './config.ts';
import { positionBias } from './positions.ts';

/** Rows of the word embedding shared by both stacks: ids [...] -> [..., width]. T5 does not scale them. */
export function wordEmbeddings(backbone: Backbone, config: T5Config, ids: Tensor): Tensor {
  return gather(backbone.weight('shared.weight', [config.vocabularySize, config.width]), ids);
}

export interface EncoderInput {
  /** [batch, source, width]: soft prompt, text and visual tokens, joined. */
  readonly states: Tensor;
  /** float32 [batch, source]: 1 where attended. */
  readonly mask: Tensor;
  /** int64 [source, source] from `encoderBuckets`. */
  readonly buckets: Tensor;
}

function encoderLayer(backbone: Backbone, config: T5Config, layer: number, x: Tensor, bias: Tensor): Tensor {
  const name = `encoder.block.${layer}.layer`;
  const normed = normalise(backbone, config, `${name}.0.layer_norm`, x);
  const selfName = `${name}.0.SelfAttention`;
  const mixed = attend(backbone, config, selfName, normed, keysValues(backbone, config, selfName, normed), bias);
  return feedForward(backbone, config, `${name}.1`, residual(backbone, x, mixed));
}

/** The states after embedding (first), after each layer, and after the final norm (last), each [batch, source, width]. */
export function encoderStates(backbone: Backbone, config: T5Config, source: EncoderInput): Tensor[] {
  const bias = add(positionBias(backbone, config, 'encoder', source.buckets), maskBias(source.mask));
  let x = backbone.dropout.apply(source.states);
  const all = [x];
  for (let layer = 0; layer < config.encoderLayers; layer += 1) {
    x = layerOf(backbone, ([states]) => encoderLayer(backbone, config, layer, states!, bias), [x]);
    all.push(x);
  }
  all.push(backbone.dropout.apply(normalise(backbone, config, 'encoder.final_layer_norm', x)));
  return all;
}

/** The encoder's output [batch, source, width]. */
export function encode(backbone: Backbone, config: T5Config, source: EncoderInput): Tensor {
  return encoderStates(backbone, config, source).at(-1)!;
}
