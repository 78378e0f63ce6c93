/** The sample dataset, drawn from its recipe into the home folder and imported like anybody's files. */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DeptError } from '../common/errors.ts';
import { fillFolderAtomic, removeLeftovers } from '../common/folders.ts';
import type { JobHooks } from '../contract/jobs.ts';
import { type DatasetInfo, datasetFolder, readDatasetInfo } from '../data/dataset-info.ts';
import { importDataset } from '../data/import.ts';
import { readRecipe, type SceneRecipe } from '../data/scenes/recipe.ts';
import { writeSampleDataset } from '../data/scenes/sample-dataset.ts';

export function sampleRecipe(): SceneRecipe {
  return readRecipe(fileURLToPath(new URL('../../assets/scenes/recipe.json', import.meta.url)));
}

function sourcesOf({ parts }: DatasetInfo): string[] {
  return parts.flatMap(({ sources }) => sources.map(({ path }) => path));
}

/** Throws `already-exists` where a dataset of that name was made from other files, which are still there. */
function checkOurs(info: DatasetInfo, samples: string): void {
  const foreign = sourcesOf(info).find((path) => !path.startsWith(samples + sep) && existsSync(path));
  if (foreign === undefined) return;
  throw new DeptError('already-exists', `The name of the sample dataset, '${info.name}', is taken`, {
    got: `a dataset made from ${foreign}`,
    remedy: 'Remove that dataset and import it under another name, or use another home folder.',
  });
}

/** Does nothing where it is there already. Returns the dataset's name. Throws `already-exists`, or `cancelled` on an abort. */
export async function ensureSampleDataset(home: string, recipe: SceneRecipe, hooks: JobHooks): Promise<string> {
  const { name } = recipe;
  const { progress, signal } = hooks;
  const samples = join(home, 'samples');
  const recipeHash = createHash('sha256').update(JSON.stringify(recipe)).digest('hex').slice(0, 8);
  const folder = join(samples, `${name}-${recipeHash}`);
  const info = readDatasetInfo(datasetFolder(home, name));
  if (info !== undefined) {
    checkOurs(info, samples);
    const isDrawn = existsSync(folder) && sourcesOf(info).every((path) => path.startsWith(folder + sep));
    if (isDrawn && info.tasks.length === 2) return name;
  }
  if (!existsSync(folder)) {
    removeLeftovers(samples);
    const tell = (done: number, total: number): void =>
      progress?.({ task: 'Drawing the sample pictures', done, total, unit: 'pictures' });
    await fillFolderAtomic(folder, (temporary) => writeSampleDataset(temporary, recipe, tell, signal));
  }
  await importDataset({ home, name, paths: [folder], format: ['coco-captions', 'vqa-v2'], replace: true, signal });
  return name;
}
