/**
 * A linear map by a frozen matrix of whole numbers. What it is applied to is made whole numbers at each run, 8 bits from the
 * least to the largest value of the tensor; products and sums are exact. The matrix has 7 bits, since ONNX Runtime's kernels
 * without VNNI add pairs of products of 8 and 8 bits in 16, which overflow.
 */
import { composite, compositeOperation } from '../composite.ts';
import { sameShape } from '../dim.ts';
import { applyOne, type Operation, shapeError, type Tensor } from '../tensor.ts';

/** Largest absolute value of a quantised weight: 2 * 255 * 64 < 2^15. */
export const LARGEST_WEIGHT = 64;

/** values[i, j] * scales[j], of int8 [inner, columns] and float32 [columns]. */
export interface QuantisedMatrix {
  readonly values: Tensor;
  readonly scales: Tensor;
}

const productOperation: Operation<Record<string, never>> = {
  name: 'DynamicQuantizeMatMul',
  computes: 'the kernel of QuantisedLinear: x, rounded to 256 even steps, times a quantised matrix',
  shape: (inputs) => {
    const [x, values, scales] = inputs as [Tensor, Tensor, Tensor];
    const fits =
      x.shape.length >= 2 &&
      x.type === 'float32' &&
      values.type === 'int8' &&
      values.shape.length === 2 &&
      sameShape([x.shape.at(-1)!], [values.shape[0]!]) &&
      sameShape(scales.shape, [values.shape[1]!]);
    if (!fits) {
      const expected = 'float32 x [..., inner], int8 values [inner, columns], float32 scales [columns]';
      throw shapeError('QuantisedLinear', expected, inputs);
    }
    return [{ type: 'float32', shape: [...x.shape.slice(0, -1), values.shape[1]!] }];
  },
  gradient: 'none', // the composite below has the rule
  emit: ({ inputs, outputs: [y] }, emitter) =>
    emitter.node(
      'DynamicQuantizeMatMul',
      inputs.map((tensor) => emitter.name(tensor)),
      [emitter.name(y!)],
      {},
      'com.microsoft',
    ),
};

const product = (x: Tensor, { values, scales }: QuantisedMatrix): Tensor =>
  applyOne(productOperation, [x, values, scales], {});

const linearOperation = compositeOperation(
  'QuantisedLinear',
  'y = x W, W and x quantised',
  'dx = g W^T, W^T (by columns of its own) and g quantised',
);

/** x W for W [inner, columns]; `transposed` is W^T, quantised by its own columns, for the gradient. */
export function quantisedLinear(x: Tensor, matrix: QuantisedMatrix, transposed: QuantisedMatrix): Tensor {
  return composite(linearOperation, [x], product(x, matrix), (g) => [product(g, transposed)]);
}

export const quantisedOperations = [productOperation, linearOperation] as const;
