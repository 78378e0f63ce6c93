/** How long a run has trained: its evaluations counted, its pauses not, over all the times it was resumed. */

export class Stopwatch {
  readonly #now: () => number;
  /** The time at which it would have been started, had it never stood still. */
  #zero: number;

  /** Runs at once. `seconds` have passed before; `now` in milliseconds that only grow. */
  constructor(seconds = 0, now: () => number = () => performance.now()) {
    this.#now = now;
    this.#zero = now() - seconds * 1000;
  }

  get seconds(): number {
    return (this.#now() - this.#zero) / 1000;
  }

  /** Waits for this and does not count it. */
  async without(waiting: Promise<void>): Promise<void> {
    const begun = this.#now();
    await waiting;
    this.#zero += this.#now() - begun;
  }
}
