/** What pages are told of runs: a real one in full, and made-up ones beside it. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { TrainResult } from '../../engine/contract/calls.ts';
import {
  firstBatchAnswerSchema,
  runComparisonSchema,
  runDetailsSchema,
  runListSchema,
  runLogSchema,
  runSamplesSchema,
} from '../../engine/contract/runs.ts';
import type { RunFolder } from '../../engine/runs/run-folder.ts';
import { createRun, openRun, removeRun } from '../../engine/runs/run-library.ts';
import { compareRuns } from '../../engine/service/run-comparison.ts';
import { MeasurementShelf } from '../../engine/service/run-series.ts';
import { noteRun, runDetails, runFirstBatch, runList, runLog, runSamples } from '../../engine/service/run-views.ts';
import { openService } from '../../engine/service/service.ts';
import { configFor, fillHome, folderForFile, type MetricsLine, metricsOf } from './small-home.ts';

const home = folderForFile();
const shelf = new MeasurementShelf();
let trained: TrainResult;
beforeAll(async () => {
  await fillHome(home);
  trained = await openService({ home }).train(configFor('vqa', { targetLength: 4, maxTextLength: 8 }));
});

/** As it travels over a port. */
const travelled = <T>(schema: { parse: (value: unknown) => T }, value: unknown): T =>
  schema.parse(JSON.parse(JSON.stringify(value)));

