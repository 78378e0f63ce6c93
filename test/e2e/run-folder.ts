/** What a run has on the disk, whatever a page says. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { patience } from './app.ts';

/** The steps whose loss was measured, in the order in which they stand there; a line that is being written is left out. */
export function measuredSteps(home: string, run: string): number[] {
  const path = join(home, 'runs', run, 'metrics.jsonl');
  if (!existsSync(path)) return [];
  const lines = readFileSync(path, 'utf8').split('\n').slice(0, -1);
  return lines.flatMap((line) => {
    const { step, loss } = JSON.parse(line) as { step: number; loss?: number };
    return loss === undefined ? [] : [step];
  });
}

/** The step of the newest checkpoint. */
export function savedStep(home: string, run: string): number {
  const path = join(home, 'runs', run, 'last.json');
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as { step: number }).step : 0;
}

/** Waits until so much is saved; gives what is. */
export async function untilSaved(home: string, run: string, least: number): Promise<number> {
  await expect.poll(() => savedStep(home, run), { timeout: patience }).toBeGreaterThanOrEqual(least);
  return savedStep(home, run);
}

/** Each step from the first to the last, once. */
export function everyStep(last: number): number[] {
  return Array.from({ length: last }, (_, position) => position + 1);
}
