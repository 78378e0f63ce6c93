/** `dept bench` with the bundled T5, each measurement in its own process. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { dept } from './fake-host.ts';

let home: string;
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'dept-bench-cli-'));
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

/** Each measurement starts a process, which a busy machine takes its time for. */
const TIMEOUT = 120_000;
const step = ['bench', '--model', 'scenes-t5', '--what', 'step'];

test('measures, prints a table and writes a report', { timeout: TIMEOUT }, async () => {
  const output = join(home, 'report.html');
  const { exitCode, stdout } = await dept([...step, '--repeat', '1', '--output', output], { home });
  expect(exitCode).toBe(0);
  expect(stdout).toMatch(/^scenes-t5 +vl +DePT m = 20, r = /m);
  expect(readFileSync(output, 'utf8')).toContain('<td>scenes-t5</td>');
});

test('as JSON, with the memory of the process that measured', { timeout: TIMEOUT }, async () => {
  const { stdout } = await dept([...step, '--repeat', '2', '--json'], { home });
  const { results, refused } = JSON.parse(stdout);
  expect(refused).toEqual([]);
  expect(results).toMatchObject([{ what: 'step', model: 'scenes-t5', shape: 'vl', method: { promptLength: 20 } }]);
  expect(results[0].seconds).toHaveLength(2);
  expect(results[0].memory).toBeGreaterThan(30e6);
});

test('Ctrl-C ends the measurement', async () => {
  const { exitCode, stdout } = await dept([...step, '--json'], {
    home,
    interruptible: (press) => void setImmediate(press),
  });
  expect(exitCode).toBe(1);
  expect(JSON.parse(stdout).error.code).toBe('cancelled');
});

test('refuses a model that is not there, a shape and an output that do not exist', { timeout: TIMEOUT }, async () => {
  const missing = await dept(['bench', '--model', 'nope', '--what', 'step'], { home });
  expect(missing).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('nope') });
  const shape = await dept([...step, '--shape', 'square'], { home });
  expect(shape).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('vl, vl-1, glue') });
  const output = join(home, 'plot.png');
  expect(await dept([...step, '--output', output], { home })).toMatchObject({ exitCode: 2 });
  expect(existsSync(output)).toBe(false);
});
