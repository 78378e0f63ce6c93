/** T5's relative position buckets, and the bias that attention adds for them. */

import { gather } from '../../graph/ops/gather.ts';
import { concat, reshape, transpose } from '../../graph/ops/structure.ts';
import { constant } from '../../graph/sources.ts';
import type { Tensor } from '../../graph/tensor.ts';
import type { Backbone } from '../backbone.ts';
import type { T5Config } from './config.ts';

/** The bucket of the offset key - query (T5, section 2.1 of its paper); float32 arithmetic as the reference has it. */
export function relativeBucket(offset: number, config: T5Config, bidirectional: boolean): number {
  let buckets = config.relativeBuckets;
  let base = 0;
  let distance = -offset;
  if (bidirectional) {
    buckets = Math.floor(buckets / 2);
    if (offset > 0) base = buckets;
    distance = Math.abs(offset);
  } else {
    distance = Math.max(distance, 0);
  }
  const exact = Math.floor(buckets / 2);
  if (distance < exact) return base + distance;
  const f = Math.fround;
  const logarithm = f(f(Math.log(f(distance / exact))) / f(Math.log(config.relativeMaxDistance / exact)));
  const bucket = exact + Math.floor(f(logarithm * (buckets - exact)));
  return base + Math.min(bucket, buckets - 1);
}

/** Rows behind the learned table: no bias at all, and never attend. */
const UNBIASED = 0;
const FORBIDDEN = 1;

/** What stands in for minus infinity in attention scores. */
export const MASKED = -1e9;

/**
 * Row numbers into the encoder's bias table for `length` positions, of which the first `ordered` (prompt and text) know
 * their order; every pair with one of the others (visual tokens) has no bias (spec 2.3). [length * length]
 */
export function encoderBuckets(config: T5Config, length: number, ordered = length): BigInt64Array {
  const rows = new BigInt64Array(length * length);
  for (let query = 0; query < length; query += 1) {
    for (let key = 0; key < length; key += 1) {
      const row =
        query < ordered && key < ordered
          ? relativeBucket(key - query, config, true)
          : config.relativeBuckets + UNBIASED;
      rows[query * length + key] = BigInt(row);
    }
  }
  return rows;
}

/** Row numbers for decoder queries at `first .. first + queries - 1`, causal, over keys 0 .. first + queries - 1. */
export function decoderBuckets(config: T5Config, queries: number, first = 0): BigInt64Array {
  const keys = first + queries;
  const rows = new BigInt64Array(queries * keys);
  for (let query = 0; query < queries; query += 1) {
    for (let key = 0; key < keys; key += 1) {
      const offset = key - (first + query);
      const row = offset > 0 ? config.relativeBuckets + FORBIDDEN : relativeBucket(offset, config, false);
      rows[query * keys + key] = BigInt(row);
    }
  }
  return rows;
}

/** The position bias [1, heads, queries, keys] that all layers of a stack share, from row numbers [queries, keys]. */
export function positionBias(
  backbone: Backbone,
  config: T5Config,
  stack: 'encoder' | 'decoder',
  buckets: Tensor,
): Tensor {
  const name = `${stack}.block.0.layer.0.SelfAttention.relative_attention_bias.weight`;
  const learned = backbone.weight(name, [config.relativeBuckets, config.heads]);
  const fixed = [0, MASKED].flatMap((value) => Array<number>(config.heads).fill(value));
  const table = concat([learned, constant(fixed, [2, config.heads])], 0);
  const [queries, keys] = buckets.shape;
  return reshape(transpose(gather(table, buckets), [2, 0, 1]), [1, config.heads, queries!, keys!]);
}
