/** A trainable tensor before it is one: its name in checkpoints, its shape, its optimiser group and its first values; or a fixed one. */
import type { Random } from '../common/random.ts';
import { input } from './sources.ts';
import type { Tensor } from './tensor.ts';

/** Parameters of one group share a learning rate. */
export type ParameterGroup = 'prompt' | 'lowRank' | 'projection';

export interface ParameterSpec {
  readonly name: string;
  readonly shape: readonly number[];
  readonly group: ParameterGroup;
  /** It stays at its first values: no gradient, no optimiser state. Kept in checkpoints, since nothing else holds it. */
  readonly fixed?: true;
  /** First values, row-major; `random` is the parameter's own stream. */
  readonly initial: (random: Random) => Float32Array;
}

export function isTrained({ fixed }: ParameterSpec): boolean {
  return fixed !== true;
}

/** The parameters of one graph, each fed as an input under its name unless it comes from elsewhere. */
export class Parameters {
  readonly #specs: readonly ParameterSpec[];
  readonly #tensors: ReadonlyMap<string, Tensor>;

  constructor(specs: readonly ParameterSpec[], tensorOf: (spec: ParameterSpec) => Tensor = fed) {
    this.#specs = specs;
    this.#tensors = new Map(specs.map((spec) => [spec.name, tensorOf(spec)]));
  }

  /** The tensor of a parameter that was declared. */
  get(name: string): Tensor {
    return this.#tensors.get(name)!;
  }

  /** Without the fixed ones, in the order in which they were declared. */
  get trained(): readonly Tensor[] {
    return this.#specs.filter(isTrained).map(({ name }) => this.get(name));
  }
}

function fed({ name, shape }: ParameterSpec): Tensor {
  return input(name, 'float32', shape);
}

export function elementsOf(shape: readonly number[]): number {
  return shape.reduce((product, extent) => product * extent, 1);
}

/** Number of values in all of these. */
export function countValues(specs: readonly ParameterSpec[]): number {
  return specs.reduce((sum, { shape }) => sum + elementsOf(shape), 0);
}

export function filled(length: number, draw: () => number): Float32Array {
  return Float32Array.from({ length }, draw);
}
