/** Where floating boxes go, and how rows are put in order. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { place } from '../../renderer/lib/place.ts';
import { sortedRows } from '../../renderer/lib/sorted-rows.ts';

describe('a floating box', () => {
  const frame = { width: 1000, height: 600 };
  const size = { width: 200, height: 100 };

  test('stands below its anchor, aligned as asked', () => {
    const anchor = { x: 400, y: 100, width: 80, height: 30 };
    expect(place(anchor, size, frame, {})).toEqual({ x: 400, y: 136 });
    expect(place(anchor, size, frame, { align: 'end' })).toEqual({ x: 280, y: 136 });
    expect(place(anchor, size, frame, { align: 'centre', side: 'above' })).toEqual({ x: 340, y: 136 }); // no room above
  });

  test('goes to the other side where there is no room', () => {
    expect(place({ x: 400, y: 560, width: 80, height: 30 }, size, frame, {}).y).toBe(454);
    expect(place({ x: 10, y: 300, width: 40, height: 30 }, size, frame, { side: 'left' }).x).toBe(56);
  });

  test('never leaves a window that it fits into', () => {
    const at = fc.record({
      x: fc.integer({ min: 0, max: 950 }),
      y: fc.integer({ min: 0, max: 570 }),
      width: fc.integer({ min: 1, max: 50 }),
      height: fc.integer({ min: 1, max: 30 }),
    });
    const sides = fc.constantFrom('below', 'above', 'left', 'right');
    const aligns = fc.constantFrom('start', 'centre', 'end');
    fc.assert(
      fc.property(at, sides, aligns, (anchor, side, align) => {
        const { x, y } = place(anchor, size, frame, { side, align });
        expect(x).toBeGreaterThanOrEqual(8);
        expect(y).toBeGreaterThanOrEqual(8);
        expect(x + size.width).toBeLessThanOrEqual(992);
        expect(y + size.height).toBeLessThanOrEqual(592);
      }),
    );
  });
});

test('rows in order: numbers by size, names as people sort them, what is missing last either way', () => {
  const rows = [{ v: 10 }, { v: undefined }, { v: 9 }, { v: Number.NaN }, { v: 100 }];
  const values = (descending: boolean) => sortedRows(rows, ({ v }) => v, descending).map(({ v }) => v);
  expect(values(false)).toEqual([9, 10, 100, undefined, Number.NaN]);
  expect(values(true)).toEqual([100, 10, 9, undefined, Number.NaN]);
  expect(sortedRows(['run10', 'Run2', 'run1'], (name) => name, false)).toEqual(['run1', 'Run2', 'run10']);
});

test('equal rows keep their order both ways', () => {
  const rows = [
    { name: 'a', v: 1 },
    { name: 'b', v: 1 },
  ];
  for (const descending of [false, true]) expect(sortedRows(rows, ({ v }) => v, descending)).toEqual(rows);
});
