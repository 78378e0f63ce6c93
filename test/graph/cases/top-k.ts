/** Cases of engine/graph/ops/top-k.ts. */
import { cast } from '../../../engine/graph/ops/elementwise.ts';
import { topK } from '../../../engine/graph/ops/top-k.ts';
import { type Dense, generate } from '../dense.ts';
import { batch, type Case, given, rows } from './case.ts';

/** The columns of one row, largest entry first, equal ones in their order. */
function ranked({ shape, data }: Dense, row: number): number[] {
  const width = shape[1]!;
  const entries = [...data.subarray(row * width, (row + 1) * width)];
  return [...entries.keys()].sort((a, b) => entries[b]! - entries[a]! || a - b);
}

export const topKCases: readonly Case[] = [
  {
    operation: 'TopK',
    title: 'two of four, equal ones among them',
    inputs: [given('float32', [batch, rows], [1, 3, 2, 3, -1, -2, -1, -3]), given('int64', [1], [2])],
    build: (x, k) => {
      const { values, indices } = topK(x!, k!, 2);
      return [values, cast(indices, 'float32')];
    },
    reference: (x) => [
      generate([2, 2], ([row, i]) => x!.data[row! * 4 + ranked(x!, row!)[i!]!]!),
      generate([2, 2], ([row, i]) => ranked(x!, row!)[i!]!),
    ],
  },
];
