/** The account of every record that an import did not take, and why. */
import { appendFileSync, existsSync, renameSync, rmSync } from 'node:fs';
import { z } from 'zod';
import { DeptError, shortened } from '../common/errors.ts';
import { parseJson } from '../common/json.ts';
import { readLines } from './read-lines.ts';
import { type Place, type RefusalCode, refusalCodes } from './source.ts';

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
/** Characters: a file can give a record a name of any length. */
const [MOST_OF_ITEM, MOST_OF_REASON] = [200, 1000];

const refusalSchema = z.object({
  item: z.string(),
  file: z.string(),
  line: z.int().positive().optional(),
  code: z.enum(refusalCodes),
  reason: z.string(),
});

/** Throws `bad-file` for a line that is damaged. */
function refusalOf(line: string | undefined, path: string): Refusal {
  try {
    return parseJson(line ?? '', refusalSchema, path);
  } catch (cause) {
    throw new DeptError('bad-file', 'The account of refused records is damaged', {
      path,
      got: shortened(line ?? 'bytes that are not UTF-8'),
      remedy: 'Delete the file, which no item depends on, or import the dataset again.',
      cause,
    });
  }
}

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
    const short = { item: shortened(item, MOST_OF_ITEM), reason: shortened(reason, MOST_OF_REASON) };
    const refusal: Refusal = { ...short, file: place.file, ...line, code };
    this.#byCode[code] = (this.#byCode[code] ?? 0) + 1;
    if (this.#examples.length < EXAMPLES) this.#examples.push(refusal);
    this.#write(JSON.stringify(refusal), code);
  }

  /** Takes over the lines of an earlier log that are about the given files; they do not count as refused now. */
  async carryOver(earlier: string, files: ReadonlySet<string>): Promise<void> {
    if (files.size === 0 || !existsSync(earlier)) return;
    for await (const { text } of readLines(earlier)) {
      if (text === '') continue;
      const refusal = refusalOf(text, earlier);
      if (files.has(refusal.file)) this.#write(JSON.stringify(refusal), refusal.code);
    }
  }

  /** Finishes the log; an empty one leaves no file. */
  moveTo(path: string): void {
    this.#flush();
    if (this.all.total > 0) renameSync(this.#path!, path);
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

/** Some of a log's refusals, in order; none where there is no such file. Throws `bad-file`. */
export async function readRefused(path: string, offset: number, limit: number): Promise<Refusal[]> {
  const refused: Refusal[] = [];
  if (!existsSync(path)) return refused;
  for await (const { number, text } of readLines(path)) {
    if (number > offset && text !== '') refused.push(refusalOf(text, path));
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
