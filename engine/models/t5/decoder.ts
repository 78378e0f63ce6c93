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
  layerOf,
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

const crossName = (layer: number): string => `${layerName(layer)}.1.EncDecAttention`;

/** Cross-attention's keys and values of every layer, from the encoder's output: computed once per source. */
export function crossKeysValues(backbone: Backbone, config: T5Config, encoded: Tensor): KeysValues[] {
  return Array.from({ length: config.decoderLayers }, (_, layer) =>
    keysValues(backbone, config, crossName(layer), encoded),
  );
}

export interface DecoderTarget {
  /** int64 [batch, target]: the decoder's input ids (start id, then the labels shifted right). */
  readonly ids: Tensor;
  /** int64 [target, past + target] from `decoderBuckets`. */
  readonly buckets: Tensor;
  /** float32 [batch, source]: which encoder states exist. */
  readonly sourceMask: Tensor;
}

/** What the layers add to attention's scores. */
interface Biases {
  readonly own: Tensor;
  readonly cross: Tensor;
}

/** What `layer` makes of the embedded ids, number by number: the states after embedding, after each layer, after the final norm. */
function stack(
  backbone: Backbone,
  config: T5Config,
  { ids, buckets, sourceMask }: DecoderTarget,
  layer: (states: Tensor, number: number, biases: Biases) => Tensor,
): Tensor[] {
  const biases = { own: positionBias(backbone, config, 'decoder', buckets), cross: maskBias(sourceMask) };
  let x = backbone.dropout.apply(wordEmbeddings(backbone, config, ids));
  const states = [x];
  for (let number = 0; number < config.decoderLayers; number += 1) {
    x = layer(x, number, biases);
    states.push(x);
  }
  states.push(backbone.dropout.apply(normalise(backbone, config, 'decoder.final_layer_norm', x)));
  return states;
}

interface LayerOutput {
  readonly states: Tensor;
  readonly present: KeysValues;
  readonly crossQueries: Tensor;
}

/** `cross`: keys and values of cross-attention, or the encoder's output itself, for targets of few ids. */
function decoderLayer(
  backbone: Backbone,
  config: T5Config,
  number: number,
  states: Tensor,
  biases: Biases,
  cross: KeysValues | Tensor,
  past?: KeysValues,
): LayerOutput {
  const name = layerName(number);
  const normed = normalise(backbone, config, `${name}.0.layer_norm`, states);
  const selfName = `${name}.0.SelfAttention`;
  const fresh = keysValues(backbone, config, selfName, normed);
  const present = past === undefined ? fresh : joinKeysValues(past, fresh);
  const own = residual(backbone, states, attend(backbone, config, selfName, normed, present, biases.own));

  const lookName = crossName(number);
  const crossQueries = queriesOf(backbone, config, lookName, normalise(backbone, config, `${name}.1.layer_norm`, own));
  const found =
    'node' in cross
      ? lookUpStates(backbone, config, lookName, crossQueries, cross, biases.cross)
      : lookUp(backbone, config, lookName, crossQueries, cross, biases.cross);
  const both = residual(backbone, own, found);
  return { states: feedForward(backbone, config, `${name}.2`, both), present, crossQueries };
}

/**
 * For training: from the encoder's output [batch, source, width]. `short`: targets have so few ids that cross-attention does
 * without keys and values of its own. After embedding, after each layer, after the final norm; each [batch, target, width].
 */
export function decoderStates(
  backbone: Backbone,
  config: T5Config,
  target: DecoderTarget,
  encoded: Tensor,
  short = false,
): Tensor[] {
  return stack(backbone, config, target, (x, number, biases) => {
    const build = ([states, seen]: readonly Tensor[]): Tensor => {
      const cross = short ? seen! : keysValues(backbone, config, crossName(number), seen!);
      return decoderLayer(backbone, config, number, states!, biases, cross).states;
    };
    return layerOf(backbone, build, [x, encoded]);
  });
}

export interface DecoderInput extends DecoderTarget {
  /** Cross-attention's keys and values of every layer. */
  readonly cross: readonly KeysValues[];
  /** Self-attention's keys and values of earlier positions, one per layer. */
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

/** For generation and for a look inside. */
export function decode(backbone: Backbone, config: T5Config, { cross, past, ...target }: DecoderInput): DecoderOutput {
  const layers: LayerOutput[] = [];
  const states = stack(backbone, config, target, (x, number, biases) => {
    const layer = decoderLayer(backbone, config, number, x, biases, cross[number]!, past?.[number]);
    layers.push(layer);
    return layer.states;
  });
  return {
    states,
    present: layers.map(({ present }) => present),
    crossQueries: layers.map(({ crossQueries }) => crossQueries),
  };
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
