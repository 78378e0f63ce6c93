/** Cases of engine/graph/ops/batch-norm.ts. */
import { batchNorm } from '../../../engine/graph/ops/batch-norm.ts';
import { type Dense, map, reshaped } from '../dense.ts';
import { batch, type Case, floats, positive } from './case.ts';

const EPSILON = 1e-1; // large enough that a wrong place for it shows

/** `vectors`: scale, shift, mean, variance. */
export function batchNormOf(x: Dense, vectors: readonly Dense[], epsilon = EPSILON): Dense {
  return map(
    (value, scale, shift, mean, variance) => (scale! * (value! - mean!)) / Math.sqrt(variance! + epsilon) + shift!,
    x,
    ...vectors.map((vector) => reshaped(vector, [vector.shape[0]!, 1, 1])),
  );
}

export const batchNormCases: readonly Case[] = [
  {
    operation: 'BatchNormalization',
    title: 'by given statistics, also differentiated',
    inputs: [floats([batch, 3, 2, 4]), floats([3]), floats([3]), floats([3]), positive([3])],
    build: (x, scale, shift, mean, variance) => [
      batchNorm(x!, { scale: scale!, shift: shift!, mean: mean!, variance: variance! }, EPSILON),
    ],
    reference: (x, ...vectors) => [batchNormOf(x!, vectors)],
  },
];
