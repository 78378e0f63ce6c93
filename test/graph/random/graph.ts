/** The function that a description describes: as a graph of the engine, and in float64. */
import { input } from '../../../engine/graph/sources.ts';
import type { Tensor } from '../../../engine/graph/tensor.ts';
import type { Dense } from '../dense.ts';
import {
  dimOf,
  extentOf,
  type GraphDescription,
  type InputDescription,
  mapAttributes,
  type Step,
} from './description.ts';
import { drawnOperations } from './operations.ts';

/** Every value by its name: those of the inputs, then what `apply` makes of each step. */
function follow<T>(
  { inputs, steps }: GraphDescription,
  start: (input: InputDescription) => T,
  apply: (step: Step, inputs: readonly T[]) => readonly T[],
): ReadonlyMap<string, T> {
  const values = new Map(inputs.map((one) => [one.name, start(one)]));
  for (const step of steps) {
    const results = apply(
      step,
      step.inputs.map((name) => values.get(name)!),
    );
    step.outputs.forEach((name, i) => {
      values.set(name, results[i]!);
    });
  }
  return values;
}

/** Every tensor of the graph by its name. */
export function buildGraph(description: GraphDescription): ReadonlyMap<string, Tensor> {
  return follow(
    description,
    ({ name, type, shape }) => input(name, type, shape.map(dimOf)),
    ({ operation, attributes }, inputs) => drawnOperations[operation]!.build(inputs, mapAttributes(attributes, dimOf)),
  );
}

/** What is fed, by its name. */
export function inputValues({ inputs, extents }: GraphDescription): ReadonlyMap<string, Dense> {
  const value = ({ type, shape, values }: InputDescription): Dense => ({
    shape: shape.map(extentOf(extents)),
    data: Float64Array.from(values, (number) => (type === 'int64' ? number : number / 128)),
  });
  return new Map(inputs.map((one) => [one.name, value(one)]));
}

export const lossName = ({ steps }: GraphDescription): string => steps.at(-1)!.outputs[0]!;

/** The loss in float64, and how it depends on one input: only what comes after that input is computed again. */
export function referenceLoss(description: GraphDescription): {
  readonly loss: number;
  readonly moved: (name: string, value: Dense) => number;
} {
  const resolve = extentOf(description.extents);
  const apply = ({ operation, attributes }: Step, given: readonly Dense[]): readonly Dense[] =>
    drawnOperations[operation]!.reference(given, mapAttributes(attributes, resolve));
  const fed = inputValues(description);
  const values = follow(description, ({ name }) => fed.get(name)!, apply);
  const name = lossName(description);
  return {
    loss: values.get(name)!.data[0]!,
    moved: (input, value) => {
      const again = follow(
        description,
        (one) => (one.name === input ? value : fed.get(one.name)!),
        (step, given) => {
          const isSame = step.inputs.every((from, i) => values.get(from) === given[i]);
          return isSame ? step.outputs.map((output) => values.get(output)!) : apply(step, given);
        },
      );
      return again.get(name)!.data[0]!;
    },
  };
}
