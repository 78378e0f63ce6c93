/** The arithmetic of virtual lists and grids. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { gridShape, nextCell, rowsInView, scrollTo } from '../../renderer/lib/row-window.ts';

describe('rows in view', () => {
  test('those that touch the view, and the overscan', () => {
    expect(rowsInView({ top: 1000, height: 300, rowHeight: 100, rows: 50 }, 0)).toEqual({ first: 10, last: 12 });
    expect(rowsInView({ top: 1001, height: 300, rowHeight: 100, rows: 50 }, 0)).toEqual({ first: 10, last: 13 });
    expect(rowsInView({ top: 0, height: 300, rowHeight: 100, rows: 50 }, 2)).toEqual({ first: 0, last: 4 });
    expect(rowsInView({ top: 4700, height: 300, rowHeight: 100, rows: 50 }, 2)).toEqual({ first: 45, last: 49 });
  });

  test('none of none', () => {
    const { first, last } = rowsInView({ top: 0, height: 300, rowHeight: 100, rows: 0 }, 2);
    expect(last - first + 1).toBe(0);
  });

  test('every visible pixel lies in a drawn row, and few more rows are drawn than are seen', () => {
    const view = fc.record({
      top: fc.double({ min: 0, max: 1e6, noNaN: true }),
      height: fc.integer({ min: 1, max: 3000 }),
      rowHeight: fc.integer({ min: 10, max: 400 }),
      rows: fc.integer({ min: 1, max: 120_000 }),
    });
    fc.assert(
      fc.property(view, (given) => {
        const all = given.rows * given.rowHeight;
        const top = Math.min(given.top, Math.max(0, all - given.height));
        const { first, last } = rowsInView({ ...given, top }, 3);
        expect(first * given.rowHeight).toBeLessThanOrEqual(top);
        expect((last + 1) * given.rowHeight).toBeGreaterThanOrEqual(Math.min(all, top + given.height));
        expect(last - first + 1).toBeLessThanOrEqual(Math.ceil(given.height / given.rowHeight) + 1 + 6);
      }),
    );
  });
});

test('a grid uses all of its width, with cells no smaller than asked', () => {
  expect(gridShape(1000, 120_000, 150, 8)).toEqual({ columns: 6, cellWidth: (1000 - 40) / 6, rows: 20_000 });
  expect(gridShape(100, 3, 150, 8)).toEqual({ columns: 1, cellWidth: 100, rows: 3 });
  expect(gridShape(1000, 0, 150, 8).rows).toBe(0);
});

describe('keys in a grid', () => {
  // 0 1 2 3
  // 4 5 6 7
  // 8 9
  const grid = { columns: 4, count: 10, pageRows: 2 };
  test.each([
    ['ArrowRight', 3, 4],
    ['ArrowRight', 9, 9],
    ['ArrowLeft', 0, 0],
    ['ArrowDown', 1, 5],
    ['ArrowDown', 7, 9], // the last row is shorter: its last cell
    ['ArrowDown', 9, 9],
    ['ArrowUp', 5, 1],
    ['ArrowUp', 2, 2],
    ['Home', 6, 4],
    ['End', 5, 7],
    ['End', 8, 9],
    ['PageDown', 1, 9],
    ['PageUp', 9, 1],
  ])('%s from %d leads to %d', (key, from, to) => expect(nextCell(key, from, grid)).toBe(to));

  test('with Ctrl to the first and the last of all', () => {
    expect(nextCell('Home', 6, grid, true)).toBe(0);
    expect(nextCell('End', 1, grid, true)).toBe(9);
  });

  test('other keys do not move', () => expect(nextCell('a', 6, grid)).toBeUndefined());
});

test('scrolling moves no more than it must', () => {
  expect(scrollTo(5, 100, 300, 400)).toBe(300);
  expect(scrollTo(2, 100, 300, 400)).toBe(200);
  expect(scrollTo(7, 100, 300, 400)).toBe(400);
});
