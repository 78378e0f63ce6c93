/** Cases of engine/graph/ops/quantised-linear.ts, which rounds what it is given: test/graph/quantised-linear.test.ts says how far. */
import { quantisedLinear, rowLargest } from '../../../engine/graph/ops/quantised-linear.ts';
import { constant, int8Constant } from '../../../engine/graph/sources.ts';
import type { Tensor } from '../../../engine/graph/tensor.ts';
import { type Dense, generate, product, swapped } from '../dense.ts';
import { batch, type Case, floats, given } from './case.ts';

/** A matrix [inner, columns] of whole numbers under scales that float32 holds. */
export interface Numbers {
  readonly values: Dense;
  readonly scales: readonly number[];
}

const quantised = ({ values: { shape, data }, scales }: Numbers) => ({
  values: int8Constant(Int8Array.from(data), shape),
  scales: constant(scales, [scales.length]),
});

/** x W with dx = g V. */
export function linearBy(x: Tensor, w: Numbers, v: Numbers): Tensor {
  return quantisedLinear(x, quantised(w), quantised(v));
}

/** x times the matrix that the numbers stand for. */
export function productWith(x: Dense, { values, scales }: Numbers): Dense {
  return product(
    x,
    generate(values.shape, ([i, j]) => values.data[i! * values.shape[1]! + j!]! * scales[j!]!),
  );
}

const w: Numbers = { values: { shape: [3, 2], data: Float64Array.of(1, -2, 3, 64, -64, 0) }, scales: [0.5, 2] };
const v: Numbers = { values: swapped(w.values), scales: [1, 1, 1] };

export const rowLargestCases: readonly Case[] = [
  {
    operation: 'RowLargest',
    title: 'of either sign, and of zeros',
    inputs: [given('float32', [batch, 3], [1, -4, 2, 0, 0, 0])],
    build: (x) => [rowLargest(x!)],
    reference: () => [{ shape: [2, 1], data: Float64Array.of(4, 1e-30) }],
  },
];

export const quantisedCases: readonly Case[] = [
  {
    operation: 'QuantisedLinear',
    title: 'a matrix and its transpose',
    inputs: [floats([batch, 3])],
    build: (x) => [linearBy(x!, w, v)],
    reference: (x) => [productWith(x!, w)],
  },
];
