/** Ctrl-C: the first asks the work to stop and save, the second quits at once. */

/** `npm run`, the launcher and the terminal may each deliver the same Ctrl-C: within this time they count as one. */
const oneInterrupt = 500;

export interface InterruptOptions {
  /** Milliseconds that only grow. */
  readonly now: () => number;
  /** Called at the first interrupt, after the signal is raised. */
  readonly onStop: () => void;
  /** Called at the second. */
  readonly onQuit: () => void;
}

export class Interrupts {
  readonly #options: InterruptOptions;
  readonly #controller = new AbortController();
  #last: number | undefined;

  constructor(options: InterruptOptions) {
    this.#options = options;
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  interrupt(): void {
    const { now, onStop, onQuit } = this.#options;
    const time = now();
    const first = this.#last === undefined;
    if (!first && time - this.#last! < oneInterrupt) return;
    this.#last = time;
    if (first) {
      this.#controller.abort();
      onStop();
    } else onQuit();
  }
}
