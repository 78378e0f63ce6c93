/** The visual projection: CLIP's tokens become vectors of T5's width. Always trained (spec 2.2). */
import { add } from '../graph/ops/elementwise.ts';
import { matmul } from '../graph/ops/matmul.ts';
import { rmsNorm } from '../graph/ops/normalisation.ts';
import { filled, type ParameterSpec, type Parameters } from '../graph/parameter.ts';
import type { Tensor } from '../graph/tensor.ts';

export interface VisualProjection {
  readonly parameters: readonly ParameterSpec[];
  /** Visual tokens [batch, tokens, clipWidth] -> [batch, tokens, width]. */
  project(tokens: Tensor, parameters: Parameters): Tensor;
}

/**
 * RMSNorm(W v + b). W and b start as U(-1/sqrt(clipWidth), 1/sqrt(clipWidth)) (torch's Linear), the norm's weight as 1.
 * clipWidth * width + 2 * width values.
 */
export function linearProjection(clipWidth: number, width: number, epsilon: number): VisualProjection {
  const bound = clipWidth ** -0.5;
  const weight = 'visual_projection.linear.weight';
  const bias = 'visual_projection.linear.bias';
  const norm = 'visual_projection.norm.weight';
  return {
    parameters: [
      {
        name: weight,
        shape: [width, clipWidth],
        group: 'projection',
        initial: (random) => filled(width * clipWidth, () => random.between(-bound, bound)),
      },
      {
        name: bias,
        shape: [width],
        group: 'projection',
        initial: (random) => filled(width, () => random.between(-bound, bound)),
      },
      { name: norm, shape: [width], group: 'projection', initial: () => new Float32Array(width).fill(1) },
    ],
    project: (tokens, parameters) => {
      const affine = add(matmul(tokens, parameters.get(weight), { transB: true }), parameters.get(bias));
      return rmsNorm(affine, parameters.get(norm), epsilon);
    },
  };
}
