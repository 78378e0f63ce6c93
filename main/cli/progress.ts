/** Progress on stderr: one moving line on a terminal, a plain line now and then elsewhere. */
import type { Progress } from '../../engine/contract/jobs.ts';
import { type Pace, PaceMeter } from '../../engine/contract/pace.ts';
import { bytes, count, decimal, duration } from './numbers.ts';
import { printable } from './printable.ts';

/** The part of a stream that is written to. */
export interface Sink {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

export interface ProgressOptions {
  readonly sink: Sink;
  /** A line that is written over again and again, or plain lines. */
  readonly moving: boolean;
  /** Milliseconds that only grow. */
  readonly now: () => number;
}

const movingInterval = 100;
const plainInterval = 10_000;
const barWidth = 20;
const toLineStart = '\r\x1b[K';

export class ProgressWriter {
  readonly #options: ProgressOptions;
  readonly #meter = new PaceMeter();
  #written = Number.NEGATIVE_INFINITY;
  #line = '';

  constructor(options: ProgressOptions) {
    this.#options = options;
  }

  /** Takes every report and writes as many as a reader can follow. */
  update(progress: Progress): void {
    const { moving, now } = this.#options;
    const time = now();
    const pace = this.#meter.update(progress, time);
    if (time - this.#written < (moving ? movingInterval : plainInterval)) return;
    this.#written = time;
    this.#write(printable(this.#describe(progress, pace)));
  }

  /** A line that stays, above the moving one. */
  message(text: string): void {
    const { sink } = this.#options;
    const line = this.#line;
    this.clear();
    sink.write(`${printable(text)}\n`);
    if (line !== '') this.#write(line);
  }

  /** Takes the moving line away. */
  clear(): void {
    if (this.#line !== '') this.#options.sink.write(toLineStart);
    this.#line = '';
  }

  #write(line: string): void {
    const { sink, moving } = this.#options;
    if (!moving) {
      sink.write(`${line}\n`);
      return;
    }
    this.#line = line.slice(0, (sink.columns ?? 80) - 1);
    sink.write(toLineStart + this.#line);
  }

  #describe({ task, done, total, unit, note }: Progress, { rate, secondsLeft }: Pace): string {
    const amount = unit === 'bytes' ? bytes : count;
    const counted = total === undefined ? amount(done) : `${amount(done)}/${amount(total)}`;
    const parts = [
      this.#options.moving && total ? `${task} ${bar(done / total)}` : task,
      unit === 'bytes' ? counted : `${counted} ${unit}`,
      rate > 0 ? `${unit === 'bytes' ? bytes(rate) : decimal(rate)}/s` : '',
      secondsLeft === undefined ? '' : `${duration(secondsLeft)} left`,
      note ?? '',
    ];
    return parts.filter((part) => part !== '').join('  ');
  }
}

function bar(fraction: number): string {
  const full = Math.round(Math.min(1, Math.max(0, fraction)) * barWidth);
  return '█'.repeat(full) + '░'.repeat(barWidth - full);
}
