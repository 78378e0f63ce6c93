/** A run's `metrics.jsonl` in columns, read once and then followed as it grows. */
import { randomBytes } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { READ_AT_ONCE } from '../common/files.ts';
import { isFields, type JsonLine, parseLine } from './json-lines.ts';

/** NaN where a line does not have the value. */
type Column = number[];

export interface StepColumns {
  readonly step: Column;
  readonly seconds: Column;
  readonly loss: Column;
  readonly gradientNorm: Column;
  readonly samplesPerSecond: Column;
  readonly memory: Column;
  /** Learning rates by group. */
  readonly rates: Readonly<Record<string, Column>>;
}

export interface EvaluationLine {
  readonly step: number;
  readonly seconds: number;
  readonly metrics: Readonly<Record<string, unknown>>;
}

/** A line of either kind, of a program of any age. */
export interface Measurement extends JsonLine {
  readonly step: number;
  readonly rates?: JsonLine;
  readonly metrics?: JsonLine;
}

export function isStep(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

export function isMeasurement(value: unknown): value is Measurement {
  if (!isFields(value) || !isStep(value.step)) return false;
  return [value.rates, value.metrics].every((part) => part === undefined || isFields(part));
}

const NEWLINE = 0x0a;
/** Bytes read and parsed at one go: about 10 ms. */
const CHUNK = 1 << 20;

const number = (value: unknown): number => (typeof value === 'number' ? value : Number.NaN);

export class Measurements {
  readonly #path: string;
  /** Changes whenever what was read before is no longer the beginning of the file, as after a resume that went back. */
  version = '';
  steps!: StepColumns & { rates: Record<string, Column> };
  evaluations!: EvaluationLine[];
  #file = 0;
  #next = 0;
  #reading: Promise<void> = Promise.resolve();

  /** `path` of a `metrics.jsonl`, which need not be there yet. */
  constructor(path: string) {
    this.#path = path;
    this.#forget();
  }

  #forget(): void {
    this.version = randomBytes(6).toString('hex');
    const rates = Object.create(null) as Record<string, Column>; // a group may be called anything
    this.steps = { step: [], seconds: [], loss: [], gradientNorm: [], samplesPerSecond: [], memory: [], rates };
    this.evaluations = [];
    this.#next = 0;
  }

  /** Reads what has come since, giving the event loop its turns. Throws `bad-file` for a damaged line. */
  update(): Promise<void> {
    const before = this.#reading.catch(() => {}); // its own caller was told
    this.#reading = before.then(() => this.#read());
    return this.#reading;
  }

  async #read(): Promise<void> {
    const file = await open(this.#path, READ_AT_ONCE).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined;
      throw error;
    });
    if (file === undefined) {
      if (this.#next > 0) this.#forget();
      return;
    }
    try {
      const { ino, size } = await file.stat();
      // Lines are only ever taken away by writing the file anew.
      if (this.#next > 0 && (ino !== this.#file || size < this.#next)) this.#forget();
      this.#file = ino;
      await this.#readOn(file);
    } finally {
      await file.close();
    }
  }

  async #readOn(file: FileHandle): Promise<void> {
    let buffer = Buffer.alloc(CHUNK);
    for (;;) {
      const { bytesRead } = await file.read(buffer, 0, buffer.byteLength, this.#next);
      const length = buffer.subarray(0, bytesRead).lastIndexOf(NEWLINE) + 1;
      const lines = buffer.toString('utf8', 0, length).split('\n').slice(0, -1);
      const values = lines.map((line) => parseLine(line, this.#path, isMeasurement));
      for (const value of values) this.#take(value); // all of the chunk or, where a line is damaged, none
      this.#next += length;
      if (bytesRead < buffer.byteLength) return;
      if (length === 0) buffer = Buffer.alloc(2 * buffer.byteLength); // one line longer than that
    }
  }

  #take(line: Measurement): void {
    const { step, metrics, rates = {} } = line;
    if (metrics !== undefined) this.evaluations.push({ step, seconds: number(line.seconds), metrics });
    if (line.loss === undefined) return;
    const { steps } = this;
    for (const name of ['seconds', 'loss', 'gradientNorm', 'samplesPerSecond', 'memory'] as const) {
      steps[name].push(number(line[name]));
    }
    for (const group of Object.keys(rates)) {
      steps.rates[group] ??= Array<number>(steps.step.length).fill(Number.NaN);
    }
    for (const [group, column] of Object.entries(steps.rates)) column.push(number(rates[group]));
    steps.step.push(step);
  }
}
