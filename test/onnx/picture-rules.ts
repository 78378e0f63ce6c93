/** The operators on pictures. */
import { batchNorm } from '../../engine/graph/ops/batch-norm.ts';
import { conv2d, convTranspose2d } from '../../engine/graph/ops/convolution.ts';
import { averagePool } from '../../engine/graph/ops/pooling.ts';
import type { Attributes, Rule } from './node-rule.ts';

const allEqual = (values: readonly number[]): boolean => values.every((value) => value === values[0]);

/** Stride, dilation and padding, where they are the same on every side. */
function steps(attributes: Attributes): { stride: number; dilation: number; padding: number } | undefined {
  const [strides, dilations] = [attributes.numbers('strides') ?? [1], attributes.numbers('dilations') ?? [1]];
  const pads = attributes.numbers('pads') ?? [0];
  const isPlain = attributes.text('auto_pad', 'NOTSET') === 'NOTSET' && attributes.number('group', 1) === 1;
  if (!isPlain || ![strides, dilations, pads].every(allEqual)) return undefined;
  return { stride: strides[0]!, dilation: dilations[0]!, padding: pads[0]! };
}

export const conv: Rule = ([x, kernel, bias], attributes) => {
  const known = steps(attributes);
  if (known === undefined || known.dilation !== 1 || x!.shape.length !== 4) return undefined;
  return [conv2d(x!.tensor, kernel!.tensor, { ...known, ...(bias === undefined ? {} : { bias: bias.tensor }) })];
};

export const convTranspose: Rule = ([x, kernel], attributes) => {
  const known = steps(attributes);
  const isPlain =
    attributes.numbers('output_shape') === undefined && attributes.numbers('output_padding') === undefined;
  if (known === undefined || !isPlain || x!.shape.length !== 4) return undefined;
  const { stride, dilation, padding } = known;
  const [height, width] = [2, 3].map(
    (axis) => (x!.shape[axis]! - 1) * stride + dilation * (kernel!.shape[axis]! - 1) + 1 - 2 * padding,
  );
  return [convTranspose2d(x!.tensor, kernel!.tensor, { ...known, sides: [height!, width!] })];
};

export const pool: Rule = ([x], attributes) => {
  const known = steps(attributes);
  const kernel = attributes.numbers('kernel_shape')!;
  const isBlocks = known?.padding === 0 && attributes.number('ceil_mode', 0) === 0 && x!.shape.length === 4;
  return isBlocks && allEqual([...kernel, known.stride]) ? [averagePool(x!.tensor, kernel[0]!)] : undefined;
};

export const normalise: Rule = ([x, scale, shift, mean, variance], attributes) => {
  if (attributes.number('training_mode', 0) !== 0) return undefined;
  const vectors = { scale: scale!.tensor, shift: shift!.tensor, mean: mean!.tensor, variance: variance!.tensor };
  return [batchNorm(x!.tensor, vectors, attributes.number('epsilon', 1e-5))];
};
