/** T5's decoder: whole target sequences for training, one position over cached keys and values for generation. */
import { multiply } from '../../graph/ops/elementwise.ts';
import { matmul } from '../../graph/ops/matmul.ts';
import { concat } from '../../graph/ops/structure.ts';
import { constant } from '../../graph/sources.ts';
import type { Tensor } from '../../graph/tensor.ts';
import type { Backbone } from '../backbone.ts';
import {
  attend,
  feedForward,
  type KeysValues,
  keysValues,
  lookUp,
  lookUpStates,
  maskBias,
  normalise,
  queriesOf,
  residual,
} from './blocks.ts';
import type { T5Config } from './config.ts';
import { wordEmbeddings } from './encoder.ts';
import { positionBias } from './positions.ts';

const layerName = (layer: number): string => `decoder.block.${layer}.layer`;

/** Cross-attention's keys and values of every layer, from the encoder's output: computed once per source. */
export function crossKeysValues(backbone: Backbone, config: T5Config, encoded: Tensor): KeysValues[] {
  return Array.from({ length: config.decoderLayers }, (_, layer) =>
    keysValues(backbone, config, `${layerName(layer)}.1.EncDecAttention`, encoded),
  );
}

export interface DecoderInput {
  /** int64 [batch, target]: the decoder's input ids (start id, then the labels shifted right). */
  readonly ids: Tensor;
  /** int64 [target, past + target] from `decoderBuckets`. */
  readonly buckets: Tensor;
  /** Cross-attention's keys and values of every layer, or the encoder's output itself, for targets of few ids. */
  readonly cross: readonly KeysValues[] | Tensor;
  /** float32 [batch, source]: which encoder states exist. */
  readonly sourceMask: Tensor;
  /** Self-attention's keys and values of earlier positions, one per layer; none when training. */
  readonly past?: readonly KeysValues[];
}

export interface DecoderOutput {
  /** After embedding, after each layer, after the final norm; each [batch, target, width]. */
  readonly states: readonly Tensor[];
  /** Self-attention's keys and values up to and including these positions. */
  readonly present: readonly KeysValues[];
  /** Of each layer's cross-attention, each [batch, heads, target, headWidth]. */
  readonly crossQueries: readonly Tensor[];
}

export function decode(backbone: Backbone, config: T5Config, target: DecoderInput): DecoderOutput {
  const selfBias = positionBias(backbone, config, 'decoder', target.buckets);
  const crossBias = maskBias(target.sourceMask);
  let x = backbone.dropout.apply(wordEmbeddings(backbone, config, target.ids));
  const states = [x];
  const present: KeysValues[] = [];
  const crossQueries: Tensor[] = [];
  for (let layer = 0; layer < config.decoderLayers; layer += 1) {
    const name = layerName(layer);
    const normed = normalise(backbone, config, `${name}.0.layer_norm`, x);
    const selfName = `${name}.0.SelfAttention`;
    const fresh = keysValues(backbone, config, selfName, normed);
    const past = target.past?.[layer];
    const all = past === undefined ? fresh : joinKeysValues(past, fresh);
    present.push(all);
    x = residual(backbone, x, attend(backbone, config, selfName, normed, all, selfBias));

    const crossName = `${name}.1.EncDecAttention`;
    const queries = queriesOf(backbone, config, crossName, normalise(backbone, config, `${name}.1.layer_norm`, x));
    crossQueries.push(queries);
    const found =
      'node' in target.cross
        ? lookUpStates(backbone, config, crossName, queries, target.cross, crossBias)
        : lookUp(backbone, config, crossName, queries, target.cross[layer]!, crossBias);
    x = residual(backbone, x, found);
    x = feedForward(backbone, config, `${name}.2`, x);
    states.push(x);
  }
  states.push(backbone.dropout.apply(normalise(backbone, config, 'decoder.final_layer_norm', x)));
  return { states, present, crossQueries };
}

function joinKeysValues(past: KeysValues, fresh: KeysValues): KeysValues {
  return { keys: concat([past.keys, fresh.keys], 2), values: concat([past.values, fresh.values], 2) };
}

/** Scores over the vocabulary for decoder states [..., width] -> [..., vocabulary]. */
export function logits(backbone: Backbone, config: T5Config, states: Tensor): Tensor {
  const { width, vocabularySize } = config;
  const read = config.scaled ? multiply(states, constant(width ** -0.5)) : states;
  if (!config.tied) return backbone.linear('lm_head.weight', read, vocabularySize, width);
  return matmul(read, backbone.weight('shared.weight', [vocabularySize, width]), { transB: true });
}
