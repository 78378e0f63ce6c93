/** Suggestions for mistyped words. */
import { expect, test } from 'vitest';
import { editDistance, nearest } from '../../engine/common/nearest.ts';

test.each([
  ['', '', 0],
  ['abc', 'abc', 0],
  ['ABC', 'abc', 0],
  ['abc', '', 3],
  ['kitten', 'sitting', 3],
  ['promtp', 'prompt', 1],
])('the distance of "%s" and "%s" is %i', (left, right, distance) => {
  expect(editDistance(left, right)).toBe(distance);
  expect(editDistance(right, left)).toBe(distance);
});

test('the nearest word is found, and none where none is near', () => {
  expect(nearest('stpes', ['seed', 'steps'])).toBe('steps');
  expect(nearest('quux', ['seed', 'steps'])).toBeUndefined();
  expect(nearest('x', [])).toBeUndefined();
});
