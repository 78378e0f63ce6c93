/** Two ends of a channel in one process: what is posted at one arrives at the other as a copy, a turn later. */
import type { Port } from '../../engine/contract/port.ts';

class End implements Port {
  other!: End;
  #listener: ((message: unknown) => void) | undefined;
  #waiting: unknown[] = [];
  readonly #closers: (() => void)[] = [];
  #open = true;

  post(message: unknown): void {
    const copy = structuredClone(message);
    if (this.#open) setImmediate(() => this.other.#deliver(copy));
  }

  onMessage(listener: (message: unknown) => void): void {
    this.#listener = listener;
    for (const message of this.#waiting.splice(0)) listener(message);
  }

  onClose(listener: () => void): void {
    this.#closers.push(listener);
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    for (const listener of this.#closers) listener();
    this.other.close();
  }

  #deliver(message: unknown): void {
    if (this.#listener === undefined) this.#waiting.push(message);
    else this.#listener(message);
  }
}

export function portPair(): readonly [Port, Port] {
  const [a, b] = [new End(), new End()];
  a.other = b;
  b.other = a;
  return [a, b];
}
