/** The demo: sample dataset and bundled models, from an empty home to scores beside their floors, in one call. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beginFolder, commitFolder } from '../common/folders.ts';
import type { DemoRequest, DemoResult } from '../contract/calls.ts';
import type { JobHooks, TrainHooks } from '../contract/jobs.ts';
import { parseTrainConfig } from '../contract/parse-config.ts';
import { bundledPreset } from '../contract/presets.ts';
import type { Task, TrainConfig } from '../contract/train-config.ts';
import { type Dataset, listDatasets, openDataset } from '../data/dataset.ts';
import { importDataset } from '../data/import.ts';
import { readRecipe } from '../data/scenes/recipe.ts';
import { writeSampleDataset } from '../data/scenes/sample-dataset.ts';
import { type Reference, referencesOf, score } from './evaluation.ts';
import { nearestCaptions, questionOnlyAnswers } from './floors.ts';
import { openVision } from './open-model.ts';
import { askImage, captionImages, evaluateRun } from './prediction.ts';
import { startRun } from './training-run.ts';
import { fillFeatureCache } from './visual-features.ts';

const TEST = 'test';

/** Draws the sample pictures into `<home>/samples/` and imports them like anybody's files; does nothing the second time. */
export async function ensureSampleDataset(home: string, hooks: JobHooks): Promise<string> {
  const recipe = readRecipe(fileURLToPath(new URL('../../assets/scenes/recipe.json', import.meta.url)));
  const { name } = recipe;
  if (listDatasets(home).some((info) => info.name === name && info.tasks.length === 2)) return name;
  const folder = join(home, 'samples', name);
  if (!existsSync(folder)) {
    const temporary = beginFolder(folder);
    const draw = (done: number, total: number): void =>
      hooks.progress?.({ task: 'Drawing the sample pictures', done, total, unit: 'pictures' });
    await writeSampleDataset(temporary, recipe, draw, hooks.signal);
    commitFolder(temporary, folder);
  }
  const signal = hooks.signal === undefined ? {} : { signal: hooks.signal };
  for (const format of ['coco-captions', 'vqa-v2'] as const) {
    await importDataset({ home, name, paths: [folder], format, replace: true, ...signal });
  }
  return name;
}

/** The score of the task's floor on the same references (see `floors.ts`). */
async function floorOf(
  home: string,
  dataset: Dataset,
  config: TrainConfig,
  references: readonly Reference[],
): Promise<DemoResult['floor']> {
  const { task } = config;
  if (task === 'vqa') {
    const answers = questionOnlyAnswers(dataset, config.dataset.trainSplit, references);
    return { name: 'question-only', metrics: score(task, references, answers).metrics };
  }
  const vision = openVision(home, config.vision);
  const { cache } = await fillFeatureCache(home, dataset, [config.dataset.trainSplit, TEST], vision);
  const size = vision.tokens * vision.width;
  const captions = nearestCaptions(dataset, config.dataset.trainSplit, references, cache, size);
  cache.close();
  return { name: 'nearest-caption', metrics: score(task, references, captions).metrics };
}

/** The first test item, put to the trained model the way a user would. */
async function exampleOf(
  home: string,
  dataset: Dataset,
  run: string,
  task: Task,
  [first]: readonly Reference[],
): Promise<DemoResult['example']> {
  const image = dataset.image(first!.imageId).path;
  const request = { run, checkpoint: 'best' } as const;
  if (task === 'caption') {
    const [written] = await captionImages(home, { ...request, images: [image] }, {});
    return { image, text: written!.caption, expected: first!.references[0]! };
  }
  const question = first!.question!;
  const { answer } = await askImage(home, { ...request, image, question }, {});
  return { image, question, text: answer, expected: first!.references[0]! };
}

async function demoTask(home: string, name: string, task: Task, hooks: TrainHooks): Promise<DemoResult> {
  const config = parseTrainConfig(bundledPreset(task, name));
  const train = await startRun(home, config, hooks);
  const jobHooks = hooks.progress === undefined ? {} : { progress: hooks.progress };
  const evaluation = await evaluateRun(home, { run: train.run, split: TEST, checkpoint: 'best' }, jobHooks);
  using dataset = openDataset(home, name);
  const references = referencesOf(dataset, TEST, task);
  const floor = await floorOf(home, dataset, config, references);
  return { task, train, evaluation, floor, example: await exampleOf(home, dataset, train.run, task, references) };
}

/** Trains, evaluates and uses each task in turn; a stop ends it after the run that it stopped. */
export async function runDemo(home: string, { tasks }: DemoRequest, hooks: TrainHooks): Promise<DemoResult[]> {
  const name = await ensureSampleDataset(home, hooks);
  const results: DemoResult[] = [];
  for (const task of tasks) {
    if (hooks.signal?.aborted) break;
    results.push(await demoTask(home, name, task, hooks));
  }
  return results;
}
