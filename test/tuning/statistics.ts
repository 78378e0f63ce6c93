/** What first values and trained tensors are told apart by. */

export const mean = (values: ArrayLike<number>): number =>
  Array.from(values).reduce((a, b) => a + b, 0) / values.length;

export function variance(values: ArrayLike<number>): number {
  const middle = mean(values);
  return mean(Array.from(values, (value) => (value - middle) ** 2));
}

/** The standard deviation. */
export const spread = (values: ArrayLike<number>): number => Math.sqrt(variance(values));

/** The largest absolute value. */
export const largest = (values: ArrayLike<number>): number =>
  Array.from(values).reduce((most, value) => Math.max(most, Math.abs(value)), 0);
