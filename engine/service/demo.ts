/** The demo: sample dataset and bundled models, from an empty home to scores beside their floors, in one call. */
import { DeptError } from '../common/errors.ts';
import type { DemoRequest, DemoResult } from '../contract/calls.ts';
import type { JobHooks, TrainHooks } from '../contract/jobs.ts';
import { parseTrainConfig } from '../contract/parse-config.ts';
import { presets } from '../contract/presets.ts';
import type { Task, TrainConfig } from '../contract/train-config.ts';
import { type Dataset, openDataset } from '../data/dataset.ts';
import type { SceneRecipe } from '../data/scenes/recipe.ts';
import { nearestCaptions, questionOnlyAnswers } from './floors.ts';
import { openVision } from './open-model.ts';
import { askImage, captionImages, evaluateRun } from './prediction.ts';
import { ensureSampleDataset, sampleRecipe } from './sample.ts';
import { type Reference, referencesOf, score } from './scoring.ts';
import { startRun } from './training-run.ts';
import { imagesOf, openVisualTokens } from './visual-features.ts';

/** What the demo trains on, and how. */
export interface DemoSetup {
  readonly recipe: SceneRecipe;
  /** A config without its dataset. */
  readonly settings: (task: Task) => object;
}

const TEST = 'test';

/** The score of the task's floor on the same references (see `floors.ts`). */
async function floorOf(
  home: string,
  dataset: Dataset,
  { task, dataset: { trainSplit }, vision: choice }: TrainConfig,
  references: readonly Reference[],
  hooks: JobHooks,
): Promise<DemoResult['floor']> {
  if (task === 'vqa') {
    const answers = questionOnlyAnswers(dataset, trainSplit, references);
    return { name: 'question-only', metrics: score(task, references, answers) };
  }
  const vision = openVision(home, choice);
  using tokens = await openVisualTokens(home, dataset, imagesOf(dataset, [trainSplit, TEST]), vision, hooks);
  const captions = nearestCaptions(dataset, trainSplit, references, tokens.read, vision.tokens * vision.width);
  return { name: 'nearest-caption', metrics: score(task, references, captions) };
}

/** The first test item, put to the trained model the way a user would. */
async function exampleOf(
  home: string,
  dataset: Dataset,
  run: string,
  { imageId, question, references }: Reference,
  hooks: JobHooks,
): Promise<DemoResult['example']> {
  const image = dataset.image(imageId).path;
  const expected = references[0]!;
  if (question === undefined) {
    const [written] = await captionImages(home, { run, checkpoint: 'best', images: [image] }, hooks);
    return { image, text: written!.caption, expected };
  }
  const { answer } = await askImage(home, { run, checkpoint: 'best', image, question }, hooks);
  return { image, question, text: answer, expected };
}

async function demoTask(home: string, config: TrainConfig, hooks: TrainHooks): Promise<DemoResult> {
  const begun = performance.now();
  const { task } = config;
  const train = await startRun(home, config, hooks);
  if (train.status === 'stopped') {
    throw new DeptError('cancelled', 'The demo was stopped', {
      got: `run ${train.run}, saved at step ${train.step}`,
      remedy: 'Resume the run to go on with it.',
    });
  }
  const evaluation = await evaluateRun(home, { run: train.run, split: TEST, checkpoint: 'best' }, hooks);
  using dataset = openDataset(home, config.dataset.name);
  const references = referencesOf(dataset, TEST, task);
  const floor = await floorOf(home, dataset, config, references, hooks);
  const example = await exampleOf(home, dataset, train.run, references[0]!, hooks);
  return { task, seconds: (performance.now() - begun) / 1000, train, evaluation, floor, example };
}

/** Trains, evaluates and uses each task in turn. */
export async function runDemo(
  home: string,
  { tasks }: DemoRequest,
  hooks: TrainHooks,
  { recipe, settings }: DemoSetup = { recipe: sampleRecipe(), settings: presets.bundled },
): Promise<DemoResult[]> {
  const name = await ensureSampleDataset(home, recipe, hooks);
  const results: DemoResult[] = [];
  for (const task of tasks) {
    const config = parseTrainConfig({ ...settings(task), task, dataset: { name } });
    results.push(await demoTask(home, config, hooks));
  }
  return results;
}
