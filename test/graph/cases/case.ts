/**
 * The form of a case: one small graph about one operation, beside the same function in float64, which says what the
 * forward pass must give and whose central differences the gradient must equal.
 */
import { named, type Shape } from '../../../engine/graph/dim.ts';
import { add, multiply, sumAll } from '../../../engine/graph/ops/elementwise.ts';
import { type FedType, input } from '../../../engine/graph/sources.ts';
import type { Tensor } from '../../../engine/graph/tensor.ts';
import type { Dense } from '../dense.ts';

/** An input that is differentiated: random numbers from an interval. */
interface RandomInput {
  readonly shape: Shape;
  readonly low: number;
  readonly high: number;
}

/** An input that is not: the same values each time. */
interface GivenInput {
  readonly shape: Shape;
  readonly type: FedType;
  readonly values: readonly number[];
  /** The name of an input that the graph makes for itself; the case only feeds it. */
  readonly name?: string;
}

export type CaseInput = RandomInput | GivenInput;

export interface Case {
  /** The operation that the case is about, by its name. */
  readonly operation: string;
  readonly title: string;
  readonly inputs: readonly CaseInput[];
  readonly build: (...inputs: Tensor[]) => readonly Tensor[];
  readonly reference: (...inputs: Dense[]) => readonly Dense[];
}

/** What the named dimensions are when a case runs. */
export const extents = { batch: 2, text: 3, rows: 4 };
export const [batch, text, rows] = [named('batch'), named('text'), named('rows')];

export const floats = (shape: Shape, low = -2, high = 2): CaseInput => ({ shape, low, high });
export const positive = (shape: Shape): CaseInput => floats(shape, 0.5, 2);
export const given = (type: FedType, shape: Shape, values: readonly number[]): CaseInput => ({ shape, type, values });

/** The name under which input `i` of a case is fed. */
export function inputName(spec: CaseInput, i: number): string {
  return 'name' in spec ? spec.name! : `input.${i}`;
}

/** A scalar to differentiate: the outputs' numbers, each times one that is fed as `direction.<output>`. */
export function directedLoss(outputs: readonly Tensor[]): Tensor {
  const directions = outputs.map((y, k) => input(`direction.${k}`, 'float32', y.shape));
  return outputs.map((y, k) => sumAll(multiply(y, directions[k]!))).reduce(add);
}

/** The graph of a case: its inputs (by number; none for those that the graph makes itself) and its outputs. */
export function buildCase({ inputs, build }: Case): { inputs: readonly Tensor[]; outputs: readonly Tensor[] } {
  const tensors = inputs
    .filter((spec) => !('name' in spec))
    .map((spec, i) => input(inputName(spec, i), 'type' in spec ? spec.type : 'float32', spec.shape));
  return { inputs: tensors, outputs: build(...tensors) };
}
