/** Linear maps by whole numbers: exact where x is on the grid of 256 steps, near where it is not. */
import { expect, test } from 'vitest';
import { Random } from '../../engine/common/random.ts';
import { gradient } from '../../engine/graph/gradient.ts';
import { multiply, sumAll } from '../../engine/graph/ops/elementwise.ts';
import { LARGEST_WEIGHT } from '../../engine/graph/ops/quantised-linear.ts';
import { input } from '../../engine/graph/sources.ts';
import { relativeDifference } from '../models/reference.ts';
import { linearBy, type Numbers, productWith } from './cases/quantised-linear.ts';
import { type Dense, generate } from './dense.ts';
import { feedOf } from './feeds.ts';
import { runGraph } from './run-graph.ts';

const random = new Random('quantised');
const whole = (shape: readonly number[], low: number, high: number): Dense =>
  generate(shape, () => low + random.below(high - low + 1));
const scalesOf = (count: number): number[] => Array.from({ length: count }, () => 2 ** -random.below(8));
const matrix = (inner: number, columns: number): Numbers => ({
  values: whole([inner, columns], -LARGEST_WEIGHT, LARGEST_WEIGHT),
  scales: scalesOf(columns),
});

async function outputOf(x: Dense, w: Numbers): Promise<Float32Array> {
  const y = linearBy(input('x', 'float32', x.shape), w, w);
  return (await runGraph({ y }, { x: feedOf(x) })).y!.data as Float32Array;
}

/** Whole numbers of which the least and the largest are given, so that the 256 steps are 1 apart. */
function onGrid(shape: readonly number[], low: number): Dense {
  const x = whole(shape, low, low + 255);
  x.data[0] = low;
  x.data[1] = low + 255;
  return x;
}

test.each([0, -128, -255])('whole numbers from %i on give exact products', async (low) => {
  const [w, x] = [matrix(96, 40), onGrid([7, 96], low)];
  expect(await outputOf(x, w)).toEqual(Float32Array.from(productWith(x, w).data));
});

test('each row of a gradient is as exact as if it were alone, however small it is; zeros stay zeros', async () => {
  const [w, v] = [matrix(96, 40), matrix(40, 96)];
  const rows = Array.from({ length: 7 }, (_, row) => {
    const numbers = row === 3 ? generate([40], () => 0) : onGrid([40], 0);
    return numbers.data.map((value) => value * 2 ** (-12 * row));
  });
  const direction: Dense = { shape: [7, 40], data: Float64Array.from(rows.flatMap((row) => [...row])) };
  const x = whole([7, 96], -9, 9);
  const fed = input('x', 'float32', x.shape);
  const loss = sumAll(multiply(linearBy(fed, w, v), input('direction', 'float32', direction.shape)));
  const [dx] = gradient(loss, [fed]);
  const results = await runGraph({ dx: dx! }, { x: feedOf(x), direction: feedOf(direction) });
  const [found, expected] = [results.dx!.data as Float32Array, productWith(direction, v).data];
  rows.forEach((_, row) => {
    const own = [found, expected].map((all) => [...all.slice(96 * row, 96 * (row + 1))]);
    expect(relativeDifference(own[0]!, own[1]!), `row ${row}`).toBeLessThan(1e-6);
  });
});

test('the largest products of all do not overflow', async () => {
  const x = generate([4, 512], () => 255);
  const w: Numbers = { values: generate([512, 16], () => LARGEST_WEIGHT), scales: Array<number>(16).fill(1) };
  expect([...new Set(await outputOf(x, w))]).toEqual([255 * LARGEST_WEIGHT * 512]);
});

test('other numbers are off by what rounding to 256 steps makes of them', async () => {
  const w = matrix(256, 64);
  const x = generate([50, 256], () => random.normal());
  const difference = relativeDifference(await outputOf(x, w), productWith(x, w).data);
  expect(difference).toBeGreaterThan(1e-5);
  expect(difference).toBeLessThan(0.01);
});
