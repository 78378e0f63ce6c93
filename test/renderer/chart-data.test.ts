/** Curves: smoothing, one axis for several, words and tables of them. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { aligned, describeCurve, extremes, spread, valueAt } from '../../renderer/lib/chart-data.ts';
import { fewerLines } from '../../renderer/lib/chart-options.ts';
import { smooth } from '../../renderer/lib/smoothing.ts';

describe('smoothing', () => {
  test('is the weighted mean of all values so far', () => {
    const [w, y] = [0.7, [3, 1, 4, 1, 5]];
    const expected = y.map((_, n) => {
      const weights = Array.from({ length: n + 1 }, (_, k) => w ** (n - k));
      return (
        weights.reduce((sum, weight, k) => sum + weight * y[k]!, 0) / weights.reduce((sum, weight) => sum + weight)
      );
    });
    for (const [n, value] of smooth(y, w).entries()) expect(value).toBeCloseTo(expected[n]!, 12);
  });

  test('0 leaves the curve as it is, gaps stay and do not count', () => {
    expect(smooth([3, 1, 4], 0)).toEqual([3, 1, 4]);
    expect(smooth([2, null, Number.NaN, 4], 0.5)).toEqual([2, null, null, smooth([2, 4], 0.5)[1]]);
  });

  test('stays between the least and the greatest value', () => {
    const values = fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1 });
    fc.assert(
      fc.property(values, fc.double({ min: 0, max: 0.99, noNaN: true }), (y, weight) => {
        const slack = 1e-6;
        for (const value of smooth(y, weight)) {
          expect(value).toBeGreaterThanOrEqual(Math.min(...y) - slack);
          expect(value).toBeLessThanOrEqual(Math.max(...y) + slack);
        }
      }),
    );
  });
});

test('curves with other steps share one axis; a step that a curve lacks is no gap in it', () => {
  expect(
    aligned([
      { x: [1, 2, 4], y: [10, null, 40] },
      { x: [2, 3], y: [7, 8] },
    ]),
  ).toEqual({
    x: [1, 2, 3, 4],
    y: [
      [10, null, undefined, 40],
      [undefined, 7, 8, undefined],
    ],
  });
  expect(aligned([])).toEqual({ x: [], y: [] });
});

test('the legend shows the last value so far', () => {
  const values = [undefined, 5, null, undefined, 9];
  expect([0, 1, 3, 4].map((at) => valueAt(values, at))).toEqual([undefined, 5, 5, 9]);
});

test('a curve in words', () => {
  const curve = { label: 'loss', x: [1, 2, 3, 4], y: [3.1, null, 0.9, 1.2] };
  expect(extremes(curve)).toEqual({ points: 3, first: [1, 3.1], last: [4, 1.2], lowest: [3, 0.9], highest: [1, 3.1] });
  expect(describeCurve(curve)).toBe('loss: 3 points, from 3.1 at 1 to 1.2 at 4, lowest 0.9 at 3, highest 3.1 at 1');
  expect(describeCurve({ label: 'loss', x: [7], y: [2] })).toBe('loss: one point, 2 at 7');
  expect(describeCurve({ label: 'loss', x: [], y: [] })).toBe('loss: no points');
});

test('a table takes rows evenly, with the ends', () => {
  expect(spread(3, 5)).toEqual([0, 1, 2]);
  expect(spread(101, 5)).toEqual([0, 25, 50, 75, 100]);
});

test('a wide logarithmic axis has lines at the powers of ten alone', () => {
  expect(fewerLines([0.3, 0.4, 1, 2])).toEqual([0.3, 0.4, 1, 2]);
  expect(fewerLines([0.0001, 0.0002, 0.001, 0.005, 0.01, 0.09])).toEqual([0.0001, null, 0.001, null, 0.01, null]);
  expect(fewerLines([])).toEqual([]);
});
