/**
 * A linear map by a frozen matrix of whole numbers. What it is applied to is made whole numbers at each run, 8 bits from the
 * least to the largest value of the tensor; products and sums are exact. The matrix has 7 bits, since ONNX Runtime's kernels
 * without VNNI add pairs of products of 8 and 8 bits in 16, which overflow. Gradients have rows of very different size, of
 * which the small ones would all be rounded to zero: each is first divided by its largest value.
 */
import { composite, compositeOperation } from '../composite.ts';
import { sameShape } from '../dim.ts';
import { constant } from '../sources.ts';
import { applyOne, type Operation, shapeError, type Tensor } from '../tensor.ts';
import { divide, multiply } from './elementwise.ts';

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

/** In place of a row of zeros: small enough for any gradient, and 1 / it is finite. */
const LEAST = 1e-30;

const largestOperation: Operation<Record<string, never>> = {
  name: 'RowLargest',
  computes: 'the largest absolute value of each row, or a least one: for QuantisedLinear',
  shape: ([x]) => [{ type: x!.type, shape: [...x!.shape.slice(0, -1), 1] }],
  gradient: 'none',
  emit: ({ inputs: [x, least], outputs: [y] }, emitter) => {
    const [absolute, largest] = ['absolute', 'largest'].map((hint) => emitter.fresh(hint));
    emitter.node('Abs', [emitter.name(x!)], [absolute!]);
    emitter.node('ReduceMax', [absolute!, emitter.integers([-1])], [largest!], { keepdims: { kind: 'int', value: 1 } });
    emitter.node('Max', [largest!, emitter.name(least!)], [emitter.name(y!)]);
  },
};

/** The largest absolute value of each row, [..., 1]; of a row of zeros a number next to nothing. */
export const rowLargest = (x: Tensor): Tensor => applyOne(largestOperation, [x, constant(LEAST)], {});

/** `product` with each row of x on a scale of its own. */
function rowProduct(x: Tensor, matrix: QuantisedMatrix): Tensor {
  const largest = rowLargest(x);
  return multiply(product(divide(x, largest), matrix), largest);
}

const linearOperation = compositeOperation(
  'QuantisedLinear',
  'y = x W, W and x quantised',
  'dx = g W^T, W^T (by columns of its own) and g (by rows) quantised',
);

/** x W for W [inner, columns]; `transposed` is W^T, quantised by its own columns, for the gradient. */
export function quantisedLinear(x: Tensor, matrix: QuantisedMatrix, transposed: QuantisedMatrix): Tensor {
  return composite(linearOperation, [x], product(x, matrix), (g) => [rowProduct(g, transposed)]);
}

export const quantisedOperations = [productOperation, largestOperation, linearOperation] as const;
