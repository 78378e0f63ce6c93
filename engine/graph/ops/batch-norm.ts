/** Batch norm as a published model computes it: by the mean and variance that its training has left behind. */
import { sameShape } from '../dim.ts';
import { constant } from '../sources.ts';
import { applyOne, type Operation, shapeError, type Tensor } from '../tensor.ts';
import { add, divide, multiply, sqrt, subtract } from './elementwise.ts';
import { reduceSum, reshape } from './structure.ts';

const batchNormOperation: Operation<{ epsilon: number }> = {
  name: 'BatchNormalization',
  computes: 'y = w u + b with u = (x - m) / sigma, sigma = sqrt(v + epsilon); w, b, m and v by channel, m and v given',
  shape: (inputs) => {
    const [x, ...vectors] = inputs as [Tensor, ...Tensor[]];
    const channels = x.shape.slice(1, 2);
    if (x.shape.length !== 4 || vectors.some(({ shape }) => !sameShape(shape, channels))) {
      throw shapeError('BatchNormalization', 'x [batch, channels, height, width] and four vectors [channels]', inputs);
    }
    return [{ type: x.type, shape: x.shape }];
  },
  formula: 'dx = g w / sigma, dw = sum(g u), db = sum(g), dm = -w db / sigma, dv = -w dw / (2 sigma^2)',
  gradient: ({ inputs, attributes: { epsilon }, gradient: g, wanted }) => {
    const [x, scale, , mean, variance] = inputs as [Tensor, Tensor, Tensor, Tensor, Tensor];
    const perChannel = (vector: Tensor): Tensor => reshape(vector, [vector.shape[0]!, 1, 1]);
    const sum = (values: Tensor): Tensor => reduceSum(values, [0, 2, 3]);
    const sigma = sqrt(add(variance, constant(epsilon)));
    const slope = divide(scale, sigma);
    const toScale = (): Tensor => divide(sum(multiply(g, subtract(x, perChannel(mean)))), sigma);
    return [
      wanted[0] ? multiply(g, perChannel(slope)) : undefined,
      wanted[1] ? toScale() : undefined,
      wanted[2] ? sum(g) : undefined,
      wanted[3] ? multiply(constant(-1), multiply(slope, sum(g))) : undefined,
      wanted[4] ? multiply(constant(-0.5), multiply(divide(slope, sigma), toScale())) : undefined,
    ];
  },
  emit: ({ inputs, outputs: [y], attributes: { epsilon } }, emitter) =>
    emitter.node(
      'BatchNormalization',
      inputs.map((x) => emitter.name(x)),
      [emitter.name(y!)],
      { epsilon: { kind: 'float', value: epsilon } },
    ),
};

/** The vectors of a batch norm, each [channels]. */
export interface BatchStatistics {
  readonly scale: Tensor;
  readonly shift: Tensor;
  readonly mean: Tensor;
  readonly variance: Tensor;
}

/**
 * scale (x - mean) / sqrt(variance + epsilon) + shift for each channel of x [batch, channels, height, width], as torch's
 * BatchNorm2d in evaluation mode: the batch's own statistics play no part.
 */
export function batchNorm(x: Tensor, { scale, shift, mean, variance }: BatchStatistics, epsilon: number): Tensor {
  return applyOne(batchNormOperation, [x, scale, shift, mean, variance], { epsilon });
}

export const batchNormOperations = [batchNormOperation] as const;
