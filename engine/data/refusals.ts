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

type Counts = Partial<Record<RefusalCode, number>>;

/** Counts refusals and writes each as a line of JSON; a million of them take no memory. */
export class RefusalLog {
  readonly #path: string | undefined;
  readonly #examples: Refusal[] = [];
  readonly #byCode: Counts = {};
  /** With those carried over. */
  readonly #allByCode: Counts = {};
  #lines: string[] = [];

  /** The file is made with its first lines; without a path none is. */
  constructor(path?: string) {
    this.#path = path;
  }

  add(item: string, place: Place, code: RefusalCode, reason: string): void {
    const line = place.line === undefined ? {} : { line: place.line };
    const refusal: Refusal = { item, file: place.file, ...line, code, reason };
    this.#byCode[code] = (this.#byCode[code] ?? 0) + 1;
    if (this.#examples.length < EXAMPLES) this.#examples.push(refusal);
    this.#write(JSON.stringify(refusal), code);
  }

  /** Takes over the lines of an earlier log that are about the given files; they do not count as refused now. */
  async carryOver(earlier: string, files: ReadonlySet<string>): Promise<void> {
    if (files.size === 0 || !existsSync(earlier)) return;
    for await (const { text } of readLines(earlier)) {
      if (!text) continue;
      const { file, code } = JSON.parse(text) as Refusal;
      if (files.has(file)) this.#write(text, code);
    }
  }

  /** Finishes the log; an empty one leaves no file. */
  moveTo(path: string): void {
    this.#flush();
    if (this.all.total === 0) rmSync(path, { force: true });
    else renameSync(this.#path!, path);
  }

  discard(): void {
    if (this.#path !== undefined) rmSync(this.#path, { force: true });
  }

  #write(line: string, code: RefusalCode): void {
    this.#allByCode[code] = (this.#allByCode[code] ?? 0) + 1;
    if (this.#path === undefined) return;
    this.#lines.push(`${line}\n`);
    if (this.#lines.length >= BUFFERED) this.#flush();
  }

  #flush(): void {
    if (this.#lines.length > 0) appendFileSync(this.#path!, this.#lines.join(''));
    this.#lines = [];
  }

  get summary(): RefusalSummary {
    return { ...countsOf(this.#byCode), examples: [...this.#examples] };
  }

  /** All lines of the log, those carried over too. */
  get all(): Omit<RefusalSummary, 'examples'> {
    return countsOf(this.#allByCode);
  }
}

function countsOf(byCode: Counts) {
  const total = Object.values(byCode).reduce((sum, count) => sum + count, 0);
  return { total, byCode: { ...byCode } };
}

/** Some of a log's refusals, in order; none where there is no such file. */
export async function readRefused(path: string, offset: number, limit: number): Promise<Refusal[]> {
  const refused: Refusal[] = [];
  if (!existsSync(path)) return refused;
  for await (const { number, text } of readLines(path)) {
    if (number > offset && text) refused.push(JSON.parse(text) as Refusal);
    if (number >= offset + limit) break;
  }
  return refused;
}

/** Counts a log's refusals, for a dataset that does not say. */
export async function countRefused(path: string): Promise<Omit<RefusalSummary, 'examples'>> {
  const byCode: Counts = {};
  for (const { code } of await readRefused(path, 0, Number.POSITIVE_INFINITY)) byCode[code] = (byCode[code] ?? 0) + 1;
  return countsOf(byCode);
}
