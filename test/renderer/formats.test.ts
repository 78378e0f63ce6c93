/** Numbers, sizes, times as they are shown. */
import { describe, expect, test } from 'vitest';
import * as formats from '../../renderer/lib/formats.ts';

describe('numbers', () => {
  test.each([
    [0, '0'],
    [0.00123, '0.00123'],
    [3.2e-7, '3.2e-7'],
    [1e-5, '1e-5'],
    [12_345.6, '12,346'],
    [66.912345, '66.91'],
    [-0.5, '-0.5'],
    [2.5e12, '2.5e12'],
    [Number.NaN, '–'],
  ])('%d measured is %s', (value, text) => expect(formats.measured(value)).toBe(text));

  test('counts, shares, differences', () => {
    expect(formats.count(120_000)).toBe('120,000');
    expect(formats.plural(1, 'picture')).toBe('1 picture');
    expect(formats.plural(2, 'query', 'queries')).toBe('2 queries');
    expect(formats.compact(65_600_000)).toBe('65.6M');
    expect(formats.percent(0.0043)).toBe('0.43 %');
    expect(formats.percent(0.669)).toBe('66.9 %');
    expect(formats.signed(2.314)).toBe('+2.31');
    expect(formats.signed(-2.314)).toBe('−2.31');
    expect(formats.signed(-0.001)).toBe('±0.00');
    expect(formats.signed(-1234.5, 1)).toBe('−1,234.5');
    expect(formats.signedBy(formats.duration, -467)).toBe('−7 min 47 s');
    expect(formats.signedBy(formats.count, 0)).toBe('±0');
    expect(formats.signedBy(formats.count, Number.NaN)).toBe('–');
  });
});

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [1000, '1.0 kB'],
  [242_043_056, '242 MB'],
  [999_600_000, '1.0 GB'],
  [8.5e12, '8.5 TB'],
])('%d bytes are %s', (value, text) => expect(formats.bytes(value)).toBe(text));

test.each([
  [0.0123, '12 ms'],
  [0.9996, '1.0 s'],
  [9.96, '10 s'],
  [59.4, '59 s'],
  [59.6, '1 min'],
  [200, '3 min 20 s'],
  [3599.7, '1 h'],
  [7500, '2 h 5 min'],
  [86_399, '1 d'],
  [273_600, '3 d 4 h'],
])('%d seconds are %s', (value, text) => expect(formats.duration(value)).toBe(text));

test('speeds: a second or more for one thing is said the other way round', () => {
  expect(formats.rate(12.43, 'images')).toBe('12.4 images/s');
  expect(formats.rate(0.25, 'steps')).toBe('4.0 s per step');
  expect(formats.rate(0, 'steps')).toBe('–');
  expect(formats.rate(12_345_678, 'bytes')).toBe('12.3 MB/s');
});

test('how long ago', () => {
  const now = Date.UTC(2026, 10, 24, 12);
  expect(formats.ago(now - 2000, now)).toBe('just now');
  expect(formats.ago(now - 300_000, now)).toBe('5 minutes ago');
  expect(formats.ago(now - 26 * 3_600_000, now)).toBe('yesterday');
  expect(formats.ago('2026-01-02T12:00:00Z', now)).toBe('2 Jan 2026');
  expect(formats.agoShort(now - 300_000, now)).toBe('5 min ago');
});

test('beside an axis, sizes that differ are written differently', () => {
  expect([0, 550e6, 1.2e9, 1.25e9].map(formats.bytesOnAxis)).toEqual(['0', '550 MB', '1.2 GB', '1.25 GB']);
});
