/**
 * A counter-based random generator: every draw is a pure function of (key, counter), so that nothing but a seed and a
 * step number has to be saved for a resumed run to go on with the very same numbers.
 */

/** 32-bit finaliser of MurmurHash3: every input bit reaches every output bit. */
export function mix32(value: number): number {
  let x = value | 0;
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return (x ^ (x >>> 16)) >>> 0;
}

/** Hashes numbers and strings into one 32-bit key. */
export function keyOf(...parts: readonly (number | string)[]): number {
  let key = 0x9e3779b9;
  const absorb = (word: number): void => {
    key = mix32(Math.imul(key ^ word, 0x01000193) + 0x7f4a7c15);
  };
  for (const part of parts) {
    if (typeof part === 'number') {
      absorb(part | 0);
      absorb(Math.floor(part / 0x100000000));
    } else {
      for (let i = 0; i < part.length; i += 1) absorb(part.charCodeAt(i));
      absorb(part.length);
    }
  }
  return key;
}

/** A stream of draws under one key. Two streams with different keys are independent for our purposes. */
export class Random {
  readonly #key: number;
  #counter = 0;

  constructor(...key: readonly (number | string)[]) {
    this.#key = keyOf(...key);
  }

  /** 32 random bits, as an unsigned integer. */
  bits(): number {
    const counter = this.#counter;
    this.#counter += 1;
    return mix32(mix32(counter ^ this.#key) + Math.imul(this.#key, 0x9e3779b9) + counter);
  }

  /** Uniform in [0, 1), 32 bits of resolution. */
  uniform(): number {
    return this.bits() / 0x100000000;
  }

  /** Uniform in [low, high). */
  between(low: number, high: number): number {
    return low + (high - low) * this.uniform();
  }

  /** An integer in [0, count). */
  below(count: number): number {
    return Math.floor(this.uniform() * count);
  }

  /** Standard normal, by Box and Muller. */
  normal(): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
    return radius * Math.cos(2 * Math.PI * this.uniform());
  }

  chance(probability: number): boolean {
    return this.uniform() < probability;
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)]!;
  }

  /** A shuffled copy (Fisher and Yates). */
  shuffle<T>(items: readonly T[]): T[] {
    const copy = [...items];
    for (let i = copy.length - 1; i > 0; i -= 1) {
      const j = this.below(i + 1);
      [copy[i], copy[j]] = [copy[j]!, copy[i]!];
    }
    return copy;
  }
}
