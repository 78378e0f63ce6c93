/** What a bench of the app measured: a line of JSON for each figure, then a table. */

export interface Measurement {
  readonly what: string;
  readonly value: number;
  readonly unit: 'ms' | 's' | 'MB' | 'per second';
  /** What is asked of it. */
  readonly limit?: number;
}

/** Prints them as they come and at the end, and gives how many are over their bound. */
export async function report(
  bench: string,
  images: number,
  coming: AsyncIterable<readonly Measurement[]>,
): Promise<number> {
  const measurements: Measurement[] = [];
  for await (const some of coming) {
    measurements.push(...some);
    for (const measurement of some) console.log(JSON.stringify({ bench, images, ...measurement }));
  }
  const width = Math.max(...measurements.map(({ what }) => what.length));
  let over = 0;
  for (const { what, value, unit, limit } of measurements) {
    const isOver = limit !== undefined && value > limit;
    over += Number(isOver);
    const bound = limit === undefined ? '' : `  (${isOver ? 'OVER' : 'within'} ${limit})`;
    console.log(`${what.padEnd(width)} ${value.toFixed(1).padStart(9)} ${unit}${bound}`);
  }
  return over;
}

export const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1]!;
