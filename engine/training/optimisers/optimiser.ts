/** What all optimisers have in common: a state for each parameter, updates in place, a rate given from outside. */
import { DeptError } from '../../common/errors.ts';
import { elementsOf } from '../../graph/parameter.ts';

export interface StateTensor {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** What an optimiser keeps of one parameter between steps, by name. Together with the step number it is all there is. */
export type OptimiserState = Readonly<Record<string, StateTensor>>;

export interface OptimisedTensor {
  readonly shape: readonly number[];
  readonly values: Float32Array;
  readonly state: OptimiserState;
}

export interface Optimiser {
  /** The state of a parameter of this shape before its first update: zeros. */
  freshState(shape: readonly number[]): OptimiserState;
  /** Update number `step` (from 1) in place, with learning rate `rate`. Computes in float64, keeps float32. */
  update(tensor: OptimisedTensor, gradient: Float32Array, step: number, rate: number): void;
}

export function zeros(shape: readonly number[]): StateTensor {
  return { shape, values: new Float32Array(elementsOf(shape)) };
}

/** Throws `shape-mismatch`. */
export function checkGradient({ length }: Float32Array, gradient: Float32Array): void {
  if (gradient.length === length) return;
  throw new DeptError('shape-mismatch', 'A gradient does not fit its parameter', {
    expected: `${length} values`,
    got: `${gradient.length}`,
  });
}
