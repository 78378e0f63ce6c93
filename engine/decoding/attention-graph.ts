/** The graph that says where the decoder looked: cross-attention over a whole answer at once. */
import { type CompiledGraph, compile } from '../graph/compile.ts';
import { named } from '../graph/dim.ts';
import { add, multiply, reduceMean } from '../graph/ops/elementwise.ts';
import { reshape } from '../graph/ops/structure.ts';
import { constant, input } from '../graph/sources.ts';
import type { Tensor } from '../graph/tensor.ts';
import type { Backbone } from '../models/backbone.ts';
import { attentionWeights, maskBias } from '../models/t5/blocks.ts';
import type { T5Config } from '../models/t5/config.ts';
import { crossKeysValues, decode } from '../models/t5/decoder.ts';

const [batch, source, target] = [named('batch'), named('source'), named('target')];

/**
 * Cross-attention of every decoder layer, each [batch, heads, target, source]; a row sums to 1. Inputs:
 * - `states` [batch, source, width] and `mask` [batch, source], the encoder's;
 * - `ids` int64 [batch, target], the decoder's input ids (start id first); `buckets` from `decoderBuckets`.
 */
export function crossAttention(backbone: Backbone, config: T5Config): Tensor[] {
  const sourceMask = input('mask', 'float32', [batch, source]);
  const cross = crossKeysValues(backbone, config, input('states', 'float32', [batch, source, config.width]));
  const { crossQueries } = decode(backbone, config, {
    ids: input('ids', 'int64', [batch, target]),
    buckets: input('buckets', 'int64', [target, target]),
    cross,
    sourceMask,
  });
  const bias = maskBias(sourceMask);
  return crossQueries.map((queries, layer) => attentionWeights(queries, cross[layer]!, bias));
}

/** `crossAttention`'s mean over layers and heads: `attention` [batch, target, source]. */
export function attentionGraph(backbone: Backbone, config: T5Config): CompiledGraph {
  const layers = crossAttention(backbone, config);
  const overHeads = reduceMean(layers.reduce(add), [1]);
  const mean = multiply(overHeads, constant(1 / layers.length));
  return compile({ attention: reshape(mean, [batch, target, source]) });
}
