/** Rows fetched page by page: what is asked for, what is kept, what is forgotten. */
import { expect, test, vi } from 'vitest';
import { PagedRows } from '../../renderer/lib/paged-rows.ts';

/** Rows that are their own index, answered when `answer` is called. */
function slowRows(length: number, { keep = 4, parallel = 2, around = 0 } = {}) {
  const asked: number[] = [];
  const signals: AbortSignal[] = [];
  const waiting: (() => void)[] = [];
  const onerror = vi.fn();
  const rows = new PagedRows<number>({
    length,
    pageSize: 10,
    keep,
    parallel,
    around,
    onerror,
    fetch: (first, count, signal) => {
      asked.push(first);
      signals.push(signal);
      return new Promise((done) => {
        waiting.push(() => done(Array.from({ length: count }, (_, at) => first + at)));
      });
    },
  });
  const answer = async () => {
    waiting.shift()!();
    await new Promise(setImmediate);
  };
  return { rows, asked, signals, answer, onerror };
}

test('pages in view are fetched once, so many at a time, and then there', async () => {
  const { rows, asked, answer } = slowRows(95);
  rows.need(5, 25);
  rows.need(5, 25);
  expect(asked).toEqual([0, 10]);
  expect(rows.at(7)).toBeUndefined();
  await answer();
  expect(asked).toEqual([0, 10, 20]);
  expect(rows.at(7)).toBe(7);
  expect(rows.at(17)).toBeUndefined();
});

test('the last page is short', async () => {
  const { rows, answer } = slowRows(95);
  rows.need(90, 99);
  await answer();
  expect(rows.at(94)).toBe(94);
  expect(rows.at(95)).toBeUndefined();
});

test('what has scrolled away is taken back, and makes room for what is in view', async () => {
  const { rows, asked, signals, answer, onerror } = slowRows(10_000);
  rows.need(0, 19);
  rows.need(5000, 5009);
  expect(asked).toEqual([0, 10, 5000]);
  expect(signals.map(({ aborted }) => aborted)).toEqual([true, true, false]);
  for (const _ of asked) await answer();
  expect(rows.at(0)).toBeUndefined();
  expect(rows.at(5009)).toBe(5009);
  expect(onerror).not.toHaveBeenCalled();
});

test('pages around the view come once all in view is there', async () => {
  const { rows, asked, answer } = slowRows(10_000, { around: 1 });
  rows.need(500, 509);
  expect(asked).toEqual([500]);
  await answer();
  expect(asked).toEqual([500, 510, 490]);
});

test('pages far from the view are let go of', async () => {
  const { rows, answer } = slowRows(10_000);
  for (let first = 0; first < 1000; first += 10) {
    rows.need(first, first + 9);
    await answer();
  }
  const held = Array.from({ length: 100 }, (_, page) => page).filter((page) => rows.at(page * 10) !== undefined);
  expect(held).toEqual([96, 97, 98, 99]);
});

test('a page that fails is told, and asked for again only when it is needed again', async () => {
  const onerror = vi.fn();
  const fetch = vi.fn(async () => Promise.reject(new Error('gone')));
  const rows = new PagedRows<number>({ length: 10, pageSize: 10, onerror, fetch });
  rows.need(0, 9);
  await new Promise(setImmediate);
  expect(onerror).toHaveBeenCalledOnce();
  expect(fetch).toHaveBeenCalledOnce();
  rows.need(0, 9);
  expect(fetch).toHaveBeenCalledTimes(2);
});
