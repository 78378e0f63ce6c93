/** The decoder's feeds, and how much each target token counts (spec 2.4). */
import { describe, expect, test } from 'vitest';
import { decoderBuckets } from '../../engine/models/t5/positions.ts';
import { type Target, targetFeeds, tokenWeights } from '../../engine/vision-language/target-feeds.ts';
import { config } from '../training/tiny.ts';

const targets: Target[] = [
  { ids: [5, 6, 1], score: 0.3 },
  { ids: [1], score: 0 },
  { ids: [7, 1], score: 1 },
];

describe('weights', () => {
  test('captions: every token of the step counts alike, whatever its score', () => {
    const weightOf = tokenWeights('caption', targets);
    expect(targets.map(weightOf)).toEqual([1 / 6, 1 / 6, 1 / 6]);
  });

  test('answers: score times the mean over own tokens, averaged over the samples of the step', () => {
    const weightOf = tokenWeights('vqa', targets);
    expect(targets.map(weightOf)).toEqual([0.3 / 9, 0, 1 / 6]);
  });

  test('all weights of a step add up to 1, or to the mean score', () => {
    const total = (task: 'caption' | 'vqa'): number => {
      const weightOf = tokenWeights(task, targets);
      return targets.reduce((sum, target) => sum + target.ids.length * weightOf(target), 0);
    };
    expect(total('caption')).toBeCloseTo(1, 12);
    expect(total('vqa')).toBeCloseTo(1.3 / 3, 12);
  });
});

test('feeds: inputs shifted right behind the start id, labels and weights of what is not padding', () => {
  const start = BigInt(config.decoderStartId);
  const pad = BigInt(config.padId);
  const feeds = targetFeeds(config, targets, tokenWeights('vqa', targets));
  const [low, high] = [Math.fround(0.3 / 9), Math.fround(1 / 6)];
  expect(feeds).toEqual({
    targetIds: { data: BigInt64Array.of(start, 5n, 6n, start, pad, pad, start, 7n, pad), shape: [3, 3] },
    targetBuckets: { data: decoderBuckets(config, 3), shape: [3, 3] },
    counted: { data: BigInt64Array.of(0n, 1n, 2n, 3n, 6n, 7n), shape: [6] },
    labels: { data: BigInt64Array.of(5n, 6n, 1n, 1n, 7n, 1n), shape: [6] },
    weights: { data: Float32Array.of(low, low, low, 0, high, high), shape: [6] },
  });
});
