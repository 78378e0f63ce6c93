/** What the processes write for people, in a file that does not grow for ever. */
import { appendFileSync, mkdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

export interface LogLimits {
  /** Bytes of one file. */
  readonly size: number;
  /** Files beside the current one: `dept.log.1` is the newest of them. */
  readonly kept: number;
}

const usualLimits: LogLimits = { size: 2 ** 20, kept: 3 };

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

export class LogFile {
  readonly path: string;
  readonly #limits: LogLimits;
  #size: number;

  constructor(path: string, limits: LogLimits = usualLimits) {
    this.path = path;
    this.#limits = limits;
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    this.#size = sizeOf(path);
  }

  /** On disk before it returns: the last words before a crash are the ones that count. */
  write(source: string, text: string): void {
    const entry = `${new Date().toISOString()} ${source}: ${text.trimEnd()}\n`;
    if (this.#size > 0 && this.#size + Buffer.byteLength(entry) > this.#limits.size) this.#rotate();
    appendFileSync(this.path, entry, { mode: 0o600 });
    this.#size += Buffer.byteLength(entry);
  }

  #rotate(): void {
    const { kept } = this.#limits;
    const nameOf = (age: number): string => (age === 0 ? this.path : `${this.path}.${age}`);
    rmSync(nameOf(kept), { force: true });
    for (let age = kept - 1; age >= 0; age -= 1) {
      if (sizeOf(nameOf(age)) > 0) renameSync(nameOf(age), nameOf(age + 1));
    }
    this.#size = 0;
  }
}
