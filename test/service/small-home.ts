/** A home with a small drawn dataset and, under names of their own, the bundled models: for tests of the service. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { parseTrainConfig } from '../../engine/contract/parse-config.ts';
import type { Task, TrainConfig } from '../../engine/contract/train-config.ts';
import type { SceneRecipe } from '../../engine/data/scenes/recipe.ts';
import { RunFolder } from '../../engine/runs/run-folder.ts';
import { ensureSampleDataset } from '../../engine/service/sample.ts';
import { bundledModelsFolder } from '../../engine/weights/bundled.ts';
import { addModel } from '../../engine/weights/library.ts';

export const recipe: SceneRecipe = {
  name: 'small',
  seed: 3,
  size: 64,
  splits: { train: 24, val: 6, test: 8 },
  captionsPerPicture: 2,
  questionsPerPicture: 3,
  scenes: { variety: 'moderate', objects: [1, 1] },
};

/** A folder that goes when all tests of the file are done. */
export function folderForFile(): string {
  const folder = mkdtempSync(join(tmpdir(), 'dept-service-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export async function addModels(home: string): Promise<void> {
  await addModel(home, join(bundledModelsFolder(), 'scenes-clip'), 'clip');
  await addModel(home, join(bundledModelsFolder(), 'scenes-t5'), 't5');
}

export async function fillHome(home: string): Promise<void> {
  await addModels(home);
  await ensureSampleDataset(home, recipe, {});
}

/** Settings of a run of 8 steps with dropout, evaluations at 4 and 8, checkpoints also at 3 and 6. */
export const settings = {
  dataset: { name: 'small' },
  vision: { model: 'clip', layer: 3 },
  language: { model: 't5' },
  method: { name: 'dept', promptLength: 4, rank: 4, promptInit: 'vocabulary' },
  maxTextLength: 24,
  steps: 8,
  batchSize: 4,
  learningRates: { prompt: 0.05, lowRank: 0.005, projection: 0.002 },
  schedule: { warmupSteps: 2 },
  dropout: 0.1,
  evaluation: { every: 4, limit: 6, maxLength: 12, beams: 2 },
  checkpoint: { every: 3 },
} as const;

export function configFor(task: Task, changes: object = {}): TrainConfig {
  return parseTrainConfig({ ...settings, task, ...changes });
}

/** The bytes of everything that is trained, with the optimiser's moments, at a step. */
export function trainedBytes(runFolder: string, step: number): string[] {
  const folder = new RunFolder(runFolder).checkpoints.folder(step);
  return ['adapter_model.safetensors', 'trainer_state.safetensors'].map((file) =>
    readFileSync(join(folder, file)).toString('base64'),
  );
}

export interface MetricsLine {
  readonly step: number;
  readonly loss?: number;
  readonly metrics?: object;
}

export function metricsOf(runFolder: string): MetricsLine[] {
  return new RunFolder(runFolder).read('metrics').values as unknown as MetricsLine[];
}
