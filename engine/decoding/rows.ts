/** Rows of floats of one shape in one block that grows, fed to a graph without a copy. */
import type { Value } from '../runtime/session.ts';

export class Rows {
  readonly #rowShape: readonly number[];
  readonly #size: number;
  #data: Float32Array;
  #count: number;

  /** Takes `data` over: it changes with the rows. */
  constructor(rowShape: readonly number[], data: Float32Array = new Float32Array(0)) {
    this.#rowShape = rowShape;
    this.#size = rowShape.reduce((product, extent) => product * extent, 1);
    this.#data = data;
    this.#count = data.length / this.#size;
  }

  get count(): number {
    return this.#count;
  }

  append(rows: Float32Array): void {
    const used = this.#count * this.#size;
    const needed = used + rows.length;
    if (needed > this.#data.length) {
      const grown = new Float32Array(Math.max(needed, 2 * this.#data.length));
      grown.set(this.#data.subarray(0, used));
      this.#data = grown;
    }
    this.#data.set(rows, used);
    this.#count = needed / this.#size;
  }

  /** Takes one row out; the last row takes its place. */
  remove(row: number): void {
    this.#count -= 1;
    const last = this.#count * this.#size;
    this.#data.copyWithin(row * this.#size, last, last + this.#size);
  }

  /** [count, ...rowShape]: a view, good until the next change. */
  value(): Value {
    return { data: this.#data.subarray(0, this.#count * this.#size), shape: [this.#count, ...this.#rowShape] };
  }
}
