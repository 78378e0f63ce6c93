/** Cases of engine/graph/ops/gather.ts. */
import { addAt, gather, pick, scatterRows } from '../../../engine/graph/ops/gather.ts';
import { at, generate, range, sum } from '../dense.ts';
import { batch, type Case, floats, given, rows, text } from './case.ts';

export const gatherCases: readonly Case[] = [
  {
    operation: 'Gather',
    title: 'rows looked up twice and never',
    inputs: [floats([5, 2]), given('int64', [batch, text], [4, 0, 4, 4, 2, 0])],
    build: (table, indices) => [gather(table!, indices!)],
    reference: (table, indices) => [
      generate([2, 3, 2], ([i, j, column]) => at(table!, [at(indices!, [i!, j!]), column!])),
    ],
  },
  {
    operation: 'Gather',
    title: 'a symbolic table and one row number',
    inputs: [floats([rows, 3]), given('int64', [], [2])],
    build: (table, index) => [gather(table!, index!)],
    reference: (table, index) => [generate([3], ([column]) => at(table!, [at(index!, []), column!]))],
  },
  {
    operation: 'ScatterRows',
    title: 'two rows that meet',
    inputs: [given('int64', [text], [3, 0, 3]), floats([text, 2])],
    build: (indices, x) => [scatterRows(indices!, x!, [rows, 2])],
    reference: (indices, x) => [
      generate([4, 2], ([row, column]) =>
        sum(range(3).map((i) => (at(indices!, [i]) === row ? at(x!, [i, column!]) : 0))),
      ),
    ],
  },
  {
    operation: 'GatherElements',
    title: 'one column per row',
    inputs: [floats([rows, 3]), given('int64', [rows, 1], [2, 0, 0, 1])],
    build: (x, columns) => [pick(x!, columns!)],
    reference: (x, columns) => [generate([4, 1], ([i]) => at(x!, [i!, at(columns!, [i!, 0])]))],
  },
  {
    operation: 'ScatterElements',
    title: 'one column per row',
    inputs: [floats([rows, 3]), given('int64', [rows, 1], [2, 0, 0, 1]), floats([rows, 1])],
    build: (x, columns, values) => [addAt(x!, columns!, values!)],
    reference: (x, columns, values) => [
      generate([4, 3], ([i, j]) => at(x!, [i!, j!]) + (at(columns!, [i!, 0]) === j ? at(values!, [i!, 0]) : 0)),
    ],
  },
];
