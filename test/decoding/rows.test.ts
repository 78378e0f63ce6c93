import { expect, test } from 'vitest';
import { Rows } from '../../engine/decoding/rows.ts';

const flat = (rows: Rows): number[] => [...(rows.value().data as Float32Array)];

test('rows are appended in order, however the block grows', () => {
  const rows = new Rows([2]);
  expect(rows.value().shape).toEqual([0, 2]);
  for (let i = 0; i < 5; i += 1) rows.append(Float32Array.of(2 * i, 2 * i + 1));
  rows.append(Float32Array.of(10, 11, 12, 13));
  expect(rows.value().shape).toEqual([7, 2]);
  expect(flat(rows)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13]);
});

test('the last row fills the gap of one taken out', () => {
  const rows = new Rows([1, 2], Float32Array.of(0, 1, 2, 3, 4, 5));
  rows.remove(0);
  expect(flat(rows)).toEqual([4, 5, 2, 3]);
  rows.remove(1);
  expect(flat(rows)).toEqual([4, 5]);
  rows.append(Float32Array.of(8, 9));
  expect(flat(rows)).toEqual([4, 5, 8, 9]);
  rows.remove(0);
  rows.remove(0);
  expect(rows.value().shape).toEqual([0, 1, 2]);
});
