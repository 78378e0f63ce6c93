/** Row look-up (word embeddings, counted positions) and its transpose, the scattered sum. */
import { type Shape, sameDim, sameShape, shapeText } from '../dim.ts';
import { applyOne, type Operation, shapeError, type Tensor } from '../tensor.ts';
import { unsqueeze } from './elementwise.ts';
import { asRows } from './matmul.ts';
import { reshape, zeros } from './structure.ts';

type None = Record<string, never>;

const gatherOperation: Operation<None> = {
  name: 'Gather',
  computes: 'rows of a table at given row numbers',
  shape: (inputs) => {
    const [table, indices] = inputs as [Tensor, Tensor];
    if (indices.type !== 'int64' || table.shape.length < 1) {
      throw shapeError('Gather', 'a table and int64 row numbers', inputs);
    }
    return [{ type: table.type, shape: [...indices.shape, ...table.shape.slice(1)] }];
  },
  formula: 'each row of dx is the sum of g over the places that looked it up',
  gradient: ({ inputs: [table, indices], gradient }) => {
    if (table!.shape.length !== 2) throw shapeError('Gather gradient', 'a table of rank 2', [table!]);
    return [scatterRows(reshape(indices!, [asRows(gradient).shape[0]!]), asRows(gradient), table!.shape)];
  },
  emit: ({ inputs: [table, indices], outputs: [y] }, emitter) =>
    emitter.node('Gather', [emitter.name(table!), emitter.name(indices!)], [emitter.name(y!)], {
      axis: { kind: 'int', value: 0 },
    }),
};

/** table[indices]: rows of a table [rows, ...] at int64 indices of any shape. */
export function gather(table: Tensor, indices: Tensor): Tensor {
  return applyOne(gatherOperation, [table, indices], {});
}

const scatterRowsOperation: Operation<{ shape: Shape }> = {
  name: 'ScatterRows',
  computes: 'zeros with row i of x added at row number i',
  shape: (inputs, { shape }) => {
    const [indices, rows] = inputs as [Tensor, Tensor];
    const [count, width] = rows.shape;
    const fits =
      rows.shape.length === 2 &&
      sameShape(indices.shape, [count!, 1]) &&
      shape.length === 2 &&
      sameDim(width!, shape[1]!);
    if (!fits || indices.type !== 'int64' || rows.type !== 'float32') {
      throw shapeError('ScatterRows', `n int64 row numbers and n rows as wide as ${shapeText(shape)}`, inputs);
    }
    return [{ type: 'float32', shape }];
  },
  formula: 'dx = the rows of g at the row numbers',
  gradient: ({ inputs: [indices, rows], gradient }) => [
    undefined,
    gather(gradient, reshape(indices!, [rows!.shape[0]!])),
  ],
  // ScatterElements sums duplicates in order, so the result is the same bits every time (ScatterND's order is free)
  emit: ({ inputs: [indices, rows], outputs: [y], attributes: { shape } }, emitter) => {
    const base = emitter.fresh('zeros');
    emitter.node('ConstantOfShape', [emitter.shape(shape)], [base]);
    const places = emitter.fresh('places');
    emitter.node('Expand', [emitter.name(indices!), emitter.shape(rows!.shape)], [places]);
    emitter.node('ScatterElements', [base, places, emitter.name(rows!)], [emitter.name(y!)], {
      axis: { kind: 'int', value: 0 },
      reduction: { kind: 'string', value: 'add' },
    });
  },
};

/** Zeros of `shape` [rows, columns] with row i of `rows` added at row `indices[i]`. */
export function scatterRows(indices: Tensor, rows: Tensor, shape: Shape): Tensor {
  return applyOne(scatterRowsOperation, [unsqueeze(indices, 1), rows], { shape });
}

const pickOperation: Operation<None> = {
  name: 'GatherElements',
  computes: 'x[i, column i] for each row i',
  shape: (inputs) => {
    const [x, indices] = inputs as [Tensor, Tensor];
    const fits = x.shape.length === 2 && sameShape(indices.shape, [x.shape[0]!, 1]);
    if (!fits || indices.type !== 'int64')
      throw shapeError('GatherElements', 'x [n, k] and int64 columns [n, 1]', inputs);
    return [{ type: x.type, shape: indices.shape }];
  },
  formula: 'dx = zeros with g at the columns',
  gradient: ({ inputs: [x, indices], gradient }) => [addAt(zeros(x!.shape), indices!, gradient)],
  emit: ({ inputs: [x, indices], outputs: [y] }, emitter) =>
    emitter.node('GatherElements', [emitter.name(x!), emitter.name(indices!)], [emitter.name(y!)], {
      axis: { kind: 'int', value: 1 },
    }),
};

/** x[i, columns[i]] for each row: [n, k] and [n, 1] -> [n, 1]. */
export function pick(x: Tensor, columns: Tensor): Tensor {
  return applyOne(pickOperation, [x, columns], {});
}

const addAtOperation: Operation<None> = {
  name: 'ScatterElements',
  computes: 'x with value i added at x[i, column i]',
  shape: (inputs) => {
    const [x, columns, values] = inputs as [Tensor, Tensor, Tensor];
    const fits = x.shape.length === 2 && sameShape(columns.shape, [x.shape[0]!, 1]);
    if (!fits || !sameShape(values.shape, columns.shape) || columns.type !== 'int64' || values.type !== x.type) {
      throw shapeError('ScatterElements', 'x [n, k], int64 columns [n, 1] and values [n, 1]', inputs);
    }
    return [{ type: x.type, shape: x.shape }];
  },
  formula: 'dx = g, dvalues = g at the columns',
  gradient: ({ inputs: [, columns], gradient, wanted }) => [
    wanted[0] ? gradient : undefined,
    undefined,
    wanted[2] ? pick(gradient, columns!) : undefined,
  ],
  emit: ({ inputs, outputs: [y] }, emitter) =>
    emitter.node(
      'ScatterElements',
      inputs.map((x) => emitter.name(x)),
      [emitter.name(y!)],
      { axis: { kind: 'int', value: 1 }, reduction: { kind: 'string', value: 'add' } },
    ),
};

/** x [n, k] with values [n, 1] added at columns [n, 1]. */
export function addAt(x: Tensor, columns: Tensor, values: Tensor): Tensor {
  return applyOne(addAtOperation, [x, columns, values], {});
}

export const gatherOperations = [gatherOperation, scatterRowsOperation, pickOperation, addAtOperation] as const;
