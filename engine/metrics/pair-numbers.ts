/** A number for each pair of numbers: a hash table with open addressing, since a `Map` is slow with keys beyond 31 bits. */
import { mix32 } from '../common/random.ts';

export class PairNumbers {
  /** Two for each slot. */
  #pairs: Int32Array;
  /** Of each slot the pair's number plus one; 0 where it is empty. */
  #numbers: Int32Array;
  #size = 0;

  /** @param expected pairs, about: it grows beyond them. */
  constructor(expected = 2 ** 10) {
    const slots = 2 ** Math.ceil(Math.log2(2 * expected + 2));
    this.#pairs = new Int32Array(2 * slots);
    this.#numbers = new Int32Array(slots);
  }

  /** How many pairs have a number. */
  get size(): number {
    return this.#size;
  }

  /** Of whole numbers from 0 to 2^31 - 1: as many as there were pairs before, the first time. */
  number(first: number, second: number): number {
    const slot = this.#slot(first, second);
    const known = this.#numbers[slot]!;
    if (known !== 0) return known - 1;
    this.#size += 1;
    this.#put(slot, first, second, this.#size);
    if (2 * this.#size > this.#numbers.length) this.#grow();
    return this.#size - 1;
  }

  /** Where the pair is, or would be. */
  #slot(first: number, second: number): number {
    const last = this.#numbers.length - 1;
    let slot = mix32(Math.imul(first, 0x9e3779b1) + second) & last;
    while (this.#numbers[slot] !== 0 && (this.#pairs[2 * slot] !== first || this.#pairs[2 * slot + 1] !== second)) {
      slot = (slot + 1) & last;
    }
    return slot;
  }

  #put(slot: number, first: number, second: number, number: number): void {
    this.#pairs[2 * slot] = first;
    this.#pairs[2 * slot + 1] = second;
    this.#numbers[slot] = number;
  }

  #grow(): void {
    const [pairs, numbers] = [this.#pairs, this.#numbers];
    this.#pairs = new Int32Array(2 * pairs.length);
    this.#numbers = new Int32Array(2 * numbers.length);
    numbers.forEach((number, slot) => {
      if (number === 0) return;
      const [first, second] = [pairs[2 * slot]!, pairs[2 * slot + 1]!];
      this.#put(this.#slot(first, second), first, second, number);
    });
  }
}
