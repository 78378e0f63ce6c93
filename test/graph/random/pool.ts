/** A random graph while it is being drawn: the values it has so far, as tensors and as numbers. */
import type { Random } from '../../../engine/common/random.ts';
import { type Dim, type Extents, evaluateDim, named, type Shape } from '../../../engine/graph/dim.ts';
import { input } from '../../../engine/graph/sources.ts';
import type { Tensor } from '../../../engine/graph/tensor.ts';
import type { Dense } from '../dense.ts';
import { describeDim, type GraphDescription, type InputDescription, type Step } from './description.ts';

/** A value of the graph. */
export interface Entry {
  readonly name: string;
  readonly tensor: Tensor;
  readonly value: Dense;
}

export class Pool {
  readonly random: Random;
  readonly extents: Extents;
  readonly #inputs: InputDescription[] = [];
  readonly #steps: Step[] = [];
  readonly #entries: Entry[] = [];

  constructor(random: Random) {
    this.random = random;
    this.extents = {
      batch: 1 + random.below(3),
      text: random.chance(0.1) ? 0 : 1 + random.below(4),
      rows: 2 + random.below(2),
    };
  }

  get description(): GraphDescription {
    return { extents: this.extents, inputs: this.#inputs, steps: this.#steps };
  }

  /** float32 values that no step uses yet. */
  get unused(): Entry[] {
    const used = new Set(this.#steps.flatMap(({ inputs }) => inputs));
    return this.#floats.filter(({ name }) => !used.has(name));
  }

  /** The value that came last. */
  get last(): Entry {
    return this.#entries.at(-1)!;
  }

  get #floats(): Entry[] {
    return this.#entries.filter(({ tensor }) => tensor.type === 'float32');
  }

  extentOf(dim: Dim): number {
    return evaluateDim(dim, this.extents);
  }

  /** One of the values that fit, undefined where none does; most often a value that nothing uses yet. */
  any(fits: (entry: Entry) => boolean = () => true): Entry | undefined {
    const unused = this.random.chance(0.7) ? this.unused.filter(fits) : [];
    const choice = unused.length > 0 ? unused : this.#floats.filter(fits);
    return choice.length > 0 ? this.random.pick(choice) : undefined;
  }

  dim(): Dim {
    return this.random.pick([1, 2, 3, 4, named('batch'), named('text'), named('rows')]);
  }

  /** A dimension that the graph can read from what it is fed. */
  knownDim(): Dim {
    const names = new Set(this.#inputs.flatMap(({ shape }) => shape));
    const known = ['batch', 'text', 'rows'].filter((name) => names.has(name));
    return this.random.pick([1, 2, 3, ...known.map(named)]);
  }

  shape(rank: number): Shape {
    return Array.from({ length: rank }, () => this.dim());
  }

  /** A new input of random numbers between `low` and `high`. */
  floats(shape: Shape, low = -2, high = 2): Entry {
    const isTrained = this.#inputs.length === 0 || this.random.chance(0.6);
    return this.#input('float32', shape, () => 2 * Math.floor(this.random.between(low, high) * 64) + 1, isTrained);
  }

  /** A new input of integers from 0 to `count` - 1. */
  indices(shape: Shape, count: number): Entry {
    return this.#input('int64', shape, () => this.random.below(count), false);
  }

  #input(type: InputDescription['type'], shape: Shape, draw: () => number, trained: boolean): Entry {
    const extents = shape.map((dim) => this.extentOf(dim));
    const values = Array.from({ length: extents.reduce((a, b) => a * b, 1) }, draw);
    const name = `x${this.#inputs.length}`;
    this.#inputs.push({ name, type, shape: shape.map(describeDim), values, trained });
    const data = Float64Array.from(values, (value) => (type === 'int64' ? value : value / 128));
    const entry = { name, tensor: input(name, type, shape), value: { shape: extents, data } };
    this.#entries.push(entry);
    return entry;
  }

  step(step: Omit<Step, 'outputs'>, tensors: readonly Tensor[], values: readonly Dense[]): void {
    const count = this.#steps.reduce((sum, { outputs }) => sum + outputs.length, 0);
    const made = tensors.map((tensor, i) => ({ name: `v${count + i}`, tensor, value: values[i]! }));
    this.#steps.push({ ...step, outputs: made.map(({ name }) => name) });
    this.#entries.push(...made);
  }

  /** Draws with `draw`; where that gives false, what it has added is taken back. */
  attempt(draw: () => boolean): void {
    const [inputs, entries] = [this.#inputs.length, this.#entries.length];
    if (draw()) return;
    this.#inputs.splice(inputs);
    this.#entries.splice(entries);
  }
}
