/** `metrics.jsonl` followed: as it grows, is cut back, is written while it is read, and where it is damaged. */
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { filterJsonLines, lastJsonLine } from '../../engine/runs/json-lines.ts';
import { Measurements } from '../../engine/runs/measurements.ts';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'dept-measurements-'));
  path = join(folder, 'metrics.jsonl');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const line = (step: number): string =>
  `${JSON.stringify({ step, epoch: 0, loss: step / 2, gradientNorm: 1, rates: { prompt: 0.1 }, samplesPerSecond: 3, seconds: step * 2, memory: 7 })}\n`;
const lines = (from: number, to: number): string =>
  Array.from({ length: to - from + 1 }, (_, i) => line(from + i)).join('');

test('follows what is appended, half a line included once it is whole', async () => {
  const measured = new Measurements(path);
  await measured.update();
  expect(measured.steps.step).toEqual([]);
  const { version } = measured;

  writeFileSync(path, lines(1, 3) + line(4).slice(0, 20));
  await measured.update();
  expect(measured.steps.step).toEqual([1, 2, 3]);
  appendFileSync(path, line(4).slice(20));
  appendFileSync(path, '{"step":4,"seconds":9,"metrics":{"accuracy":5}}\n');
  await measured.update();
  expect(measured.steps).toMatchObject({ step: [1, 2, 3, 4], loss: [0.5, 1, 1.5, 2], seconds: [2, 4, 6, 8] });
  expect(measured.steps.rates).toEqual({ prompt: [0.1, 0.1, 0.1, 0.1] });
  expect(measured.evaluations).toEqual([{ step: 4, seconds: 9, metrics: { accuracy: 5 } }]);
  expect(measured.version).toBe(version);
});

test('starts over where the file was cut back, even when it has grown past the old end meanwhile', async () => {
  const measured = new Measurements(path);
  writeFileSync(path, lines(1, 5));
  await measured.update();
  const { version } = measured;
  filterJsonLines(path, (value) => (value as { step: number }).step <= 2);
  appendFileSync(path, lines(3, 9));
  await measured.update();
  expect(measured.steps.step).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  expect(measured.version).not.toBe(version);
  rmSync(path);
  await measured.update();
  expect(measured.steps.step).toEqual([]);
});

test('reads a file of many chunks, and lines longer than one', async () => {
  const long = `${JSON.stringify({ step: 0, metrics: { note: 'ü'.repeat(1_500_000) } })}\n`;
  writeFileSync(path, long + lines(1, 20_000));
  const measured = new Measurements(path);
  await Promise.all([measured.update(), measured.update()]);
  expect(measured.evaluations).toHaveLength(1);
  expect(measured.steps.step).toEqual(Array.from({ length: 20_000 }, (_, i) => i + 1));
});

test('older programs measured less: what is missing is not a number', async () => {
  writeFileSync(path, '{"step":1,"loss":2}\n{"step":2,"loss":1,"seconds":3,"rates":{"prompt":4}}\n');
  const measured = new Measurements(path);
  await measured.update();
  expect(measured.steps.seconds).toEqual([Number.NaN, 3]);
  expect(measured.steps.rates).toEqual({ prompt: [Number.NaN, 4] });
});

test('a group of rates that is missing from a line is not a number there, and what comes after stays in its row', async () => {
  writeFileSync(
    path,
    '{"step":1,"loss":2,"rates":{"a":1,"__proto__":5}}\n{"step":2,"loss":1,"rates":{"b":2}}\n{"step":3,"loss":1,"rates":{"a":3}}\n',
  );
  const measured = new Measurements(path);
  await measured.update();
  expect({ ...measured.steps.rates }).toMatchObject({ a: [1, Number.NaN, 3], b: [Number.NaN, 2, Number.NaN] });
});

test.each(['null', '5', '[]', '{"step":"1","loss":1}', '{"step":-1,"loss":1}', '{"step":1,"metrics":null}'])(
  'the line %s is damaged',
  async (line) => {
    writeFileSync(path, `${line}\n`);
    await expect(new Measurements(path).update()).rejects.toMatchObject({ code: 'bad-file', details: { path } });
  },
);

test('a damaged line is an error, and the lines after it are there once it is repaired', async () => {
  writeFileSync(path, `${line(1)}oops\n${line(2)}`);
  const measured = new Measurements(path);
  await expect(measured.update()).rejects.toEqual(expect.objectContaining({ code: 'bad-file' }));
  filterJsonLines(path, () => true);
  await measured.update();
  expect(measured.steps.step).toEqual([1, 2]);
});

test('the last line of a kind, from the end of the file', () => {
  const evaluation = `{"step":3,"metrics":{"note":"${'x'.repeat(50_000)}"}}\n`;
  expect(lastJsonLine(path, () => true)).toBeUndefined();
  writeFileSync(path, lines(1, 3) + evaluation + line(4).slice(0, 9));
  const hasLoss = (value: unknown): boolean => 'loss' in (value as object);
  expect(lastJsonLine(path, hasLoss)).toMatchObject({ step: 3, loss: 1.5 });
  expect(lastJsonLine(path, (value) => 'other' in (value as object))).toBeUndefined();
  writeFileSync(path, 'half a line');
  expect(lastJsonLine(path, () => true)).toBeUndefined();
});
