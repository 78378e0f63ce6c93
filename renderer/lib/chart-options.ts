/** How charts are drawn: uPlot's options from our tokens, axes in our formats. */
import type uPlot from 'uplot';
import { compact, duration, measured } from './formats.ts';

/** One line to draw; a smoothed curve is two, its raw values faint. */
export interface ChartLine {
  readonly label: string;
  /** 1 to 8, of the palette; more curves than that begin again with dashes. */
  readonly colour: number;
  readonly faint: boolean;
  readonly show: boolean;
}

export interface ChartLook {
  readonly lines: readonly ChartLine[];
  readonly x: 'step' | 'time';
  readonly logY: boolean;
  readonly sync: string | undefined;
}

export const PALETTE = 8;

/** The colour of the n-th curve (from 0) as a token. */
export function seriesColour(position: number): string {
  return `var(--series-${(position % PALETTE) + 1})`;
}

/** A value of the x axis in words: seconds as a time. */
export function writeX(x: 'step' | 'time', value: number): string {
  return x === 'time' ? duration(Math.round(value)) : measured(value, 9);
}

const timeSteps = [
  1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400, 172_800,
];
const wholeSteps = Array.from({ length: 10 }, (_, power) => [1, 2, 5].map((digit) => digit * 10 ** power)).flat();

export function chartOptions(
  element: HTMLElement,
  size: { width: number; height: number },
  { lines, x, logY, sync }: ChartLook,
  writeY: (value: number) => string,
  hooks: uPlot.Hooks.Arrays,
): uPlot.Options {
  const style = getComputedStyle(element);
  const token = (name: string) => style.getPropertyValue(name).trim();
  const font = `11px ${style.fontFamily}`;
  const axis = {
    font,
    stroke: token('--text-3'),
    grid: { stroke: token('--line'), width: 1 },
    ticks: { show: false },
  } satisfies uPlot.Axis;
  return {
    ...size,
    legend: { show: false },
    padding: [8, 12, 0, 0],
    cursor: {
      y: false,
      points: { size: 7 },
      drag: { x: true, y: false, dist: 6 },
      ...(sync !== undefined && { sync: { key: sync, scales: ['x', null], setSeries: false } }),
    },
    scales: {
      x: { time: false },
      y: logY ? { distr: 3 } : {},
    },
    axes: [
      {
        ...axis,
        size: 26,
        gap: 6,
        space: 64,
        incrs: x === 'time' ? timeSteps : wholeSteps,
        values: (_, splits) => splits.map((value) => (x === 'time' ? duration(value) : compact(value))),
      },
      {
        ...axis,
        grid: { ...axis.grid, filter: (_, splits) => (logY ? fewerLines(splits) : splits) },
        size: 52,
        gap: 8,
        space: 32,
        values: (_, splits) => splits.map((value) => (value === null ? '' : writeY(value))),
      },
    ],
    series: [
      {},
      ...lines.map(({ label, colour, faint, show }): uPlot.Series => {
        const stroke = token(`--series-${colour % PALETTE || PALETTE}`);
        return {
          label,
          show,
          stroke: faint ? withAlpha(stroke, 0.28) : stroke,
          width: faint ? 1 : 1.75,
          ...(colour > PALETTE && { dash: [6, 3] }),
          points: faint ? { show: false } : { size: 5, fill: stroke },
        };
      }),
    ],
    hooks,
  };
}

/** Over many powers of ten, only those: the lines between them would be a hatching. */
export function fewerLines(splits: readonly number[]): (number | null)[] {
  const isWide = splits.length > 1 && splits.at(-1)! / splits[0]! >= 100;
  return splits.map((value) => (!isWide || Number.isInteger(Number(Math.log10(value).toFixed(6))) ? value : null));
}

function withAlpha(hex: string, alpha: number): string {
  return `${hex}${Math.round(alpha * 255)
    .toString(16)
    .padStart(2, '0')}`;
}
