/** Runs as pages and the command line show them: read from their folders, whoever trains them. */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { DeptError } from '../common/errors.ts';
import { checkJson } from '../common/json.ts';
import { parseTrainConfig } from '../contract/parse-config.ts';
import {
  type FirstBatch,
  type RunDetails,
  type RunList,
  type RunLog,
  type RunSamples,
  type RunSummary,
  runLogSchema,
  sampleSchema,
} from '../contract/runs.ts';
import { trainCommand } from '../contract/train-command.ts';
import type { Checkpoints } from '../runs/checkpoints.ts';
import { isMeasurement, isStep } from '../runs/measurements.ts';
import { RunFolder } from '../runs/run-folder.ts';
import { listRuns, openRun } from '../runs/run-library.ts';
import { readFirstBatch } from './first-batch.ts';
import type { MeasurementShelf } from './run-series.ts';

type Config = Readonly<Record<string, unknown>>;

/** The setting at a path of a config of any age; undefined where it is not of this type. */
function text(config: unknown, path: string): string | undefined {
  const value = path.split('.').reduce<unknown>((part, key) => (part as Config | null | undefined)?.[key], config);
  return typeof value === 'string' ? value : undefined;
}

function taskOf(config: unknown): RunSummary['task'] {
  const task = text(config, 'task');
  return task === 'vqa' || task === 'caption' ? task : undefined;
}

const isAmount = (value: unknown): value is number => typeof value === 'number';

/** What a list says of the run. Throws `bad-file` where its folder cannot be read. */
export function summarise(run: RunFolder): RunSummary {
  const { created, config, error, parameters } = run.record();
  const newest = run.last('metrics', (line) => isMeasurement(line) && isAmount(line.loss));
  const best = run.checkpoints.best();
  const { steps } = config;
  return {
    id: run.id,
    created,
    state: run.state(),
    task: taskOf(config),
    dataset: text(config, 'dataset.name'),
    vision: text(config, 'vision.model'),
    language: text(config, 'language.model'),
    method: text(config, 'method.name'),
    steps: isStep(steps) ? steps : undefined,
    step: isStep(newest?.step) ? newest.step : 0,
    loss: isAmount(newest?.loss) ? newest.loss : undefined,
    seconds: isAmount(newest?.seconds) ? newest.seconds : undefined,
    best: best?.metric && { step: best.step, metric: best.metric.name, value: best.metric.value },
    parameters,
    error,
    note: run.note(),
  };
}

/** All runs, newest first. One that cannot be read does not hide the others. */
export function runList(home: string): RunList {
  const listed = listRuns(home);
  const runs: RunSummary[] = [];
  const broken = listed.broken.map(({ name, error }) => ({ name, error: error.toRecord() }));
  for (const { id, folder } of listed.runs.toReversed()) {
    try {
      runs.push(summarise(new RunFolder(folder)));
    } catch (error) {
      if (!(error instanceof DeptError)) throw error;
      broken.push({ name: id, error: error.toRecord() });
    }
  }
  return { runs, broken };
}

function bytesIn(folder: string): number {
  return readdirSync(folder).reduce(
    (sum, file) => sum + (statSync(join(folder, file), { throwIfNoEntry: false })?.size ?? 0),
    0,
  );
}

function checkpointsOf(checkpoints: Checkpoints): RunDetails['checkpoints'] {
  const [best, last] = [checkpoints.best()?.step, checkpoints.last()?.step];
  return checkpoints.steps().map((step) => {
    return { step, isBest: step === best, isLast: step === last, bytes: bytesIn(checkpoints.folder(step)) };
  });
}

/** The command that trains with this config; undefined where today's program does not know such a config. */
function commandOf(config: unknown): string | undefined {
  try {
    return trainCommand(parseTrainConfig(config));
  } catch (error) {
    if (error instanceof DeptError) return undefined;
    throw error;
  }
}

/** Throws as `openRun`, and `bad-file`. */
export async function runDetails(home: string, name: string, shelf: MeasurementShelf): Promise<RunDetails> {
  const run = openRun(home, name);
  const { config, fingerprints, versions } = run.record();
  const { evaluations } = await shelf.measured(run);
  return {
    ...summarise(run),
    folder: run.folder,
    config,
    command: commandOf(config),
    checkpoints: checkpointsOf(run.checkpoints),
    evaluations: evaluations.length,
    fingerprints,
    versions,
  };
}

const sampleLine = sampleSchema.extend({ step: z.int().nonnegative() });

/** Predictions on the first validation items, by evaluation. Throws as `openRun`, and `bad-file`. */
export function runSamples(home: string, name: string): RunSamples {
  const run = openRun(home, name);
  const lines = checkJson(run.read('samples').values, z.array(sampleLine), run.logPath('samples'));
  const evaluations = [...Map.groupBy(lines, ({ step }) => step)];
  return {
    evaluations: evaluations.map(([step, items]) => ({ step, items: items.map(({ step: _, ...item }) => item) })),
  };
}

/** The log from byte `from` on. Throws as `openRun`, and `bad-file`. */
export function runLog(home: string, { run: name, from }: { readonly run: string; readonly from: number }): RunLog {
  const run = openRun(home, name);
  const { values: lines, next } = run.read('log', from);
  return checkJson({ lines, next }, runLogSchema, run.logPath('log'));
}

/** Throws as `openRun`, and `bad-file`. */
export function runFirstBatch(home: string, name: string): { readonly batch: FirstBatch | null } {
  return { batch: readFirstBatch(openRun(home, name)) };
}

/** Throws as `openRun`. */
export function noteRun(home: string, { run, note }: { readonly run: string; readonly note: string }): void {
  openRun(home, run).setNote(note.trim());
}
