/** Average pooling of pictures [batch, channels, height, width]. */
import type { Dim } from '../dim.ts';
import { constant } from '../sources.ts';
import { applyOne, type Operation, shapeError, type Tensor } from '../tensor.ts';
import { multiply } from './elementwise.ts';
import { expand, fixedExtent, pad, reshape } from './structure.ts';

const averagePoolOperation: Operation<{ size: number }> = {
  name: 'AveragePool',
  computes: 'means of blocks of k x k cells; rows and columns left over at the end count for nothing',
  shape: (inputs, { size }) => {
    const [x] = inputs as [Tensor];
    if (x.shape.length !== 4) throw shapeError('AveragePool', 'x [batch, channels, height, width]', inputs);
    const blocks = [2, 3].map((axis) => Math.floor(fixedExtent(x, axis, 'The side of a pooled picture') / size));
    if (blocks.includes(0)) throw shapeError('AveragePool', `pictures of at least ${size} x ${size}`, inputs);
    return [{ type: x.type, shape: [x.shape[0]!, x.shape[1]!, ...blocks] }];
  },
  formula: 'dx = g / k^2 in every cell of the block, zeros in cells left over',
  gradient: ({ inputs: [x], attributes: { size }, gradient }) => {
    const [batch, channels, rows, columns] = gradient.shape as [Dim, Dim, number, number];
    const share = multiply(gradient, constant(1 / size ** 2));
    const cells = expand(reshape(share, [batch, channels, rows, 1, columns, 1]), [
      batch,
      channels,
      rows,
      size,
      columns,
      size,
    ]);
    const [height, width] = [rows * size, columns * size];
    const [wholeHeight, wholeWidth] = x!.shape.slice(2) as [number, number];
    const covered = reshape(cells, [batch, channels, height, width]);
    return [pad(pad(covered, 2, 0, wholeHeight - height), 3, 0, wholeWidth - width)];
  },
  emit: ({ inputs: [x], outputs: [y], attributes: { size } }, emitter) => {
    const sides = { kind: 'ints', value: [size, size] } as const;
    emitter.node('AveragePool', [emitter.name(x!)], [emitter.name(y!)], { kernel_shape: sides, strides: sides });
  },
};

/**
 * Means of blocks of size x size cells, as torch's AvgPool2d(size): x [batch, channels, height, width] to
 * [batch, channels, floor(height / size), floor(width / size)]. Height and width must be fixed numbers.
 */
export function averagePool(x: Tensor, size: number): Tensor {
  return size === 1 ? x : applyOne(averagePoolOperation, [x], { size });
}

export const poolingOperations = [averagePoolOperation] as const;
