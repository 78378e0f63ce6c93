/** How far apart two tensors are. */
import { expect } from 'vitest';

interface LargestDifference {
  /** max |a - b|; NaN where one of them is. */
  readonly difference: number;
  /** max |b| */
  readonly size: number;
}

/** The reference is `b`. Equal infinities do not differ. Fails where the lengths do. */
export function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>, label?: string): LargestDifference {
  expect(a.length, label).toBe(b.length);
  let difference = 0;
  let size = 0;
  for (let i = 0; i < b.length; i += 1) {
    size = Math.max(size, Math.abs(b[i]!));
    if (a[i] !== b[i]) difference = Math.max(difference, Math.abs(a[i]! - b[i]!));
  }
  return { difference, size };
}
