/** The decoder's side of a training batch: shifted ids, counted positions, and each token's share of the loss. */
import type { T5Config } from '../models/t5/config.ts';
import { decoderBuckets } from '../models/t5/positions.ts';
import type { Value } from '../runtime/session.ts';
import { paddedIds } from './clip-t5.ts';
import type { Task } from './tasks.ts';

export interface Target {
  /** Label ids, end of text included. */
  readonly ids: readonly number[];
  /** The soft score of a VQA answer; 1 for a caption. */
  readonly score: number;
}

/**
 * Each target's weight per token (spec 2.4). Captions: 1 / all tokens of the step, so that the loss is the mean over
 * tokens. VQA: score / (own tokens * samples of the step), the mean over samples of score times the sample's token mean.
 * `step` holds all targets of an optimiser step, so that accumulated batches add up to one large batch.
 */
export function tokenWeights(task: Task, step: readonly Target[]): (target: Target) => number {
  if (task === 'vqa') return ({ ids, score }) => score / (ids.length * step.length);
  const tokens = step.reduce((sum, { ids }) => sum + ids.length, 0);
  return () => 1 / tokens;
}

/** Feeds of the decoder's side. */
export function targetFeeds(
  config: T5Config,
  targets: readonly Target[],
  weightOf: (target: Target) => number,
): Record<string, Value> {
  const longest = Math.max(...targets.map(({ ids }) => ids.length));
  const places: bigint[] = [];
  const labels: bigint[] = [];
  const weights: number[] = [];
  targets.forEach((target, i) => {
    target.ids.forEach((id, j) => {
      places.push(BigInt(i * longest + j));
      labels.push(BigInt(id));
      weights.push(weightOf(target));
    });
  });
  const shifted = targets.map(({ ids }) => [config.decoderStartId, ...ids.slice(0, -1)]);
  return {
    targetIds: paddedIds(shifted, longest, config.padId),
    targetBuckets: { data: decoderBuckets(config, longest), shape: [longest, longest] },
    counted: { data: BigInt64Array.from(places), shape: [places.length] },
    labels: { data: BigInt64Array.from(labels), shape: [labels.length] },
    weights: { data: Float32Array.from(weights), shape: [weights.length] },
  };
}
