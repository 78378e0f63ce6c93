/** Home folders that a test starts from: a small drawn dataset, and short runs and evaluations on it, made by the engine itself. */
import type { EvaluateResult, TrainResult } from '../../engine/contract/calls.ts';
import { layOver, parseTrainConfig } from '../../engine/contract/parse-config.ts';
import { presets } from '../../engine/contract/presets.ts';
import type { Task } from '../../engine/contract/train-config.ts';
import type { SceneRecipe } from '../../engine/data/scenes/recipe.ts';
import { ensureSampleDataset } from '../../engine/service/sample.ts';
import { openService } from '../../engine/service/service.ts';
import { temporaryHome } from './app.ts';

type Fields = Readonly<Record<string, unknown>>;

/** Drawn in a second. The app counts it as its sample, and does not draw the large one beside it. */
const recipe: SceneRecipe = {
  name: 'scenes',
  seed: 5,
  size: 64,
  splits: { train: 60, val: 16, test: 20 },
  captionsPerPicture: 2,
  questionsPerPicture: 3,
  scenes: { variety: 'moderate', objects: [1, 1] },
};

/** A new home with the small sample. */
export async function sampleHome(): Promise<string> {
  const home = temporaryHome();
  await ensureSampleDataset(home, recipe, {});
  return home;
}

/** Settings of a run that is over after a few seconds. */
export function shortConfig(task: Task, changes: Fields = {}): Fields {
  const short = {
    dataset: { name: 'scenes', trainLimit: null },
    steps: 24,
    batchSize: 8,
    schedule: { warmupSteps: 4 },
    evaluation: { every: 12, limit: 8 },
    checkpoint: { every: 12 },
  };
  return layOver(layOver(presets.quick(task), short), changes);
}

export function trainShort(home: string, task: Task, changes: Fields = {}): Promise<TrainResult> {
  return openService({ home }).train(parseTrainConfig(shortConfig(task, changes)));
}

export function evaluateShort(home: string, run: string): Promise<EvaluateResult> {
  return openService({ home }).evaluate({ run, checkpoint: 'best', split: 'test', limit: 40 });
}
