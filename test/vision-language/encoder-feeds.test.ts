/** The encoder's feeds: ids padded on the right, what is attended to, and which pairs know their distance (spec 2.3). */
import { expect, test } from 'vitest';
import { encoderBuckets, relativeBucket } from '../../engine/models/t5/positions.ts';
import { encoderFeeds, paddedIds } from '../../engine/vision-language/clip-t5.ts';
import { config, deptMethod } from '../training/tiny.ts';

const [promptLength, textLength, visualTokens] = [2, 3, 4];
const length = promptLength + textLength + visualTokens;
const model = {
  config,
  method: deptMethod({ promptLength }),
  visual: { tokens: visualTokens, width: 5 },
};
const tokens = Float32Array.from({ length: 3 * visualTokens * 5 }, (_, i) => i);
const feeds = encoderFeeds(model, [[7, 8, 1], [1], [9, 1]], tokens);

test('ids are padded to the longest text of the batch', () => {
  expect(feeds.ids).toEqual({ data: BigInt64Array.of(7n, 8n, 1n, 1n, 0n, 0n, 9n, 1n, 0n), shape: [3, 3] });
  expect(paddedIds([[4], [5, 6]], 3, 9)).toEqual({ data: BigInt64Array.of(4n, 9n, 9n, 5n, 6n, 9n), shape: [2, 3] });
});

test('padding between text and visual tokens is masked, and nothing else', () => {
  const mask = [
    [1, 1, 1, 1, 1, 1, 1, 1, 1],
    [1, 1, 1, 0, 0, 1, 1, 1, 1],
    [1, 1, 1, 1, 0, 1, 1, 1, 1],
  ];
  expect(feeds.mask).toEqual({ data: Float32Array.from(mask.flat()), shape: [3, length] });
});

test('prompt and text are one sequence; pairs with a visual token have no position bias', () => {
  const { data, shape } = feeds.buckets!;
  expect(shape).toEqual([length, length]);
  const ordered = promptLength + textLength;
  const unbiased = config.relativeBuckets;
  for (let query = 0; query < length; query += 1) {
    for (let key = 0; key < length; key += 1) {
      const known = query < ordered && key < ordered;
      const expected = known ? relativeBucket(key - query, config, true) : unbiased;
      expect(data[query * length + key], `${query} to ${key}`).toBe(BigInt(expected));
    }
  }
});

test('every batch has the buckets of its own lengths', () => {
  const more = { ...model, visual: { tokens: visualTokens + 1, width: 5 } };
  const sameLength = encoderFeeds(more, [[8, 1]], tokens.subarray(0, 25)).buckets!; // a text token less, a visual one more
  expect(sameLength).toEqual({ data: encoderBuckets(config, length, promptLength + 2), shape: [length, length] });
  const longer = encoderFeeds(model, [[3, 4, 5, 6, 1]], tokens.subarray(0, 20)).buckets!;
  expect(longer.data).toEqual(encoderBuckets(config, length + 2, promptLength + 5));
  expect(encoderFeeds(model, [[7, 8, 1]], tokens.subarray(0, 20)).buckets!.data).toEqual(feeds.buckets!.data);
});

test('visual tokens are fed as they come', () => {
  expect(feeds.visual).toEqual({ data: tokens, shape: [3, visualTokens, 5] });
});
