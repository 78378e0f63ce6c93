/** A wrong graph fails where it is written: the error names the operation, what it wanted and what it was given. */
import { describe, expect, test } from 'vitest';
import { DeptError } from '../../engine/common/errors.ts';
import { named } from '../../engine/graph/dim.ts';
import { gradient } from '../../engine/graph/gradient.ts';
import { softmax, tanhGelu } from '../../engine/graph/ops/activations.ts';
import { attention } from '../../engine/graph/ops/attention.ts';
import { batchNorm } from '../../engine/graph/ops/batch-norm.ts';
import { conv2d, convTranspose2d } from '../../engine/graph/ops/convolution.ts';
import { Dropout } from '../../engine/graph/ops/dropout.ts';
import { add, greater, reduceMean, sumAll, where } from '../../engine/graph/ops/elementwise.ts';
import { addAt, gather, pick, scatterRows } from '../../engine/graph/ops/gather.ts';
import { crossEntropy } from '../../engine/graph/ops/loss.ts';
import { matmul } from '../../engine/graph/ops/matmul.ts';
import { layerNorm, rmsNorm } from '../../engine/graph/ops/normalisation.ts';
import { averagePool } from '../../engine/graph/ops/pooling.ts';
import { concat, expand, pad, reduceSum, reshape, slice, split, transpose } from '../../engine/graph/ops/structure.ts';
import { type FedType, input } from '../../engine/graph/sources.ts';
import type { Tensor } from '../../engine/graph/tensor.ts';

const [batch, text] = [named('batch'), named('text')];
const float = (...shape: Parameters<typeof input>[2]): Tensor => input('x', 'float32', shape);
const typed = (type: FedType, ...shape: Parameters<typeof input>[2]): Tensor => input('x', type, shape);

