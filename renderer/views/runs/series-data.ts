/** A run's measurements as they come in pieces, and the curves that are drawn from them. Pure. */
import type { RunSeries } from '../../../engine/contract/runs.ts';
import type { Curve } from '../../lib/chart-data.ts';
import { groupNames, metricLabel } from './run-names.ts';

/** As a chart takes it. */
export interface RunCurve extends Curve {
  /** False: drawn as it is. */
  readonly smoothed?: boolean;
}

type Column = readonly (number | null)[];

function joined(had: Column | undefined, more: Column | undefined): (number | null)[] | undefined {
  return had === undefined || more === undefined ? undefined : [...had, ...more];
}

/** What there is now: the answer alone where it says so, else what was had with the answer behind it. */
export function withAnswer(had: RunSeries | undefined, answer: RunSeries): RunSeries {
  if (had === undefined || answer.reset) return answer;
  if (answer.step.length === 0 && answer.evaluations.length === 0) return { ...had, cursor: answer.cursor };
  const gap = (rows: readonly number[]): null[] => rows.map(() => null);
  const groups = new Set([...Object.keys(had.rates ?? {}), ...Object.keys(answer.rates ?? {})]);
  const rates = [...groups].map((group): [string, (number | null)[]] => {
    return [group, [...(had.rates?.[group] ?? gap(had.step)), ...(answer.rates?.[group] ?? gap(answer.step))]] as const;
  });
  return {
    ...answer,
    step: [...had.step, ...answer.step],
    seconds: [...had.seconds, ...answer.seconds],
    loss: joined(had.loss, answer.loss),
    gradientNorm: joined(had.gradientNorm, answer.gradientNorm),
    samplesPerSecond: joined(had.samplesPerSecond, answer.samplesPerSecond),
    memory: joined(had.memory, answer.memory),
    rates: had.rates === undefined ? undefined : Object.fromEntries(rates),
    evaluations: [...had.evaluations, ...answer.evaluations],
  };
}

export type XAxis = 'step' | 'time';

/** The curve of a column; over time without the rows whose time an older program did not measure. */
function curve(label: string, { step, seconds }: RunSeries, y: Column, x: XAxis): RunCurve {
  if (x === 'step') return { label, x: step, y };
  const timed = seconds.flatMap((second, row) => (second === null ? [] : [[second, y[row] ?? null] as const]));
  return { label, x: timed.map(([second]) => second), y: timed.map(([, value]) => value) };
}

export type ColumnName = 'loss' | 'gradientNorm' | 'samplesPerSecond' | 'memory';

export function columnCurves(label: string, series: RunSeries | undefined, column: ColumnName, x: XAxis): RunCurve[] {
  const values = series?.[column];
  return series === undefined || values === undefined ? [] : [curve(label, series, values, x)];
}

/** The learning rate of each group that has one; rates that are the same throughout are one curve, where one would hide the other. */
export function rateCurves(series: RunSeries | undefined, x: XAxis): RunCurve[] {
  if (series?.rates === undefined) return [];
  const together: { names: string[]; values: readonly (number | null)[] }[] = [];
  for (const [group, values] of Object.entries(series.rates)) {
    const name = groupNames[group] ?? group;
    const same = together.find((other) => values.every((value, row) => value === other.values[row]));
    if (same === undefined) together.push({ names: [name], values });
    else same.names.push(name);
  }
  return together.map(({ names, values }) => ({ ...curve(names.join(', '), series, values, x), smoothed: false }));
}

/** Curves of the evaluations' metrics whose names pass, in the order of the first evaluation. */
export function metricCurves(series: RunSeries | undefined, x: XAxis, passes: (metric: string) => boolean): RunCurve[] {
  const evaluations = (series?.evaluations ?? []).filter(({ seconds }) => x === 'step' || seconds !== null);
  const names = Object.keys(evaluations[0]?.metrics ?? {}).filter(passes);
  return names.map((name) => ({
    label: metricLabel(name),
    x: evaluations.map(({ step, seconds }) => (x === 'step' ? step : seconds!)),
    y: evaluations.map(({ metrics }) => metrics[name] ?? null),
    smoothed: false,
  }));
}
