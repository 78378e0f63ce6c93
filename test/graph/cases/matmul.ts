/** Cases of engine/graph/ops/matmul.ts. */
import { matmul } from '../../../engine/graph/ops/matmul.ts';
import { map, product, swapped } from '../dense.ts';
import { batch, type Case, floats, rows, text } from './case.ts';

/** Every transpose under every kind of leading axes, with a factor other than 1 in half of them. */
export const matmulCases: readonly Case[] = (
  [
    ['two matrices', [], []],
    ['a batch of each', [batch], [batch]],
    ['a shared right matrix', [batch, text], []],
    ['a shared left matrix', [], [batch]],
    ['leading axes that broadcast', [batch, 1], [3]],
  ] as const
).flatMap(([title, left, right], i) =>
  [false, true].flatMap((transA) =>
    [false, true].map((transB): Case => {
      const alpha = (i + Number(transA) + Number(transB)) % 2 === 0 ? 1 : 0.375;
      const swaps = `${transA ? ', a swapped' : ''}${transB ? ', b swapped' : ''}`;
      return {
        operation: 'MatMul',
        title: `${title}${swaps}, factor ${alpha}`,
        inputs: [
          floats([...left, ...(transA ? [3, rows] : [rows, 3])]),
          floats([...right, ...(transB ? [2, 3] : [3, 2])]),
        ],
        build: (a, b) => [matmul(a!, b!, { transA, transB, alpha })],
        reference: (a, b) => [
          map((value) => alpha * value, product(transA ? swapped(a!) : a!, transB ? swapped(b!) : b!)),
        ],
      };
    }),
  ),
);
