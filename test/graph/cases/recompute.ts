/** Cases of engine/graph/ops/recompute.ts. */
import { Dropout, DropoutMasks } from '../../../engine/graph/ops/dropout.ts';
import { add, exp, multiply } from '../../../engine/graph/ops/elementwise.ts';
import { after, recomputed } from '../../../engine/graph/ops/recompute.ts';
import type { Tensor } from '../../../engine/graph/tensor.ts';
import { map } from '../dense.ts';
import { batch, type Case, floats, given } from './case.ts';

const RATE = 0.25;
const mask = [...new DropoutMasks(RATE, 1).window(0, 'site', 0, 6)];

export const recomputeCases: readonly Case[] = [
  {
    operation: 'After',
    title: 'x as it is',
    inputs: [given('float32', [batch, 2], [1, -2, 3, 4]), given('float32', [1], [Number.NaN])],
    build: (x, g) => [after(x!, g!)],
    reference: (x) => [x!],
  },
  {
    operation: 'Recomputed',
    title: 'two inputs, one of them twice, and a third beside',
    inputs: [floats([batch, 3]), floats([batch, 3]), floats([batch, 3])],
    build: (x, y, beside) => [recomputed(([a, b]) => add(multiply(exp(multiply(a!, beside!)), b!), a!), [x!, y!])],
    reference: (x, y, beside) => [map((a, b, c) => Math.exp(a * c) * b + a, x!, y!, beside!)],
  },
  {
    operation: 'Recomputed',
    title: 'one within another',
    inputs: [floats([batch, 3], -1, 1)],
    build: (x) => [recomputed(([a]) => recomputed(([b]) => exp(multiply(b!, b!)), [exp(a!)]), [x!])],
    reference: (x) => [map((a) => Math.exp(Math.exp(a) ** 2), x!)],
  },
  {
    operation: 'Recomputed',
    title: 'the same dropout both times',
    inputs: [floats([batch, 3]), { name: 'dropout.0', type: 'float32', shape: [batch, 3], values: mask }],
    build: (x) => {
      const dropout = new Dropout(RATE);
      return [
        recomputed(
          dropout.repeatable(([a]: readonly Tensor[]) => exp(dropout.apply(a!))),
          [x!],
        ),
      ];
    },
    reference: (x, kept) => [map((a, m) => Math.exp(a * m), x!, kept!)],
  },
];
