/**
 * Dropout whose masks are windows on one long row of random values, made once from the run's seed. A site of the graph is
 * fed the window that begins where (step, site) says, without a copy, so that dropping costs one multiplication. A mask is
 * a pure function of seed, step and site: a resumed run drops exactly what the uninterrupted one would have dropped.
 */
import { DeptError } from '../../common/errors.ts';
import { keyOf, mix32 } from '../../common/random.ts';
import { type Extents, evaluateDim, type Shape } from '../dim.ts';
import { input } from '../sources.ts';
import type { Tensor } from '../tensor.ts';
import { relu, step } from './activations.ts';
import { multiply } from './elementwise.ts';

/** A place in the graph where values are dropped: an input of the graph, fed a mask at every run. */
export interface DropoutSite {
  readonly name: string;
  readonly shape: Shape;
}

/** The dropout of one graph: hands out sites and remembers what has to be fed. */
export class Dropout {
  readonly rate: number;
  readonly sites: DropoutSite[] = [];
  readonly #masks: Tensor[] = [];
  /** The next mask to hand out again, while something is built anew. */
  #again: number | undefined;

  /** @param rate probability of dropping a value, 0 <= rate < 1; 0 leaves the graph untouched. */
  constructor(rate: number) {
    if (!(rate >= 0 && rate < 1)) {
      throw new DeptError('bad-input', 'A dropout rate must be a probability below 1', {
        expected: '0 <= rate < 1',
        got: String(rate),
      });
    }
    this.rate = rate;
  }

  /** A mask for `like`'s shape: 0 where dropped, 1 / (1 - rate) elsewhere. Undefined where nothing is dropped. */
  mask({ shape }: Tensor): Tensor | undefined {
    if (this.rate === 0) return undefined;
    if (this.#again !== undefined) {
      this.#again += 1;
      return this.#masks[this.#again - 1]!;
    }
    const name = `dropout.${this.sites.length}`;
    this.sites.push({ name, shape });
    const mask = input(name, 'float32', shape);
    this.#masks.push(mask);
    return mask;
  }

  /** `build` with the same masks at each call. */
  repeatable<Arguments extends readonly unknown[], Built>(
    build: (...given: Arguments) => Built,
  ): (...given: Arguments) => Built {
    let first: number | undefined;
    return (...given) => {
      this.#again = first;
      first ??= this.#masks.length;
      try {
        return build(...given);
      } finally {
        this.#again = undefined;
      }
    };
  }

  apply(x: Tensor): Tensor {
    const mask = this.mask(x);
    return mask === undefined ? x : multiply(x, mask);
  }

  /** `apply(relu(x))`: the slope is made in the forward pass, so that the gradient takes one product and keeps nothing else. */
  applyToRelu(x: Tensor): Tensor {
    const mask = this.mask(x);
    return mask === undefined ? relu(x) : multiply(x, multiply(step(x), mask));
  }
}

/** Places that a window can begin at, this many values apart. */
const PLACES = 2 ** 18;
const STRIDE = 4;

/** Bytes that `DropoutMasks` comes to hold for a graph run with these extents. */
export function maskBytes({ sites }: Dropout, extents: Extents): number {
  if (sites.length === 0) return 0;
  const counts = sites.map(({ shape }) => shape.reduce<number>((n, dim) => n * evaluateDim(dim, extents), 1));
  return Float32Array.BYTES_PER_ELEMENT * (PLACES * STRIDE + Math.max(...counts));
}

/** The masks of one rate and seed. */
export class DropoutMasks {
  readonly #rate: number;
  readonly #seed: number;
  #row = new Float32Array(0);

  constructor(rate: number, seed: number) {
    this.#rate = rate;
    this.#seed = seed;
  }

  /** Values `first` .. `first + count - 1`, 0 or 1 / (1 - rate), of one site at one step. A view: not to be written to. */
  window(step: number, site: string, first: number, count: number): Float32Array {
    const start = (keyOf(this.#seed, step, site) % PLACES) * STRIDE + first;
    this.#grow(PLACES * STRIDE + first + count);
    return this.#row.subarray(start, start + count);
  }

  /** Value i depends on i and the seed alone, so a longer row begins as the shorter one. */
  #grow(length: number): void {
    const known = this.#row;
    if (known.length >= length) return;
    const key = keyOf(this.#seed, 'dropout');
    const [threshold, kept] = [this.#rate * 2 ** 32, 1 / (1 - this.#rate)];
    const row = new Float32Array(length);
    row.set(known);
    for (let i = known.length; i < length; i += 1) row[i] = mix32(mix32(i ^ key) + key) < threshold ? 0 : kept;
    this.#row = row;
  }
}
