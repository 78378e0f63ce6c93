/** Smoothing of a noisy curve, as TensorBoard's slider does it. Pure. */

/**
 * Exponential moving average with its start put right: `s = w s + (1 - w) y`, shown as `s / (1 - w^n)`, so that the first values
 * are not drawn towards 0. `weight` from 0 (none) to below 1. Gaps (null) stay gaps and do not count.
 */
export function smooth(values: readonly (number | null)[], weight: number): (number | null)[] {
  let sum = 0;
  let scale = 0;
  return values.map((value) => {
    if (value === null || !Number.isFinite(value)) return null;
    sum = weight * sum + (1 - weight) * value;
    scale = weight * scale + (1 - weight); // 1 - w^n
    return sum / scale;
  });
}
