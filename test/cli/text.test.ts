/** Numbers, tables and metrics as a person reads them. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { DeptError } from '../../engine/common/errors.ts';
import type { JobHooks } from '../../engine/contract/jobs.ts';
import { metricsLine, metricsText } from '../../main/cli/metrics.ts';
import { bytes, count, decimal, duration } from '../../main/cli/numbers.ts';
import { printable } from '../../main/cli/printable.ts';
import { facts, table } from '../../main/cli/table.ts';
import { dept } from './fake-host.ts';

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

test('control characters of a text are spelt out, newlines and tabs stay', () => {
  const hostile = 'a\u001b[2J\u001b]0;title\u0007\rb\u009b1A\u202ec\u007f\n\td é 日本 👩‍🚀';
  expect(printable(hostile)).toBe('a\\u001b[2J\\u001b]0;title\\u0007\\u000db\\u009b1A\\u202ec\\u007f\n\td é 日本 👩‍🚀');
});

test('these are control characters and the marks that turn the direction, and no others', () => {
  const all = Array.from({ length: 0x10000 }, (_, code) => code);
  const spelt = all.filter((code) => printable(String.fromCharCode(code)) !== String.fromCharCode(code));
  const isMeant = (char: string): boolean => /[\p{Cc}\u202a-\u202e\u2066-\u2069]/u.test(char) && !/[\n\t]/.test(char);
  expect(spelt).toEqual(all.filter((code) => isMeant(String.fromCharCode(code))));
});

const ways = ['answer', 'message', 'failure', 'answer as JSON', 'failure as JSON'] as const;
test.each(ways)('a terminal obeys no text of a stranger (%s)', async (way) => {
  const text = 'a cat\u001b]0;owned\u0007\u009b2J\u202e';
  const home = mkdtempSync(join(tmpdir(), 'dept-text-'));
  onTestFinished(() => rmSync(home, { recursive: true }));
  const service = {
    ask: async (_request: unknown, { progress }: JobHooks = {}) => {
      if (way === 'message') progress?.({ task: text, done: 1, unit: text });
      if (way.startsWith('failure')) throw new DeptError('bad-file', text, { got: text });
      return { answer: text } as never;
    },
  };
  const json = way.endsWith('JSON');
  const words = ['ask', 'picture.jpg', 'what?', '--run', 'r', ...(json ? ['--json'] : [])];
  const { stdout, stderr } = await dept(words, { home, service });
  expect(stdout + stderr).toContain('a cat\\u001b]0;owned\\u0007\\u009b2J\\u202e');
  expect(printable(stdout + stderr)).toBe(stdout + stderr);
  if (json) expect(JSON.stringify(JSON.parse(stdout))).toContain(JSON.stringify(text));
});

test('groups of metrics come below the plain ones', () => {
  const metrics = { accuracy: 74.2, perAnswerType: { number: 50, 'yes/no': 98.4 } };
  expect(metricsLine(metrics)).toBe('accuracy 74.2');
  expect(metricsText(metrics)).toBe('accuracy  74.2\n\nperAnswerType\n  number  50\n  yes/no  98.4');
});
