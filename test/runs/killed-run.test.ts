import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createRun, openRun } from '../../engine/runs/run-library.ts';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'dept-killed-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

/** Lets the process train for some steps, then kills it wherever it stands. Returns the step it started from. */
async function trainAndKill(id: string, steps: number): Promise<number> {
  const script = join(import.meta.dirname, 'endless-run.ts');
  const child: ChildProcess = spawn(process.execPath, [script, home, id], { stdio: ['ignore', 'pipe', 'inherit'] });
  const closed = once(child, 'close');
  let from = Number.NaN;
  let seen = 0;
  for await (const line of createInterface({ input: child.stdout! })) {
    if (line.startsWith('from ')) from = Number(line.slice(5));
    else seen += 1;
    if (seen === steps) child.kill('SIGKILL');
  }
  await closed;
  return from;
}

test('a killed run opens, and goes on from its last checkpoint', async () => {
  const { id } = createRun(home, { label: 'vqa-dept', config: {}, fingerprints: {}, versions: {} });
  let last = 0;
  for (const steps of [3, 8, 5]) {
    expect(await trainAndKill(id, steps)).toBe(last);
    const run = openRun(home, id);
    expect(run.state()).toBe('interrupted');
    const newest = run.checkpoints.find('last');
    last = newest.step;
    for (const file of ['a', 'b']) expect(readFileSync(join(newest.folder, file), 'utf8')).toBe(String(last));
    expect(run.checkpoints.find('best').step).toBeLessThanOrEqual(last);
    run.read('metrics');
  }
  const run = openRun(home, id);
  expect(run.prepareResume()).toBe(last);
  const steps = run.read('metrics').values.map((line) => (line as { step: number }).step);
  expect(steps).toEqual(Array.from({ length: last }, (_, i) => i + 1));
  expect(run.read('samples').values).toHaveLength(last);
});
