/** What a random graph needs to know of an operation. */
import type { Dim, Shape } from '../../../engine/graph/dim.ts';
import type { Tensor } from '../../../engine/graph/tensor.ts';
import type { Dense } from '../dense.ts';
import type { Entry, Pool } from './pool.ts';

type Attribute = Dim | Shape | boolean;
type NumberOf<One> = One extends boolean ? boolean : One extends Shape ? readonly number[] : number;

/** Attributes whose dimensions have become numbers. */
type Numbers<Attributes> = { [Name in keyof Attributes]: NumberOf<Attributes[Name]> };

export interface Use<Attributes = Readonly<Record<string, Attribute>>> {
  readonly inputs: readonly Entry[];
  readonly attributes: Attributes;
}

export interface DrawnOperation<Attributes = Readonly<Record<string, Attribute>>> {
  /** A use of the operation on values that the graph has, or that are new to it; undefined where none is found. */
  readonly draw: (pool: Pool) => Use<Attributes> | undefined;
  readonly build: (inputs: readonly Tensor[], attributes: Attributes) => readonly Tensor[];
  /** Its definition in float64. */
  readonly reference: (inputs: readonly Dense[], attributes: Numbers<Attributes>) => readonly Dense[];
}

/** An operation without attributes and with one output. */
export function simple(
  draw: (pool: Pool) => readonly Entry[] | undefined,
  build: (...inputs: Tensor[]) => Tensor,
  reference: (...inputs: Dense[]) => Dense,
): DrawnOperation<Record<never, never>> {
  return {
    draw: (pool) => {
      const inputs = draw(pool);
      return inputs && { inputs, attributes: {} };
    },
    build: (inputs) => [build(...inputs)],
    reference: (inputs) => [reference(...inputs)],
  };
}

export const rankOf = ({ tensor }: Entry): number => tensor.shape.length;
export const hasAxes = (entry: Entry): boolean => rankOf(entry) > 0;
