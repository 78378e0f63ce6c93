/** Series for charts: thinned out without losing a spike, and followed by appending. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type RunSeries, runSeriesSchema, seriesQuerySchema } from '../../engine/contract/runs.ts';
import type { RunFolder } from '../../engine/runs/run-folder.ts';
import { createRun } from '../../engine/runs/run-library.ts';
import { MeasurementShelf, runSeries, thinnedRows } from '../../engine/service/run-series.ts';

let home: string;
let run: RunFolder;
let shelf: MeasurementShelf;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'dept-series-'));
  const config = { evaluation: { metric: 'accuracy' } };
  run = createRun(home, { label: 'r', config, fingerprints: {}, versions: {} });
  shelf = new MeasurementShelf();
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const stepLine = (step: number, loss = 1 / step) => ({
  step,
  epoch: 0,
  loss,
  gradientNorm: 1,
  rates: { prompt: 0.3, projection: step },
  samplesPerSecond: 10,
  seconds: step / 10,
  memory: 1e9,
});

/** What a page gets: through the schemas, and JSON, as over a port. */
async function ask(query: object = {}): Promise<RunSeries> {
  const answer = await runSeries(home, seriesQuerySchema.parse({ run: run.id, ...query }), shelf);
  return runSeriesSchema.parse(JSON.parse(JSON.stringify(answer)));
}

describe('following', () => {
  test('first all, then what came since, then all again after a resume that went back', async () => {
    for (let step = 1; step <= 5; step += 1) run.appendMetrics(stepLine(step));
    const first = await ask();
    expect(first).toMatchObject({ reset: true, total: 5, step: [1, 2, 3, 4, 5], evaluations: [] });
    expect(first.rates).toEqual({ prompt: [0.3, 0.3, 0.3, 0.3, 0.3], projection: [1, 2, 3, 4, 5] });
    expect(first.memory).toEqual([1e9, 1e9, 1e9, 1e9, 1e9]);

    run.appendMetrics(stepLine(6));
    run.appendMetrics({ step: 6, seconds: 0.9, metrics: { accuracy: 40, perAnswerType: { number: 1 } } });
    const second = await ask({ cursor: first.cursor });
    expect(second).toMatchObject({ reset: false, total: 6, step: [6], seconds: [0.6] });
    expect(second.evaluations).toEqual([{ step: 6, seconds: 0.9, metrics: { accuracy: 40 }, best: true }]);
    expect(await ask({ cursor: second.cursor })).toMatchObject({ reset: false, step: [], evaluations: [] });

    run.truncateMetrics(4);
    run.appendMetrics(stepLine(5));
    expect(await ask({ cursor: second.cursor })).toMatchObject({ reset: true, step: [1, 2, 3, 4, 5], evaluations: [] });
  });

  test('another process knows no cursor of this one, nor does anybody one that was made up', async () => {
    run.appendMetrics(stepLine(1));
    const { cursor } = await ask();
    shelf = new MeasurementShelf();
    expect(await ask({ cursor })).toMatchObject({ reset: true, step: [1] });
    for (const wrong of ['', 'x', `${cursor.split(' ')[0]} 99 0`, `${cursor.split(' ')[0]} -1 0`]) {
      expect(await ask({ cursor: wrong }), wrong).toMatchObject({ reset: true, step: [1] });
    }
  });

  test('an evaluation is marked where it was better than all before it', async () => {
    [30, 50, 50, 40, 60].forEach((accuracy, i) => {
      run.appendMetrics({ step: i + 1, metrics: { accuracy } });
    });
    const { evaluations } = await ask();
    expect(evaluations.map(({ best }) => best)).toEqual([true, true, false, false, true]);
    expect(evaluations[0]!.seconds).toBeNull();
  });

  test('only the columns that are asked for', async () => {
    run.appendMetrics(stepLine(1));
    expect(Object.keys(await ask({ columns: ['loss'] })).sort()).toEqual([
      'cursor',
      'evaluations',
      'loss',
      'reset',
      'seconds',
      'step',
      'total',
    ]);
  });
});

describe('thinning', () => {
  test('keeps spikes and the newest rows, and no more than asked for', () => {
    const loss = Array.from({ length: 50_000 }, (_, i) => Math.sin(i));
    const norm = loss.map(() => 1);
    loss[12_345] = 99;
    loss[23_456] = -99;
    norm[34_567] = 1e6;
    const rows = thinnedRows([loss, norm], 0, loss.length, 2000);
    expect(rows.length).toBeLessThanOrEqual(2000);
    expect(rows.length).toBeGreaterThan(1000);
    expect(rows).toEqual([...new Set(rows)].sort((a, b) => a - b));
    expect(rows).toEqual(expect.arrayContaining([12_345, 23_456, 34_567]));
    expect(rows.slice(-200)).toEqual(Array.from({ length: 200 }, (_, i) => 49_800 + i));
  });

  test('without a column that jumps the rows are spread evenly', () => {
    const rows = thinnedRows([], 0, 10_000, 100);
    expect(rows).toHaveLength(100);
    expect(rows[0]).toBe(0);
    expect(rows.at(-1)).toBe(9999);
  });

  test('rows that came since are not thinned out while they are few', () => {
    expect(thinnedRows([[1, 2, 3, 4]], 2, 4, 100)).toEqual([2, 3]);
    expect(thinnedRows([[1]], 1, 1, 100)).toEqual([]);
  });
});

test('50,000 steps: each answer after the first within 100 ms', async () => {
  const lines = Array.from({ length: 50_000 }, (_, i) => JSON.stringify(stepLine(i + 1)));
  writeFileSync(run.logPath('metrics'), `${lines.join('\n')}\n`);
  const { cursor } = await ask();
  const times: number[] = [];
  for (let i = 0; i < 5; i += 1) {
    run.appendMetrics(stepLine(50_001 + i));
    const begun = performance.now();
    const all = await runSeries(home, { run: run.id, points: 2000 }, shelf);
    const since = await runSeries(home, { run: run.id, cursor, points: 2000 }, shelf);
    times.push((performance.now() - begun) / 2);
    expect(all.step.length).toBeLessThanOrEqual(2000);
    expect(since.step).toHaveLength(i + 1);
  }
  expect(Math.min(...times)).toBeLessThan(100);
});
