/** How a device's values are compared with the CPU's. */
import { expect, test } from 'vitest';
import { largestDifference } from '../../engine/runtime/device-trial.ts';

test('the largest difference counts, on either side', () => {
  expect(largestDifference(Float32Array.of(1, 2.5, 3), Float32Array.of(1, 2, 3.25))).toBe(0.5);
  expect(largestDifference(Float32Array.of(1, 2), Float32Array.of(1, 2))).toBe(0);
});

test.each([Number.NaN, Number.POSITIVE_INFINITY])('a device that computes %s has failed', (value) => {
  const compare = () => largestDifference(Float32Array.of(1, value), Float32Array.of(1, 2));
  expect(compare).toThrow(`It computes ${value} where the CPU has numbers`);
});
