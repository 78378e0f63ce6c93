/** A run's measurements for charts: what came since the page last asked, thinned out where it is more than a chart shows. */
import type { RunSeries, SeriesColumn, SeriesQuery } from '../contract/runs.ts';
import { seriesColumns } from '../contract/runs.ts';
import { type EvaluationLine, Measurements, type StepColumns } from '../runs/measurements.ts';
import type { RunFolder } from '../runs/run-folder.ts';
import { openRun } from '../runs/run-library.ts';

/** Runs whose measurements stay in memory: about 4 MB each for 50,000 steps. */
const KEPT = 32;

/** Measurements by run, those asked for last. */
export class MeasurementShelf {
  readonly #byPath = new Map<string, Measurements>();

  /** All that the run has measured up to now. Throws `bad-file` for a damaged line. */
  async measured(run: RunFolder): Promise<Measurements> {
    const measured = this.#at(run.logPath('metrics'));
    await measured.update();
    return measured;
  }

  #at(path: string): Measurements {
    const found = this.#byPath.get(path) ?? new Measurements(path);
    this.#byPath.delete(path);
    this.#byPath.set(path, found);
    const [oldest] = this.#byPath.keys();
    if (this.#byPath.size > KEPT) this.#byPath.delete(oldest!);
    return found;
  }
}

/** The newest rows that are all kept, as a share of the rows asked for. */
const TAIL = 0.1;

/** Columns that jump from step to step: of these the extremes are kept. */
const jumpy = ['loss', 'gradientNorm', 'samplesPerSecond'] as const;

/**
 * At most `points` rows from `first` on, ascending. Where there are more, the newest are complete, and each stretch before
 * them gives the rows with the least and the largest value of every jumpy column: no spike is lost.
 */
export function thinnedRows(
  columns: readonly (readonly number[])[],
  first: number,
  length: number,
  points: number,
): number[] {
  const count = length - first;
  if (count <= points) return Array.from({ length: Math.max(0, count) }, (_, i) => first + i);
  const tail = Math.floor(points * TAIL);
  const head = count - tail;
  const perStretch = Math.max(1, 2 * columns.length);
  const stretches = Math.floor((points - tail) / perStretch);
  const rows: number[] = [];
  for (let i = 0; i < stretches; i += 1) {
    const begin = first + Math.floor((i * head) / stretches);
    const end = first + Math.floor(((i + 1) * head) / stretches);
    const chosen = new Set(columns.length === 0 ? [begin] : []);
    for (const column of columns) {
      let [least, largest] = [begin, begin];
      for (let row = begin + 1; row < end; row += 1) {
        if (column[row]! < column[least]!) least = row;
        if (column[row]! > column[largest]!) largest = row;
      }
      chosen.add(least).add(largest);
    }
    rows.push(...[...chosen].sort((a, b) => a - b));
  }
  for (let row = length - tail; row < length; row += 1) rows.push(row);
  return rows;
}

const orNull = (value: number): number | null => (Number.isNaN(value) ? null : value);

function columnsAt(steps: StepColumns, rows: readonly number[], wanted: ReadonlySet<SeriesColumn>) {
  const pick = (column: readonly number[]) => rows.map((row) => orNull(column[row]!));
  const plain = (['loss', 'gradientNorm', 'samplesPerSecond', 'memory'] as const).filter((name) => wanted.has(name));
  const rates = Object.entries(steps.rates).map(([group, column]) => [group, pick(column)] as const);
  return {
    step: rows.map((row) => steps.step[row]!),
    seconds: pick(steps.seconds),
    ...Object.fromEntries(plain.map((name) => [name, pick(steps[name])])),
    ...(wanted.has('rates') ? { rates: Object.fromEntries(rates) } : {}),
  };
}

/** The evaluations from `first` on, each with whether it was better than all before it by the run's own metric. */
function evaluationsFrom(all: readonly EvaluationLine[], first: number, metric: string): RunSeries['evaluations'] {
  let best = Number.NEGATIVE_INFINITY;
  const marked = all.map(({ step, seconds, metrics }) => {
    const value = metrics[metric];
    const isBest = typeof value === 'number' && value > best;
    if (isBest) best = value;
    const plain = Object.entries(metrics).filter((entry): entry is [string, number] => typeof entry[1] === 'number');
    return { step, seconds: orNull(seconds), metrics: Object.fromEntries(plain), best: isBest };
  });
  return marked.slice(first);
}

/** The version of the measurements, the rows and the evaluations that a page has. */
function readCursor(
  cursor: string | undefined,
  { version, steps, evaluations }: Measurements,
): [number, number] | null {
  const [of, rows, scores] = (cursor ?? '').split(' ');
  const [row, score] = [Number(rows), Number(scores)];
  const isOurs = of === version && Number.isSafeInteger(row) && Number.isSafeInteger(score);
  return isOurs && row <= steps.step.length && score <= evaluations.length ? [row, score] : null;
}

/** Throws as `openRun`, and `bad-file` for a damaged line. */
export async function runSeries(
  home: string,
  { run: name, columns, cursor, points }: SeriesQuery,
  shelf: MeasurementShelf,
): Promise<RunSeries> {
  const run = openRun(home, name);
  const measured = await shelf.measured(run);
  const { steps, evaluations, version } = measured;
  const had = readCursor(cursor, measured);
  const [firstRow, firstEvaluation] = had ?? [0, 0];
  const wanted = new Set(columns ?? seriesColumns);
  const extremes = jumpy.filter((column) => wanted.has(column)).map((column) => steps[column]);
  const rows = thinnedRows(extremes, firstRow, steps.step.length, points);
  const { evaluation } = run.record().config as { evaluation?: { metric?: unknown } | null };
  return {
    cursor: `${version} ${steps.step.length} ${evaluations.length}`,
    reset: had === null,
    total: steps.step.length,
    ...columnsAt(steps, rows, wanted),
    evaluations: evaluationsFrom(evaluations, firstEvaluation, String(evaluation?.metric)),
  };
}
