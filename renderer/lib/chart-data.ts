/** Curves made ready for a chart: one common x axis, and the same curves in words and as a table. Pure. */
import { count, measured } from './formats.ts';

export interface Curve {
  readonly label: string;
  /** Rising; steps, or seconds. */
  readonly x: readonly number[];
  readonly y: readonly (number | null)[];
}

/** All x of all curves in one rising list, and each curve's y at them; undefined where it has none (null is a gap of its own). */
export function aligned(curves: readonly Pick<Curve, 'x' | 'y'>[]): {
  x: number[];
  y: (number | null | undefined)[][];
} {
  const first = curves[0];
  if (first === undefined) return { x: [], y: [] };
  if (curves.every(({ x }) => sameNumbers(x, first.x))) return { x: [...first.x], y: curves.map(({ y }) => [...y]) };
  const x = [...new Set(curves.flatMap((curve) => [...curve.x]))].sort((a, b) => a - b);
  const place = new Map(x.map((value, position) => [value, position]));
  const y = curves.map((curve) => {
    const values = new Array<number | null | undefined>(x.length).fill(undefined);
    for (const [position, value] of curve.x.entries()) values[place.get(value)!] = curve.y[position] ?? null;
    return values;
  });
  return { x, y };
}

function sameNumbers(a: readonly number[], b: readonly number[]): boolean {
  return a === b || (a.length === b.length && a.every((value, position) => value === b[position]));
}

/** The last value at or before position `at`: what a legend shows for a curve that has no point just there. */
export function valueAt(values: readonly (number | null | undefined)[], at: number): number | undefined {
  for (let position = at; position >= 0; position--) {
    const value = values[position];
    if (value !== undefined && value !== null) return value;
  }
  return undefined;
}

export interface Extremes {
  readonly points: number;
  readonly first: readonly [x: number, y: number];
  readonly last: readonly [x: number, y: number];
  readonly lowest: readonly [x: number, y: number];
  readonly highest: readonly [x: number, y: number];
}

export function extremes({ x, y }: Pick<Curve, 'x' | 'y'>): Extremes | undefined {
  const points = x.flatMap((at, position) => {
    const value = y[position];
    return value === null || value === undefined || !Number.isFinite(value) ? [] : [[at, value] as const];
  });
  const first = points[0];
  if (first === undefined) return undefined;
  let lowest = first;
  let highest = first;
  for (const point of points) {
    if (point[1] < lowest[1]) lowest = point;
    if (point[1] > highest[1]) highest = point;
  }
  return { points: points.length, first, last: points.at(-1)!, lowest, highest };
}

/** A curve in a sentence, for those who do not see it. */
export function describeCurve(
  curve: Curve,
  writeX: (x: number) => string = count,
  writeY: (y: number) => string = measured,
): string {
  const found = extremes(curve);
  if (found === undefined) return `${curve.label}: no points`;
  const { points, first, last, lowest, highest } = found;
  if (points === 1) return `${curve.label}: one point, ${writeY(first[1])} at ${writeX(first[0])}`;
  return (
    `${curve.label}: ${count(points)} points, from ${writeY(first[1])} at ${writeX(first[0])} to ${writeY(last[1])} at ` +
    `${writeX(last[0])}, lowest ${writeY(lowest[1])} at ${writeX(lowest[0])}, highest ${writeY(highest[1])} at ${writeX(highest[0])}`
  );
}

/** At most `limit` positions of a list of `length`, evenly spread, the first and the last among them. */
export function spread(length: number, limit: number): number[] {
  if (length <= limit) return Array.from({ length }, (_, position) => position);
  return Array.from({ length: limit }, (_, position) => Math.round((position * (length - 1)) / (limit - 1)));
}
