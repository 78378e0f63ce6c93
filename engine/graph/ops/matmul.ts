/** Matrix products, with the transposes inside the product so that no gradient needs a Transpose node. */
import { type Dim, multiplyDims, type Shape, sameDim } from '../dim.ts';
import { applyOne, type Operation, shapeError, type Tensor } from '../tensor.ts';
import { broadcastShape, reshape, sumTo } from './structure.ts';

interface MatmulAttributes {
  /** Swap the last two axes of a before the product. */
  readonly transA: boolean;
  /** Swap the last two axes of b before the product. */
  readonly transB: boolean;
  /** Factor on the product. */
  readonly alpha: number;
}

/** The last two extents after the optional swap: rows and columns. */
function matrixOf(x: Tensor, swapped: boolean): readonly [Dim, Dim] {
  const [rows, columns] = x.shape.slice(-2) as [Dim, Dim];
  return swapped ? [columns, rows] : [rows, columns];
}

function batchOf(x: Tensor): Shape {
  return x.shape.slice(0, -2);
}

const matmulOperation: Operation<MatmulAttributes> = {
  name: 'MatMul',
  computes: 's op(a) op(b) over leading axes with broadcasting; op swaps the last two axes or does not',
  shape: (inputs, { transA, transB }) => {
    const [a, b] = inputs as [Tensor, Tensor];
    if (a.shape.length < 2 || b.shape.length < 2) throw shapeError('MatMul', 'two matrices (rank 2 or more)', inputs);
    const [rows, inner] = matrixOf(a, transA);
    const [innerB, columns] = matrixOf(b, transB);
    const batch = broadcastShape(batchOf(a), batchOf(b));
    if (!sameDim(inner, innerB) || inner === 0 || batch === undefined || a.type !== b.type) {
      throw shapeError(
        'MatMul',
        `equal inner extents above 0${transA ? ', a swapped' : ''}${transB ? ', b swapped' : ''}`,
        inputs,
      );
    }
    return [{ type: a.type, shape: [...batch, rows, columns] }];
  },
  formula: 'd op(a) = s g op(b)^T, d op(b) = s op(a)^T g',
  gradient: ({ inputs, attributes: { transA, transB, alpha }, gradient, wanted }) => {
    const [a, b] = inputs as [Tensor, Tensor];
    const toA = (): Tensor =>
      transA
        ? matmul(b, gradient, { transA: transB, transB: true, alpha })
        : matmul(gradient, b, { transB: !transB, alpha });
    const toB = (left: Tensor, g: Tensor): Tensor =>
      transB ? matmul(g, left, { transA: true, transB: transA, alpha }) : matmul(left, g, { transA: !transA, alpha });
    // A shared matrix b under a batch of a's: one product over all rows instead of a batch of products and a sum.
    const shared = b.shape.length === 2 && a.shape.length > 2 && !transA;
    return [
      wanted[0] ? sumTo(toA(), a.shape) : undefined,
      wanted[1] ? (shared ? toB(asRows(a), asRows(gradient)) : sumTo(toB(a, gradient), b.shape)) : undefined,
    ];
  },
  emit: ({ inputs: [a, b], outputs: [y], attributes: { transA, transB, alpha } }, emitter) => {
    const names = [emitter.name(a!), emitter.name(b!)];
    if (!transA && !transB && alpha === 1) {
      emitter.node('MatMul', names, [emitter.name(y!)]);
      return;
    }
    emitter.node(
      'FusedMatMul',
      names,
      [emitter.name(y!)],
      {
        transA: { kind: 'int', value: transA ? 1 : 0 },
        transB: { kind: 'int', value: transB ? 1 : 0 },
        alpha: { kind: 'float', value: alpha },
      },
      'com.microsoft',
    );
  },
};

/** [..., columns] as [rows, columns]. */
export function asRows(x: Tensor): Tensor {
  return reshape(x, [multiplyDims(...x.shape.slice(0, -1)), x.shape.at(-1)!]);
}

/**
 * alpha op(a) op(b), batched over leading axes with broadcasting. The inner extent must not be 0 in any run: FusedMatMul of
 * ONNX Runtime 1.30 then gives whatever stood in memory.
 */
export function matmul(a: Tensor, b: Tensor, options: Partial<MatmulAttributes> = {}): Tensor {
  return applyOne(matmulOperation, [a, b], { transA: false, transB: false, alpha: 1, ...options });
}

export const matmulOperations = [matmulOperation] as const;
