/** Cases of engine/graph/ops/gather.ts. */
import { addAt, gather, pick, scatterRows } from '../../../engine/graph/ops/gather.ts';
import { at, type Dense, generate, range, sum } from '../dense.ts';
import { batch, type Case, floats, given, rows, text } from './case.ts';

/** Rows of a table [rows, width]. */
export function gathered(table: Dense, indices: Dense): Dense {
  const rank = indices.shape.length;
  return generate([...indices.shape, table.shape[1]!], (index) =>
    at(table, [at(indices, index.slice(0, rank)), index[rank]!]),
  );
}

/** x's rows summed into the rows of a matrix of zeros. */
export const scattered = (indices: Dense, x: Dense, shape: readonly number[]): Dense =>
  generate(shape, ([row, column]) =>
    sum(range(x.shape[0]!).map((i) => (at(indices, [i]) === row ? at(x, [i, column!]) : 0))),
  );

/** One column of each row. */
export const picked = (x: Dense, columns: Dense): Dense =>
  generate(columns.shape, ([i]) => at(x, [i!, at(columns, [i!, 0])]));

/** x with a value added to one column of each row. */
export const addedAt = (x: Dense, columns: Dense, values: Dense): Dense =>
  generate(x.shape, ([i, j]) => at(x, [i!, j!]) + (at(columns, [i!, 0]) === j ? at(values, [i!, 0]) : 0));

export const gatherCases: readonly Case[] = [
  {
    operation: 'Gather',
    title: 'rows looked up twice and never',
    inputs: [floats([5, 2]), given('int64', [batch, text], [4, 0, 4, 4, 2, 0])],
    build: (table, indices) => [gather(table!, indices!)],
    reference: (table, indices) => [gathered(table!, indices!)],
  },
  {
    operation: 'Gather',
    title: 'a symbolic table and one row number',
    inputs: [floats([rows, 3]), given('int64', [], [2])],
    build: (table, index) => [gather(table!, index!)],
    reference: (table, index) => [gathered(table!, index!)],
  },
  {
    operation: 'ScatterRows',
    title: 'two rows that meet',
    inputs: [given('int64', [text], [3, 0, 3]), floats([text, 2])],
    build: (indices, x) => [scatterRows(indices!, x!, [rows, 2])],
    reference: (indices, x) => [scattered(indices!, x!, [4, 2])],
  },
  {
    operation: 'GatherElements',
    title: 'one column per row',
    inputs: [floats([rows, 3]), given('int64', [rows, 1], [2, 0, 0, 1])],
    build: (x, columns) => [pick(x!, columns!)],
    reference: (x, columns) => [picked(x!, columns!)],
  },
  {
    operation: 'ScatterElements',
    title: 'one column per row',
    inputs: [floats([rows, 3]), given('int64', [rows, 1], [2, 0, 0, 1]), floats([rows, 1])],
    build: (x, columns, values) => [addAt(x!, columns!, values!)],
    reference: (x, columns, values) => [addedAt(x!, columns!, values!)],
  },
];
