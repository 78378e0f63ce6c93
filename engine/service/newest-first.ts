/** Work that may only be done so much at a time; what waits takes its turn newest first. */
import { DeptError } from '../common/errors.ts';

interface Waiting {
  readonly begin: () => void;
  readonly refuse: (error: DeptError) => void;
  readonly signal: AbortSignal | undefined;
}

export class NewestFirst {
  readonly #atOnce: number;
  readonly #waiting: Waiting[] = [];
  #running = 0;

  constructor(atOnce: number) {
    this.#atOnce = atOnce;
  }

  /** What the work gives. Throws `cancelled` where the signal is aborted when its turn comes. */
  async run<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    await new Promise<void>((begin, refuse) => {
      this.#waiting.push({ begin, refuse, signal });
      this.#next();
    });
    try {
      return await work();
    } finally {
      this.#running -= 1;
      this.#next();
    }
  }

  #next(): void {
    while (this.#running < this.#atOnce) {
      const next = this.#waiting.pop();
      if (next === undefined) return;
      if (next.signal?.aborted) {
        next.refuse(new DeptError('cancelled', 'Nobody waits for it any more'));
      } else {
        this.#running += 1;
        next.begin();
      }
    }
  }
}