type Row = readonly [title: string, build: () => unknown, operation: string, expected: string, got: string];
const table: readonly Row[] = [
  [
    'shapes that do not broadcast',
    () => add(float(batch, 2), float(3)),
    'Add',
    'shapes that broadcast',
    'float32[batch, 2], float32[3]',
  ],
  ['two names', () => add(float(batch), float(text)), 'Add', 'shapes that broadcast', 'float32[batch], float32[text]'],
  ['two types', () => add(float(2), typed('int64', 2)), 'Add', 'one type', 'float32[2], int64[2]'],
  ['two types compared', () => greater(float(2), typed('int32', 2)), 'Greater', 'one type', 'float32[2], int32[2]'],
  [
    'a condition of numbers',
    () => where(float(2), float(2), float(2)),
    'Where',
    'a bool condition',
    'float32[2], float32[2], float32[2]',
  ],
  ['another count', () => reshape(float(batch, 4), [batch, 3]), 'Reshape', '[batch, 3]', 'float32[batch, 4]'],
  [
    'an axis named twice',
    () => transpose(float(2, 3), [0, 0]),
    'Transpose',
    'a permutation of 2 axes, not [0,0]',
    'float32[2, 3]',
  ],
  [
    'parts of different width',
    () => concat([float(batch, 2), float(text, 3)], 1),
    'Concat',
    'but for axis 1',
    'float32[batch, 2], float32[text, 3]',
  ],
  ['an end before the start', () => slice(float(batch, 5), 1, 3, 2), 'Slice', 'not 3 and 2', 'float32[batch, 5]'],
  ['a start before the first', () => slice(float(batch, 5), 1, -1, 2), 'Slice', 'not -1 and 2', 'float32[batch, 5]'],
  [
    'an end beyond the last',
    () => slice(float(batch, 5), 1, 3, 6),
    'Slice',
    'at most 5 on axis 1, not 6',
    'float32[batch, 5]',
  ],
  ['negative zeros', () => pad(float(batch, 5), 1, -1, text), 'Pad', '-1 and text', 'float32[batch, 5]'],
  ['a smaller shape', () => expand(float(batch, 5), [batch, 1]), 'Expand', '[batch, 1]', 'float32[batch, 5]'],
  ['no such axis', () => reduceSum(float(batch, 5), [2]), 'axis', 'below 2, not 2', 'float32[batch, 5]'],
  [
    'a part too many',
    () => split(float(batch, 5), 1, 2),
    'Split',
    'an extent on axis 1 that 2 divides',
    'float32[batch, 5]',
  ],
  ['a symbolic axis', () => split(float(batch, 5), 0, 2), 'Split', 'axis 0', 'float32[batch, 5]'],
  ['a vector', () => matmul(float(5), float(5, 2)), 'MatMul', 'two matrices', 'float32[5], float32[5, 2]'],
  [
    'inner extents',
    () => matmul(float(batch, 4), float(5, 2)),
    'MatMul',
    'equal inner extents',
    'float32[batch, 4], float32[5, 2]',
  ],
  [
    'inner extents, swapped',
    () => matmul(float(batch, 4), float(4, 2), { transB: true }),
    'MatMul',
    'b swapped',
    'float32[batch, 4], float32[4, 2]',
  ],
  [
    'nothing to sum over',
    () => matmul(float(batch, 0), float(0, 2)),
    'MatMul',
    'equal inner extents above 0',
    'float32[batch, 0], float32[0, 2]',
  ],
  [
    'row numbers of another type',
    () => gather(float(5, 2), float(batch)),
    'Gather',
    'int64 row numbers',
    'float32[5, 2], float32[batch]',
  ],
  [
    'rows too wide',
    () => scatterRows(typed('int64', batch), float(batch, 3), [5, 2]),
    'ScatterRows',
    'as wide as [5, 2]',
    'int64[batch, 1], float32[batch, 3]',
  ],
  [
    'columns of other rows',
    () => pick(float(batch, 2), typed('int64', text, 1)),
    'GatherElements',
    'x [n, k] and int64 columns [n, 1]',
    'float32[batch, 2], int64[text, 1]',
  ],
  [
    'a value too many',
    () => addAt(float(batch, 2), typed('int64', batch, 1), float(batch, 2)),
    'ScatterElements',
    'values [n, 1]',
    'float32[batch, 2], int64[batch, 1], float32[batch, 2]',
  ],
  [
    'a scale of another width',
    () => rmsNorm(float(batch, 4), float(5), 1e-6),
    'RmsNorm',
    'as long as the last axis',
    'float32[batch, 4], float32[5]',
  ],
  [
    'a shift of another width',
    () => layerNorm(float(batch, 4), float(4), float(5), 1e-6),
    'LayerNorm',
    'as long as the last axis',
    'float32[batch, 4], float32[4], float32[5]',
  ],
  ['a scale for a scalar', () => rmsNorm(float(), float(1), 1e-6), 'RmsNorm', 'the last axis', 'float32[], float32[1]'],
  ['the softmax of a scalar', () => softmax(float()), 'Softmax', 'at least one axis', 'float32[]'],
  ['the tanh gelu of a scalar', () => tanhGelu(float()), 'FastGelu', 'at least one axis', 'float32[]'],
  [
    'pictures of other channels than the kernel',
    () => conv2d(float(batch, 4, 5, 5), float(2, 3, 1, 1)),
    'Conv',
    'a kernel [out, in, ...] that has room',
    'float32[batch, 4, 5, 5], float32[2, 3, 1, 1]',
  ],
  [
    'a kernel larger than the padded picture',
    () => conv2d(float(batch, 3, 2, 5), float(2, 3, 5, 5), { padding: 1 }),
    'Conv',
    'a kernel [out, in, ...] that has room',
    'float32[batch, 3, 2, 5], float32[2, 3, 5, 5]',
  ],
  [
    'a bias for other channels',
    () => conv2d(float(batch, 3, 5, 5), float(2, 3, 3, 3), { bias: float(3) }),
    'Conv',
    'a bias [out]',
    'float32[batch, 3, 5, 5], float32[2, 3, 3, 3], float32[3]',
  ],
  [
    'what no convolution of such pictures gives',
    () => convTranspose2d(float(batch, 2, 3, 3), float(2, 3, 3, 3), { sides: [4, 4] }),
    'ConvTranspose',
    'what a convolution of [batch, in, 4, 4] gives',
    'float32[batch, 2, 3, 3], float32[2, 3, 3, 3]',
  ],
  [
    'a block larger than the picture',
    () => averagePool(float(batch, 3, 4, 1), 2),
    'AveragePool',
    'pictures of at least 2 x 2',
    'float32[batch, 3, 4, 1]',
  ],
  [
    'a picture without channels',
    () => averagePool(float(batch, 4, 4), 2),
    'AveragePool',
    'x [batch, channels, height, width]',
    'float32[batch, 4, 4]',
  ],
  [
    'statistics of other channels',
    () =>
      batchNorm(float(batch, 3, 2, 2), { scale: float(3), shift: float(3), mean: float(2), variance: float(3) }, 1e-5),
    'BatchNormalization',
    'four vectors [channels]',
    'float32[batch, 3, 2, 2], float32[3], float32[3], float32[2], float32[3]',
  ],
  [
    'keys without values',
    () => attention(float(batch, 2, 3, 4), float(batch, 2, text, 4), float(batch, 2, 3, 4), { scale: 1 }),
    'Attention',
    'k and v [batch, heads, keys, d]',
    'float32[batch, 2, 3, 4], float32[batch, 2, text, 4], float32[batch, 2, 3, 4]',
  ],
  [
    'no heads',
    () => attention(float(batch, 3, 4), float(batch, 3, 4), float(batch, 3, 4), { scale: 1 }),
    'Attention',
    'q [batch, heads, queries, d]',
    'float32[batch, 3, 4], float32[batch, 3, 4], float32[batch, 3, 4]',
  ],
  [
    'labels of other rows',
    () => crossEntropy(float(batch, 9), typed('int64', text), float(batch)),
    'CrossEntropy',
    'labels [rows]',
    'float32[batch, 9], int64[text], float32[batch]',
  ],
];

describe('shape errors', () => {
  test.each(table)('%s', (_title, build, operation, expected, got) => {
    expect.hasAssertions();
    try {
      build();
    } catch (error) {
      expect(error).toBeInstanceOf(DeptError);
      const { code, message, details } = error as DeptError;
      expect(code).toBe('shape-mismatch');
      expect(message).toBe(`${operation} cannot take these inputs`);
      expect(details.expected).toContain(expected);
      expect(details.got).toBe(got);
    }
  });

  test('a layer norm without a fixed width', () => {
    expect(() => layerNorm(float(2, text), float(text), float(text), 1e-6)).toThrow('must be a fixed number');
  });

  test('a mean over a symbolic axis, only when it is differentiated', () => {
    const x = float(2, text);
    const loss = sumAll(reduceMean(x, [1]));
    const details = expect.objectContaining({ expected: 'fixed extents, not text', got: 'float32[2, text]' });
    expect(() => gradient(loss, [x])).toThrow(expect.objectContaining({ code: 'shape-mismatch', details }));
  });

  test.each([-0.1, 1, Number.NaN])('a dropout rate of %d', (rate) => {
    expect(() => new Dropout(rate)).toThrow('A dropout rate must be a probability below 1');
  });
});
