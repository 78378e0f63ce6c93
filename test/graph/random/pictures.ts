/** Random uses of convolution, pooling and batch norm: pictures [batch, channels, height, width]. */
import { type Dim, named, type Shape } from '../../../engine/graph/dim.ts';
import { batchNorm } from '../../../engine/graph/ops/batch-norm.ts';
import { conv2d, convTranspose2d } from '../../../engine/graph/ops/convolution.ts';
import { averagePool } from '../../../engine/graph/ops/pooling.ts';
import { batchNormOf } from '../cases/batch-norm.ts';
import { convOf, convolved, convTransposeOf, type Steps } from '../cases/convolution.ts';
import { averagesOf } from '../cases/pooling.ts';
import { type DrawnOperation, rankOf, simple } from './operation.ts';
import type { Entry, Pool } from './pool.ts';

/** The batch of a new picture, never empty: ONNX Runtime does not come back from the convolution that gives dK then. */
const batchOf = ({ random }: Pool): Dim => random.pick([2, named('batch')]);

/** One that is not empty, of fixed height and width. */
function picture(pool: Pool): Entry {
  const isPicture = (entry: Entry) =>
    rankOf(entry) === 4 &&
    entry.value.data.length > 0 &&
    entry.tensor.shape.slice(1).every((dim) => typeof dim === 'number');
  const { random } = pool;
  return (
    pool.any(isPicture) ?? pool.floats([batchOf(pool), random.pick([1, 2]), random.pick([3, 4]), random.pick([2, 5])])
  );
}

/** A kernel for pictures of this height and width, and how it moves. */
function kernelFor({ random }: Pool, sides: readonly number[]): { readonly sides: number[]; readonly steps: Steps } {
  const steps = { stride: random.pick([1, 1, 2, 3]), padding: random.pick([0, 1]) };
  return { sides: sides.map((side) => 1 + random.below(Math.min(3, side))), steps };
}

const convUse: DrawnOperation<{ stride: number; padding: number }> = {
  draw: (pool) => {
    const x = picture(pool);
    const [, channels, ...whole] = x.value.shape as [number, number, number, number];
    const { sides, steps } = kernelFor(pool, whole);
    const out = pool.random.pick([1, 2]);
    const bias = pool.random.chance(0.5) ? [pool.floats([out])] : [];
    return { inputs: [x, pool.floats([out, channels, ...sides], -1, 1), ...bias], attributes: { ...steps } };
  },
  build: ([x, kernel, bias], { stride, padding }) => [
    conv2d(x!, kernel!, bias === undefined ? { stride, padding } : { stride, padding, bias }),
  ],
  reference: ([x, kernel, bias], steps) => [convOf(x!, kernel!, steps, bias)],
};

/** Back from what a convolution of a larger picture would give. */
const convTransposeUse: DrawnOperation<{ stride: number; padding: number; sides: readonly number[] }> = {
  draw: (pool) => {
    const { random } = pool;
    const whole = [2 + random.below(3), 2 + random.below(3)];
    const { sides, steps } = kernelFor(pool, whole);
    const grid = whole.map((side, i) => convolved(side, sides[i]!, steps));
    const x = pool.floats([batchOf(pool), random.pick([1, 2]), ...grid]);
    const kernel = pool.floats([x.tensor.shape[1]!, random.pick([1, 2]), ...sides], -1, 1);
    return { inputs: [x, kernel], attributes: { ...steps, sides: whole } };
  },
  build: ([x, kernel], { sides, ...steps }) => [
    convTranspose2d(x!, kernel!, { ...steps, sides: sides as readonly [number, number] }),
  ],
  reference: ([x, kernel], { sides, ...steps }) => [convTransposeOf(x!, kernel!, steps, sides)],
};

const averagePoolUse: DrawnOperation<{ size: number }> = {
  draw: (pool) => {
    const x = picture(pool);
    const smallest = Math.min(...x.value.shape.slice(2));
    return { inputs: [x], attributes: { size: 1 + pool.random.below(smallest) } };
  },
  build: ([x], { size }) => [averagePool(x!, size)],
  reference: ([x], { size }) => [averagesOf(x!, size)],
};

const EPSILON = 0.125;

const batchNormUse = simple(
  (pool) => {
    const x = picture(pool);
    const channels: Shape = [x.tensor.shape[1]!];
    const [scale, shift, mean] = [pool.floats(channels), pool.floats(channels), pool.floats(channels)];
    return [x, scale, shift, mean, pool.floats(channels, 0.5, 2)];
  },
  (x, scale, shift, mean, variance) =>
    batchNorm(x!, { scale: scale!, shift: shift!, mean: mean!, variance: variance! }, EPSILON),
  (x, ...vectors) => batchNormOf(x!, vectors, EPSILON),
);

export const pictureUses = {
  Conv: convUse,
  ConvTranspose: convTransposeUse,
  AveragePool: averagePoolUse,
  BatchNormalization: batchNormUse,
};
