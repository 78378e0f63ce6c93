/** Numbers, tables and metrics as a person reads them. */
import { expect, test } from 'vitest';
import { metricsLine, metricsText } from '../../main/cli/metrics.ts';
import { bytes, count, decimal, duration } from '../../main/cli/numbers.ts';
import { facts, table } from '../../main/cli/table.ts';

test.each([
  [0, '0'],
  [0.3, '0.3'],
  [74.20999, '74.21'],
  [1.23456e-5, '0.00001235'],
  [1e-9, '1e-9'],
  [9999.6, '10,000'],
  [-123_456.7, '-123,457'],
  [Number.NaN, 'NaN'],
])('decimal(%d) is %s', (value, text) => {
  expect(decimal(value)).toBe(text);
});

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [1000, '1.0 kB'],
  [12_345, '12 kB'],
  [999_600, '1.0 MB'],
  [5e14, '500 TB'],
])('bytes(%d) is %s', (value, text) => {
  expect(bytes(value)).toBe(text);
});

test.each([
  [0.4, '0s'],
  [59.6, '1m 00s'],
  [125, '2m 05s'],
  [3599.7, '1h 00m'],
  [11_520, '3h 12m'],
])('duration(%d) is %s', (seconds, text) => {
  expect(duration(seconds)).toBe(text);
});

test('counts are grouped', () => {
  expect(count(1_581_312)).toBe('1,581,312');
});

test('a column of numbers stands to the right, others to the left, gaps are dashes', () => {
  const text = table(
    ['name', 'value'],
    [
      ['a', 1],
      ['long', 12.5],
      ['many', 1500],
      ['gap', null],
    ],
  );
  expect(text).toBe(['name  value', 'a         1', 'long   12.5', 'many  1,500', 'gap       -'].join('\n'));
});

test('facts are aligned', () => {
  expect(
    facts([
      ['run', 'x'],
      ['status', undefined],
    ]),
  ).toBe('run     x\nstatus  -');
});

test('groups of metrics come below the plain ones', () => {
  const metrics = { accuracy: 74.2, perAnswerType: { number: 50, 'yes/no': 98.4 } };
  expect(metricsLine(metrics)).toBe('accuracy 74.2');
  expect(metricsText(metrics)).toBe('accuracy  74.2\n\nperAnswerType\n  number  50\n  yes/no  98.4');
});