describe('a trained run', () => {
  test('is listed with what it came to', () => {
    const { runs, broken } = travelled(runListSchema, runList(home));
    expect(broken).toEqual([]);
    expect(runs).toHaveLength(1);
    const { counts } = { counts: trained.parameters };
    expect(runs[0]).toMatchObject({
      id: trained.run,
      state: 'finished',
      task: 'vqa',
      dataset: 'small',
      vision: 'clip',
      language: 't5',
      method: 'dept',
      steps: 8,
      step: 8,
      loss: expect.any(Number),
      best: { step: trained.best!.step, metric: 'accuracy', value: trained.best!.metrics.accuracy },
      parameters: counts,
    });
    expect(runs[0]!.seconds).toBeGreaterThan(0);
    expect(runs[0]!.note).toBeUndefined();
  });

  test('measures time that only grows, and memory', () => {
    const lines = metricsOf(trained.folder) as (MetricsLine & { seconds: number; memory?: number })[];
    const seconds = lines.map((line) => line.seconds);
    expect(seconds).toEqual([...seconds].sort((a, b) => a - b));
    expect(seconds[0]).toBeGreaterThan(0);
    for (const line of lines) if (line.loss !== undefined) expect(line.memory).toBeGreaterThan(1e7);
  });

  test('is shown in full', async () => {
    const shown = travelled(runDetailsSchema, await runDetails(home, trained.run, shelf));
    expect(shown).toMatchObject({
      id: trained.run,
      folder: trained.folder,
      config: { task: 'vqa', steps: 8 },
      evaluations: 2,
      versions: { node: process.versions.node },
    });
    expect(shown.checkpoints.map(({ step }) => step)).toContain(8);
    expect(shown.checkpoints.filter(({ isLast }) => isLast)).toEqual([expect.objectContaining({ step: 8 })]);
    expect(shown.checkpoints.filter(({ isBest }) => isBest).map(({ step }) => step)).toEqual([trained.best!.step]);
    for (const { bytes } of shown.checkpoints) expect(bytes).toBeGreaterThan(trained.parameters.trained * 4);
    expect(shown.command).toMatch(/^dept train .*--dataset small/);
    expect(Object.keys(shown.fingerprints)).toContain('training data');
  });

  test('has its samples by evaluation', () => {
    const { evaluations } = travelled(runSamplesSchema, runSamples(home, trained.run));
    expect(evaluations.map(({ step, items }) => [step, items.length])).toEqual([
      [4, 6],
      [8, 6],
    ]);
    expect(evaluations[0]!.items[0]).toMatchObject({ prediction: expect.any(String), references: { length: 10 } });
    expect(evaluations[0]!.items.map(({ id }) => id)).toEqual(evaluations[1]!.items.map(({ id }) => id));
  });

  test('has a log that can be followed', () => {
    const { lines, next } = travelled(runLogSchema, runLog(home, { run: trained.run, from: 0 }));
    expect(lines.map(({ message }) => message)).toEqual([
      'Computes on cpu',
      'Training from step 0',
      'finished at step 8',
    ]);
    openRun(home, trained.run).appendLog('warning', 'late');
    const since = travelled(runLogSchema, runLog(home, { run: trained.run, from: next }));
    expect(since.lines).toEqual([{ time: expect.any(String), level: 'warning', message: 'late' }]);
  });

  test('keeps its first batch as the model saw it', () => {
    const { batch } = travelled(firstBatchAnswerSchema, runFirstBatch(home, trained.run));
    expect(batch).toMatchObject({ batchSize: 4, padding: { id: 0, text: '<pad>' } });
    expect(batch!.order.map(({ part }) => part)).toEqual(['prompt', 'text', 'visual']);
    expect(batch!.order[0]!.length).toBe(4);
    expect(batch!.order[1]!.length).toBe(Math.max(...batch!.examples.map(({ pieces }) => pieces.length)));
    expect(batch!.targetLength).toBe(Math.max(...batch!.examples.map(({ targetPieces }) => targetPieces.length)));
    expect(batch!.examples).toHaveLength(4);
    for (const example of batch!.examples) {
      expect(example.text).toMatch(/^vqa: /);
      expect(example.imageId).toMatch(/^train\//);
      expect(example.pieces.at(-1)!.text).toBe('</s>');
      expect(example.pieces.length).toBeLessThanOrEqual(8);
      const read = example.pieces
        .slice(0, -1)
        .map(({ text }) => text.replace('▁', ' '))
        .join('')
        .trim();
      if (example.cut) expect(example.text.startsWith(read)).toBe(true);
      else expect(read).toBe(example.text);
      expect(example.score).toBeGreaterThan(0);
    }
    expect(batch!.examples.some(({ cut }) => cut)).toBe(true);
  });

  test('takes a note, and its record stays as it is', () => {
    const before = openRun(home, trained.run).record();
    noteRun(home, { run: trained.run, note: ' the good one ' });
    expect(runList(home).runs[0]!.note).toBe('the good one');
    expect(openRun(home, trained.run).record()).toEqual(before);
    noteRun(home, { run: trained.run, note: '' });
    expect(runList(home).runs[0]!.note).toBeUndefined();
  });
});

describe('beside others', () => {
  const others: string[] = [];
  let made: RunFolder;
  beforeAll(() => {
    made = createRun(home, {
      label: 'old',
      config: { task: 'vqa', steps: 100, gone: 'setting', method: { name: 'dept', rank: 9 } },
      fingerprints: {},
      versions: {},
    });
    made.appendMetrics({ step: 50, loss: 2 });
    made.appendMetrics({ step: 50, metrics: { accuracy: 12.5 } });
    made.checkpoints.write(50, () => {});
    made.checkpoints.markBest(50);
    made.start();
    others.push(made.id);
  });

  test('the newest comes first; a broken one is named and hides nothing', () => {
    writeFileSync(join(openRun(home, others[0]!).folder, 'best.json'), 'oops');
    const { runs, broken } = runList(home);
    expect(runs.map(({ id }) => id)).toEqual([trained.run]);
    expect(broken).toEqual([{ name: others[0], error: expect.objectContaining({ code: 'bad-file' }) }]);
    openRun(home, others[0]!).checkpoints.markBest(50);
    expect(runList(home).runs.map(({ id }) => id)).toEqual([others[0], trained.run]);
    expect(runList(home).runs[0]).toMatchObject({ state: 'running', step: 50, loss: 2, steps: 100 });
  });

  test('a config of another time is shown, without a command', async () => {
    const shown = travelled(runDetailsSchema, await runDetails(home, others[0]!, shelf));
    expect(shown.config).toMatchObject({ gone: 'setting' });
    expect(shown.command).toBeUndefined();
    expect(runFirstBatch(home, others[0]!)).toEqual({ batch: null });
  });

  test('are compared with a baseline', async () => {
    const runs = [trained.run, others[0]!];
    const compared = travelled(runComparisonSchema, await compareRuns(home, { runs, baseline: others[0]! }, shelf));
    expect(compared.baseline).toBe(others[0]);
    expect(compared.runs.map(({ id }) => id)).toEqual(runs);
    const own = trained.best!.metrics.accuracy as number;
    expect(compared.metrics[0]).toEqual({ name: 'accuracy', values: [own, 12.5], differences: [own - 12.5, 0] });
    expect(compared.metrics.find(({ name }) => name === 'trained parameters')).toEqual({
      name: 'trained parameters',
      values: [trained.parameters.trained, null],
      differences: [null, null],
    });
    const setting = (path: string) => compared.settings.find((row) => row.path === path)?.values;
    expect(setting('method.rank')).toEqual(['4', '9']);
    expect(setting('gone')).toEqual([null, 'setting']);
    expect(setting('method.name')).toBeUndefined();
    expect(setting('evaluation.patience')).toEqual(['null', null]);
  });

  test('the baseline is one of them', async () => {
    const asked = compareRuns(home, { runs: [trained.run], baseline: others[0]! }, shelf);
    await expect(asked).rejects.toEqual(expect.objectContaining({ code: 'bad-input' }));
  });

  test('one that is being trained is not removed', () => {
    expect(() => removeRun(home, others[0]!)).toThrow(expect.objectContaining({ code: 'bad-input' }));
    made.finish('stopped');
    removeRun(home, others[0]!);
    expect(runList(home).runs.map(({ id }) => id)).toEqual([trained.run]);
  });
});
