/** `dept bench`: what is measured for a request, small measurements carried out, and how results are shown. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { solveRank } from '../../engine/contract/budget.ts';
import { readT5Config } from '../../engine/models/t5/config.ts';
import { measureDecoding } from '../../engine/service/bench/decoding.ts';
import { measureFeatures, writePhotographs } from '../../engine/service/bench/features.ts';
import { type Measured, measurementsOf } from '../../engine/service/bench/measurements.ts';
import { benchPlot } from '../../engine/service/bench/plot.ts';
import { benchReport } from '../../engine/service/bench/report.ts';
import { FULL_LENGTH, measureStep } from '../../engine/service/bench/step.ts';
import { benchTables } from '../../engine/service/bench/tables.ts';
import { median } from '../../engine/service/bench/timing.ts';
import type { MemoryMode } from '../../engine/service/memory-modes.ts';
import { bundledModelsFolder } from '../../engine/weights/bundled.ts';

const t5 = join(bundledModelsFolder(), 'scenes-t5');
const shape = { batch: 2, text: 6, visual: 4, target: 3 };
let scratch: string;
beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), 'dept-bench-test-'));
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

test('all of a request: each model and shape, prompt tuning beside five DePTs, two searches, features once', () => {
  const all = measurementsOf({
    models: ['small', 'mine'],
    shapes: ['vl', 'glue'],
    subjects: ['step', 'methods', 'decoding', 'features'],
    repeat: 2,
    threads: null,
  });
  const steps = all.filter(({ what }) => what === 'step');
  expect(steps).toHaveLength(2 * 2 * 6);
  expect(new Set(steps.map(({ model }) => model))).toEqual(new Set(['t5-small', 'mine']));
  expect(all.filter(({ what }) => what === 'decoding')).toHaveLength(2 * 2);
  expect(all.filter(({ what }) => what === 'features')).toHaveLength(1);
});

test('a step is measured with as many values as prompt tuning has, less than one rank apart', async () => {
  const { width } = readT5Config(t5);
  const tuning = await measureStep(t5, shape, { name: 'prompt-tuning', promptLength: FULL_LENGTH }, 1, scratch);
  const dept = await measureStep(t5, shape, { name: 'dept', promptLength: 40 }, 2, scratch);
  expect(tuning.parameters).toBe(FULL_LENGTH * width);
  expect(dept.rank).toBe(solveRank({ width, textLength: shape.text }, FULL_LENGTH, 40));
  expect(dept.parameters).toBeLessThanOrEqual(tuning.parameters);
  expect(dept.parameters).toBeGreaterThan(tuning.parameters - (width + shape.text));
  expect(dept.seconds).toHaveLength(2);
  // the shorter input is less work
  expect(dept.flops * median(dept.seconds)).toBeLessThan(tuning.flops * median(tuning.seconds));
});

test('a step that needs more memory than is free is refused', async () => {
  using _ = vi.spyOn(process, 'availableMemory').mockReturnValue(1e6);
  const step = measureStep(t5, shape, { name: 'dept', promptLength: 4 }, 1, scratch);
  await expect(step).rejects.toMatchObject({ code: 'unsupported', details: { got: '0.0 GB free' } });
});

test('where nine tenths of the free memory are too little for packed copies, the weights are shared', async () => {
  const modeWith = async (free: number): Promise<MemoryMode> => {
    using _ = vi.spyOn(process, 'availableMemory').mockReturnValue(free);
    return (await measureStep(t5, shape, { name: 'dept', promptLength: 4 }, 1, scratch)).mode;
  };
  // 300 MB are for the program; the weights are 12 MB, packed for each product 22 MB
  expect(await modeWith(400e6)).toEqual({ sharedWeights: false, microBatch: null, recompute: false });
  expect(await modeWith(352e6)).toEqual({ sharedWeights: true, microBatch: null, recompute: false });
});

test('decoding gives the same ids at every repetition, for every prompt', async () => {
  const [once, again] = await Promise.all([
    measureDecoding(t5, { batch: 3, source: 12, length: 5, beams: 2 }, 1),
    measureDecoding(t5, { batch: 3, source: 12, length: 5, beams: 2 }, 3),
  ]);
  expect(again.seconds).toHaveLength(3);
  expect(again.ids).toHaveLength(3);
  expect(again.ids).toEqual(once.ids);
});

test('features of made-up photographs', async () => {
  const paths = await writePhotographs(join(scratch, 'pictures'), 3);
  expect(await measureFeatures(scratch, 'scenes-clip', paths, 2, null)).toHaveLength(2);
});

const step = (name: 'dept' | 'prompt-tuning', promptLength: number, seconds: number): Measured => ({
  what: 'step',
  model: 't5-base',
  shape: 'vl',
  method: { name, promptLength },
  repeat: 3,
  threads: null,
  rank: 77,
  mode: { sharedWeights: true, microBatch: 4, recompute: false },
  parameters: 76_800,
  seconds: [seconds, seconds, 100],
  samplesPerSecond: 16 / seconds,
  flops: 1e11,
  machineFlops: 2e11,
  memory: 3e9,
});
const steps = [step('prompt-tuning', 100, 4), step('dept', 0, 2), step('dept', 40, 3)];

test('tables show the median, and the share of the rate of matrix products', () => {
  const [table] = benchTables(steps);
  expect(table!.rows[1]).toEqual([
    't5-base',
    'vl',
    'DePT m = 0, r = 77',
    'one copy of the weights, 4 examples at a time',
    76_800,
    2,
    8,
    100,
    50,
    3,
  ]);
});

test('the plot has a point for each prompt length, higher where a step takes longer, and prompt tuning above them', () => {
  const svg = String(benchPlot(steps));
  const [fast, slow] = [...svg.matchAll(/<circle cx="[\d.]+" cy="([\d.]+)"/g)].map(([, y]) => Number(y));
  expect(slow).toBeLessThan(fast!);
  const dashed = Number(/y1="([\d.]+)"[^>]*stroke-dasharray/.exec(svg)![1]);
  expect(dashed).toBeLessThan(slow!);
  expect(svg).toContain('prompt tuning l = 100: 4.00');
});

test('without methods to compare there is no plot, and a report of tables alone', () => {
  expect(() => benchPlot([steps[0]!])).toThrow(expect.objectContaining({ code: 'bad-input' }));
  const report = benchReport([steps[0]!], 'two <cores>');
  expect(report).toContain('two &lt;cores&gt;');
  expect(report).not.toContain('<svg');
});
