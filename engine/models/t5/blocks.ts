/** The layers that T5's two stacks are made of: attention and feed-forward, each pre-normalised and residual. */
import { type Dim, multiplyDims } from '../../graph/dim.ts';
import { softmax, tanhGelu } from '../../graph/ops/activations.ts';
import { attention } from '../../graph/ops/attention.ts';
import { add, multiply, subtract, unsqueeze } from '../../graph/ops/elementwise.ts';
import { matmul } from '../../graph/ops/matmul.ts';
import { rmsNorm } from '../../graph/ops/normalisation.ts';
import { recomputed } from '../../graph/ops/recompute.ts';
import { reshape, reshapeWeight, transpose } from '../../graph/ops/structure.ts';
import { constant } from '../../graph/sources.ts';
import type { Tensor } from '../../graph/tensor.ts';
import type { Backbone } from '../backbone.ts';
import type { T5Config } from './config.ts';
import { MASKED } from './positions.ts';

/** Keys and values of one attention, each [batch, heads, keys, headWidth]. */
export interface KeysValues {
  readonly keys: Tensor;
  readonly values: Tensor;
}

/** [batch, length, heads * headWidth] -> [batch, heads, length, headWidth] */
function splitHeads(x: Tensor, { heads, headWidth }: T5Config): Tensor {
  const [batch, length] = x.shape;
  return transpose(reshape(x, [batch!, length!, heads, headWidth]), [0, 2, 1, 3]);
}

function mergeHeads(x: Tensor, { heads, headWidth }: T5Config): Tensor {
  const [batch, , length] = x.shape;
  return reshape(transpose(x, [0, 2, 1, 3]), [batch!, length!, heads * headWidth]);
}

/** The additive mask [batch, 1, 1, keys] of a 0/1 mask [batch, keys]. */
export function maskBias(mask: Tensor): Tensor {
  const [batch, keys] = mask.shape;
  return reshape(multiply(subtract(constant(1), mask), constant(MASKED)), [batch!, 1, 1, keys!]);
}

export function normalise(backbone: Backbone, config: T5Config, name: string, x: Tensor): Tensor {
  return rmsNorm(x, backbone.weight(`${name}.weight`, [config.width]), config.epsilon);
}

/** Keys and values that `name` (an attention's prefix) makes of states [batch, keys, width]. */
export function keysValues(backbone: Backbone, config: T5Config, name: string, states: Tensor): KeysValues {
  const inner = config.heads * config.headWidth;
  return {
    keys: splitHeads(backbone.linear(`${name}.k.weight`, states, inner, config.width), config),
    values: splitHeads(backbone.linear(`${name}.v.weight`, states, inner, config.width), config),
  };
}

/** Queries that `name` makes of states [batch, queries, width]: [batch, heads, queries, headWidth]. */
export function queriesOf(backbone: Backbone, config: T5Config, name: string, states: Tensor): Tensor {
  const inner = config.heads * config.headWidth;
  return splitHeads(backbone.linear(`${name}.q.weight`, states, inner, config.width), config);
}

/** What queries find among keys and values; no 1/sqrt(d) scale in T5. [batch, queries, width] */
export function lookUp(
  backbone: Backbone,
  config: T5Config,
  name: string,
  queries: Tensor,
  { keys, values }: KeysValues,
  bias: Tensor,
): Tensor {
  const mixed = attention(queries, keys, values, { scale: 1, bias, dropout: backbone.dropout });
  return backbone.linear(`${name}.o.weight`, mergeHeads(mixed, config), config.width, config.heads * config.headWidth);
}

/**
 * `lookUp` of the keys and values that `keysValues` makes of `states` [batch, keys, width], without making them: W_k goes to
 * the queries, Q_h (S W_k,h^T)^T = (Q_h W_k,h) S^T, and W_v to what was found, P (S W_v,h^T) = (P S) W_v,h^T. Where queries are
 * few, that is far less work. All heads stand among the queries of one attention over the states.
 */
export function lookUpStates(
  backbone: Backbone,
  config: T5Config,
  name: string,
  queries: Tensor,
  states: Tensor,
  bias: Tensor,
): Tensor {
  const { heads, headWidth, width } = config;
  const [batch, , length] = queries.shape as [Dim, Dim, Dim, Dim];
  const byHead = (part: 'k' | 'v'): Tensor =>
    reshapeWeight(backbone.weight(`${name}.${part}.weight`, [heads * headWidth, width]), [heads, headWidth, width]);
  /** [batch, heads, length, n] <-> [heads, batch, length, n] */
  const exchange = (x: Tensor): Tensor => transpose(x, [1, 0, 2, 3]);
  const rows = multiplyDims(batch, length);
  const inner = reshape(exchange(queries), [heads, rows, headWidth]);
  const asked = exchange(reshape(matmul(inner, byHead('k')), [heads, batch, length, width]));
  const all = unsqueeze(states, 1);
  const flat = reshape(asked, [batch, 1, multiplyDims(heads, length), width]);
  const found = attention(flat, all, all, { scale: 1, bias, dropout: backbone.dropout });
  const perHead = reshape(exchange(reshape(found, [batch, heads, length, width])), [heads, rows, width]);
  const mixed = exchange(reshape(matmul(perHead, byHead('v'), { transB: true }), [heads, batch, length, headWidth]));
  return backbone.linear(`${name}.o.weight`, mergeHeads(mixed, config), width, heads * headWidth);
}

/** How much `lookUp` takes from each key, without dropout: softmax(Q K^T + bias). [batch, heads, queries, keys] */
export function attentionWeights(queries: Tensor, { keys }: KeysValues, bias: Tensor): Tensor {
  return softmax(add(matmul(queries, keys, { transB: true }), bias));
}

/** Queries of `states` against given keys and values. [batch, queries, width] */
export function attend(
  backbone: Backbone,
  config: T5Config,
  name: string,
  states: Tensor,
  all: KeysValues,
  bias: Tensor,
): Tensor {
  return lookUp(backbone, config, name, queriesOf(backbone, config, name, states), all, bias);
}

/** One layer of a stack: `build(inputs)`. */
export function layerOf(
  backbone: Backbone,
  build: (inputs: readonly Tensor[]) => Tensor,
  inputs: readonly Tensor[],
): Tensor {
  return backbone.recomputes ? recomputed(backbone.dropout.repeatable(build), inputs) : build(inputs);
}

/** x + drop(update). */
export function residual(backbone: Backbone, x: Tensor, update: Tensor): Tensor {
  return add(x, backbone.dropout.apply(update));
}

/** The feed-forward layer `name` with its norm and residual: wo relu(wi x), or wo (gelu(wi_0 x) * wi_1 x) in v1.1. */
export function feedForward(backbone: Backbone, config: T5Config, name: string, x: Tensor): Tensor {
  const { width, feedForwardWidth: inner } = config;
  const normed = normalise(backbone, config, `${name}.layer_norm`, x);
  const linear = (part: string): Tensor =>
    backbone.linear(`${name}.DenseReluDense.${part}.weight`, normed, inner, width);
  const { dropout } = backbone;
  const hidden = config.gated
    ? dropout.apply(multiply(tanhGelu(linear('wi_0')), linear('wi_1')))
    : dropout.applyToRelu(linear('wi'));
  const out = backbone.linear(`${name}.DenseReluDense.wo.weight`, hidden, width, inner);
  return residual(backbone, x, out);
}
