/**
 * The two graphs of generation: what every step reads of the source, and one decoding step over cached keys and values.
 *
 * A prompt's beams stand where a target's positions stand in training. So they all read one copy of the prompt's
 * cross-attention, and among the self-attention's keys, which hold every beam's history, the position buckets let each
 * beam see its own.
 */
import { type CompiledGraph, compile } from '../graph/compile.ts';
import { addDims, multiplyDims, named } from '../graph/dim.ts';
import { logSoftmax } from '../graph/ops/activations.ts';
import { add, multiply } from '../graph/ops/elementwise.ts';
import { gather } from '../graph/ops/gather.ts';
import { reshape, slice, transpose } from '../graph/ops/structure.ts';
import { topK } from '../graph/ops/top-k.ts';
import { input, integerConstant } from '../graph/sources.ts';
import type { Tensor } from '../graph/tensor.ts';
import type { Backbone } from '../models/backbone.ts';
import type { KeysValues } from '../models/t5/blocks.ts';
import type { T5Config } from '../models/t5/config.ts';
import { crossKeysValues, decode, logits } from '../models/t5/decoder.ts';
import { decoderBuckets } from '../models/t5/positions.ts';

const [prompts, source, beams] = [named('prompts'), named('source'), named('beams')];
/** Places in the self-attention's history: steps so far times beams. */
const slots = named('slots');
/** Rows of the cache. */
const cached = named('cached');

/** What a step gives: the likeliest ids, which is all that plain search needs, or a score for the whole vocabulary. */
export type Head = 'likeliest' | 'logits' | 'logProbabilities';

/** Names of the keys and values of every layer under one prefix: `past.0.keys`, `past.0.values`, `past.1.keys` ... */
export function keysValuesNames({ decoderLayers }: T5Config, prefix: 'cross' | 'past' | 'fresh'): string[] {
  return Array.from({ length: decoderLayers }, (_, layer) => [
    `${prefix}.${layer}.keys`,
    `${prefix}.${layer}.values`,
  ]).flat();
}

function namedOutputs(names: readonly string[], layers: readonly KeysValues[]): Record<string, Tensor> {
  const tensors = layers.flatMap(({ keys, values }) => [keys, values]);
  return Object.fromEntries(names.map((name, i) => [name, tensors[i]!]));
}

function paired(tensors: readonly Tensor[]): KeysValues[] {
  return Array.from({ length: tensors.length / 2 }, (_, i) => ({ keys: tensors[2 * i]!, values: tensors[2 * i + 1]! }));
}

/** `states` [prompts, source, width] -> `cross.*`, each [prompts, heads, source, headWidth]. */
export function crossGraph(backbone: Backbone, config: T5Config): CompiledGraph {
  const states = input('states', 'float32', [prompts, source, config.width]);
  return compile(namedOutputs(keysValuesNames(config, 'cross'), crossKeysValues(backbone, config, states)));
}

/**
 * One more id for every beam of every prompt. Feeds:
 * - `ids` int64 [prompts, beams], the newest id of each beam;
 * - `past.*` [cached, heads * headWidth], keys and values of all earlier ids, one row each;
 * - `paths` int64 [prompts, 1, slots], the row of the id that beam b has at step t, at slot t * beams + b;
 * - `buckets` int64 [beams, slots + beams] from `stepBuckets`;
 * - `cross.*` from `crossGraph`, `mask` [prompts, source].
 *
 * Gives `fresh.*` [prompts, beams, heads * headWidth], the rows to append to `past.*`, and by head:
 * - likeliest, fed `k` int64 [1]: `logProbabilities` and `candidates` [prompts, beams, k], the likeliest next ids of each
 *   beam, likeliest first, the lower id first where equal;
 * - logits, logProbabilities: `scores` [prompts, beams, vocabulary].
 */
export function stepGraph(backbone: Backbone, config: T5Config, head: Head): CompiledGraph {
  const { heads, headWidth } = config;
  const inner = heads * headWidth;
  const ids = input('ids', 'int64', [prompts, beams]);
  const paths = input('paths', 'int64', [prompts, 1, slots]);
  const buckets = input('buckets', 'int64', [beams, addDims(slots, beams)]);
  const sourceMask = input('mask', 'float32', [prompts, source]);
  const cross = keysValuesNames(config, 'cross').map((name) =>
    input(name, 'float32', [prompts, heads, source, headWidth]),
  );

  // a row of the cache is `heads` vectors: looking those up one by one gives [prompts, heads, slots, headWidth] at once
  const headNumbers = integerConstant([...Array(heads).keys()], [1, heads, 1]);
  const vectors = add(multiply(paths, integerConstant(heads)), headNumbers);
  const past = keysValuesNames(config, 'past').map((name) => {
    const rows = input(name, 'float32', [cached, inner]);
    return gather(reshape(rows, [multiplyDims(cached, heads), headWidth]), vectors);
  });

  const { states, present } = decode(backbone, config, {
    ids,
    buckets,
    cross: paired(cross),
    sourceMask,
    past: paired(past),
  });
  const newest = (all: Tensor): Tensor => {
    const fresh = slice(all, 2, slots, addDims(slots, beams));
    return reshape(transpose(fresh, [0, 2, 1, 3]), [prompts, beams, inner]);
  };
  return compile({
    ...headOutputs[head](logits(backbone, config, states.at(-1)!)),
    ...namedOutputs(
      keysValuesNames(config, 'fresh'),
      present.map(({ keys, values }) => ({ keys: newest(keys), values: newest(values) })),
    ),
  });
}

const headOutputs: Readonly<Record<Head, (scores: Tensor) => Record<string, Tensor>>> = {
  likeliest: (scores) => {
    const k = input('k', 'int64', [1]);
    const { values, indices } = topK(logSoftmax(scores), k, named('candidates'));
    return { logProbabilities: values, candidates: indices };
  },
  logits: (scores) => ({ scores }),
  logProbabilities: (scores) => ({ scores: logSoftmax(scores) }),
};

/** Row numbers into the decoder's bias table after `past` steps: beam b sees slots t * beams + b. [beams, (past + 1) * beams] */
export function stepBuckets(config: T5Config, beams: number, past: number): BigInt64Array {
  const own = decoderBuckets(config, 1, past);
  const never = decoderBuckets(config, 2)[1]!; // what a query has for the position behind it
  const keys = own.length * beams;
  const rows = new BigInt64Array(beams * keys).fill(never);
  for (let beam = 0; beam < beams; beam += 1) {
    own.forEach((bucket, step) => {
      rows[beam * keys + step * beams + beam] = bucket;
    });
  }
  return rows;
}
