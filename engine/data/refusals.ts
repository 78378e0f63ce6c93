/** The account of every record that an import did not take, and why. */
import { appendFileSync, existsSync, renameSync, rmSync } from 'node:fs';
import { readLines } from './read-lines.ts';
import type { Place, RefusalCode } from './source.ts';

export interface Refusal {
  /** The record, in words: `question 17`, `row on line 3`. */
  readonly item: string;
  readonly file: string;
  readonly line?: number;
  readonly code: RefusalCode;
  readonly reason: string;
}

export interface RefusalSummary {
  readonly total: number;
  readonly byCode: Readonly<Partial<Record<RefusalCode, number>>>;
  /** The first few; the file has them all. */
  readonly examples: readonly Refusal[];
}

const EXAMPLES = 20;
const BUFFERED = 1000;

/** Counts refusals and writes each as a line of JSON; a million of them take no memory. */
export class RefusalLog {
  readonly #path: string;
  readonly #examples: Refusal[] = [];
  readonly #byCode: Partial<Record<RefusalCode, number>> = {};
  #total = 0;
  #lines: string[] = [];
  #isEmpty = true;

  /** The file is made with its first lines. */
  constructor(path: string) {
    this.#path = path;
  }

  add(item: string, place: Place, code: RefusalCode, reason: string): void {
    const line = place.line === undefined ? {} : { line: place.line };
    const refusal: Refusal = { item, file: place.file, ...line, code, reason };
    this.#total += 1;
    this.#byCode[code] = (this.#byCode[code] ?? 0) + 1;
    if (this.#examples.length < EXAMPLES) this.#examples.push(refusal);
    this.#write(JSON.stringify(refusal));
  }

  /** Takes over the lines of an earlier log that are about the given files; they are not counted. */
  async carryOver(earlier: string, files: ReadonlySet<string>): Promise<void> {
    if (files.size === 0 || !existsSync(earlier)) return;
    for await (const { text } of readLines(earlier)) {
      if (text && files.has((JSON.parse(text) as Refusal).file)) this.#write(text);
    }
  }

  /** Finishes the log; an empty one leaves no file. */
  moveTo(path: string): void {
    this.#flush();
    if (this.#isEmpty) rmSync(path, { force: true });
    else renameSync(this.#path, path);
  }

  discard(): void {
    rmSync(this.#path, { force: true });
  }

  #write(line: string): void {
    this.#isEmpty = false;
    this.#lines.push(`${line}\n`);
    if (this.#lines.length >= BUFFERED) this.#flush();
  }

  #flush(): void {
    if (this.#lines.length > 0) appendFileSync(this.#path, this.#lines.join(''));
    this.#lines = [];
  }

  get summary(): RefusalSummary {
    return { total: this.#total, byCode: { ...this.#byCode }, examples: [...this.#examples] };
  }
}
