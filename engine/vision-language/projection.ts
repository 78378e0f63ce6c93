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

export interface ProjectionShape {
  /** Visual tokens of a picture, and their width. */
  readonly tokens: number;
  readonly clipWidth: number;
  /** d of T5. */
  readonly width: number;
  /** Of T5's norms. */
  readonly epsilon: number;
}

/** One part of a projection: vectors of width `from` to vectors of width `to`. */
export interface NormedLinear {
  readonly parameters: readonly ParameterSpec[];
  /** RMSNorm(W x + b), x [..., from] -> [..., to]. */
  apply(x: Tensor, parameters: Parameters): Tensor;
}

/** W [to, from] and b start as U(-1/sqrt(from), 1/sqrt(from)) (torch's Linear), the norm's weight as 1. */
export function normedLinear(
  [linear, norm]: readonly [linear: string, norm: string],
  { from, to, epsilon }: { readonly from: number; readonly to: number; readonly epsilon: number },
): NormedLinear {
  const bound = from ** -0.5;
  const uniform = (name: string, shape: readonly number[], length: number): ParameterSpec => ({
    name,
    shape,
    group: 'projection',
    initial: (random) => filled(length, () => random.between(-bound, bound)),
  });
  const weight = uniform(`${linear}.weight`, [to, from], to * from);
  const bias = uniform(`${linear}.bias`, [to], to);
  const scale: ParameterSpec = {
    name: `${norm}.weight`,
    shape: [to],
    group: 'projection',
    initial: () => new Float32Array(to).fill(1),
  };
  return {
    parameters: [weight, bias, scale],
    apply: (x, parameters) => {
      const affine = add(matmul(x, parameters.get(weight.name), { transB: true }), parameters.get(bias.name));
      return rmsNorm(affine, parameters.get(scale.name), epsilon);
    },
  };
}

/** The feature part, the same in every projection. */
export function featurePart({ clipWidth, width, epsilon }: Omit<ProjectionShape, 'tokens'>): NormedLinear {
  const names = ['visual_projection.linear', 'visual_projection.norm'] as const;
  return normedLinear(names, { from: clipWidth, to: width, epsilon });
}

/** RMSNorm(W v + b). clipWidth * width + 2 * width values. */
export function linearProjection(shape: Omit<ProjectionShape, 'tokens'>): VisualProjection {
  const { parameters, apply } = featurePart(shape);
  return { parameters, project: apply };
}
