/** Run folders, damaged: what can be read is shown, the rest is named, and no run hides another. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect } from 'vitest';
import { parseTrainConfig } from '../../engine/contract/parse-config.ts';
import {
  firstBatchAnswerSchema,
  runComparisonSchema,
  runDetailsSchema,
  runListSchema,
  runLogSchema,
  runSamplesSchema,
  runSeriesSchema,
} from '../../engine/contract/runs.ts';
import { RunFolder } from '../../engine/runs/run-folder.ts';
import { compareRuns } from '../../engine/service/run-comparison.ts';
import { MeasurementShelf, runSeries } from '../../engine/service/run-series.ts';
import { runDetails, runFirstBatch, runList, runLog, runSamples } from '../../engine/service/run-views.ts';
import { readSettings } from '../../engine/service/settings.ts';
import { settings } from '../service/small-home.ts';
import { damaged, damagedJson } from './damage.ts';
import { ScratchFolder } from './folder.ts';
import { hunt } from './hunt.ts';

const scratch = new ScratchFolder();
const home = scratch.path;
const id = '20261123-1412-vqa-dept-ab12';

const record = {
  id,
  created: '2026-11-23T14:12:00.000Z',
  status: 'stopped',
  parameters: { trained: 5, frozen: 95, share: 0.05 },
  config: parseTrainConfig({ ...settings, task: 'vqa' }),
  fingerprints: { dataset: 'ab' },
  versions: { node: '24.0.0' },
};
const lines = (values: readonly object[]): string => values.map((value) => `${JSON.stringify(value)}\n`).join('');
const metrics = [
  {
    step: 1,
    loss: 2.5,
    seconds: 1,
    gradientNorm: 1,
    samplesPerSecond: 4,
    memory: 1e9,
    rates: { prompt: 0.3, lowRank: 0 },
  },
  { step: 2, loss: 2, seconds: 2, gradientNorm: 1, rates: { prompt: 0.2 } },
  { step: 2, seconds: 3, metrics: { accuracy: 50, perAnswerType: { other: 50 } } },
];
const samples = [
  { step: 2, id: '1', imageId: 'train/1', question: 'what?', prediction: 'red', references: ['red'], score: 100 },
];
const log = [{ time: '2026-11-23T14:12:00.000Z', level: 'info', message: 'started' }];
const mark = { step: 2, metric: { name: 'accuracy', value: 50 } };
const batch = { step: 1, items: [] };

const files: Readonly<Record<string, { readonly whole: string; readonly values: readonly object[] }>> = {
  'run.json': { whole: JSON.stringify(record), values: [record] },
  'metrics.jsonl': { whole: lines(metrics), values: metrics },
  'samples.jsonl': { whole: lines(samples), values: samples },
  'log.jsonl': { whole: lines(log), values: log },
  'best.json': { whole: JSON.stringify(mark), values: [mark] },
  'last.json': { whole: JSON.stringify(mark), values: [mark] },
  'note.json': { whole: '{"note":"good"}', values: [{ note: 'good' }] },
  'first-batch.json': { whole: JSON.stringify(batch), values: [batch] },
};

function writeRun(): void {
  rmSync(join(home, 'runs'), { recursive: true, force: true });
  for (const [name, { whole }] of Object.entries(files)) scratch.write(`runs/${id}/${name}`, whole);
  scratch.write(`runs/${id}/checkpoints/2/trainer_state.json`, '{}');
  scratch.write('runs/20261123-1413-other/run.json', JSON.stringify({ ...record, id: '20261123-1413-other' }));
}

/** A file of the run, cut anywhere, with a changed value or damaged bytes. */
const damage = fc.constantFrom(...Object.keys(files)).chain((name) => {
  const { whole, values } = files[name]!;
  const asText = Buffer.from(whole);
  const cut = fc.nat(asText.length).map((length) => asText.subarray(0, length));
  const changed = name.endsWith('.jsonl')
    ? damagedJson(values).map((line) => Buffer.concat([asText, line, Buffer.from('\n')]))
    : damagedJson(values);
  return fc.oneof(cut, changed, damaged([asText])).map((bytes) => [name, bytes] as const);
});

/** Each view has the form that pages read, or is refused naming the file. */
const views: Readonly<Record<string, () => unknown>> = {
  details: async () => runDetailsSchema.parse(await runDetails(home, id, new MeasurementShelf())),
  series: async () => runSeriesSchema.parse(await runSeries(home, { run: id, points: 100 }, new MeasurementShelf())),
  samples: () => runSamplesSchema.parse(runSamples(home, id)),
  log: () => runLogSchema.parse(runLog(home, { run: id, from: 0 })),
  'first batch': () => firstBatchAnswerSchema.parse(runFirstBatch(home, id)),
  comparison: async () =>
    runComparisonSchema.parse(await compareRuns(home, { runs: [id, '20261123-1413-other'] }, new MeasurementShelf())),
  'a resume': () => {
    const run = new RunFolder(join(home, 'runs', id));
    expect(run.prepareResume()).toBeGreaterThanOrEqual(0);
    run.read('metrics'); // what was damaged is gone
    run.read('samples');
    run.read('log');
  },
};

describe('of a run with a damaged file', () => {
  for (const [name, look] of Object.entries(views)) {
    hunt(name, {
      runs: 25,
      inputs: damage,
      read: async ([file, bytes]) => {
        writeRun();
        scratch.write(`runs/${id}/${file}`, bytes);
        await look();
      },
    });
  }

  hunt('the list of runs has the others', {
    runs: 30,
    inputs: damage,
    read: ([file, bytes]) => {
      writeRun();
      scratch.write(`runs/${id}/${file}`, bytes);
      const { runs, broken } = runListSchema.parse(runList(home));
      expect(runs.map((run) => run.id)).toContain('20261123-1413-other');
      expect(runs.length + broken.length).toBe(2);
    },
  });
});

hunt('settings.json', {
  runs: 100,
  inputs: damagedJson([{ theme: 'dark', threads: 4, device: 'cpu' }]),
  read: (text) => {
    scratch.write('settings.json', text);
    expect(readSettings(home).theme).toBeTypeOf('string');
  },
});
