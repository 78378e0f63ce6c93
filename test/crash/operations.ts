/** What a test does to a home folder until it is killed at it: each is loaded first, so that only its own work is counted. */
import { join } from 'node:path';
import type { SceneRecipe } from '../../engine/data/scenes/recipe.ts';

/** The one run of the home that `full-home.ts` makes: ids begin with the year. */
export const RUN = '2';
/** What `download a model` asks the hub of the environment for. */
export const REPO = 'me/half';
/** Outside of the home, beside it. */
export const sourceOf = (home: string, name: string): string => join(home, '..', 'sources', name);

type Work = (home: string) => unknown;

const anyHooks = {};

/** Each does its work as a face of the program asks for it, and may be asked again after it was killed. */
export const operations = {
  import: async () => {
    const { importDataset } = await import('../../engine/data/import.ts');
    return (home) =>
      importDataset({
        home,
        name: 'table',
        paths: [sourceOf(home, 'table.csv')],
        images: sourceOf(home, 'images'),
        replace: true,
      });
  },
  'import in place of another': async () => {
    const { importDataset } = await import('../../engine/data/import.ts');
    return (home) =>
      importDataset({
        home,
        name: 'small',
        paths: [sourceOf(home, 'table.csv')],
        images: sourceOf(home, 'images'),
        split: 'train',
        replace: true,
      });
  },
  'remove a dataset': async () => {
    const { removeFromDatasets } = await import('../../engine/service/datasets.ts');
    const { DatasetShelf } = await import('../../engine/service/dataset-shelf.ts');
    return async (home) => {
      using shelf = new DatasetShelf(home);
      await removeFromDatasets(shelf, 'small');
    };
  },
  'draw the sample': async () => {
    const { ensureSampleDataset } = await import('../../engine/service/sample.ts');
    const recipe: SceneRecipe = {
      name: 'drawn',
      seed: 3,
      size: 32,
      splits: { train: 3, val: 2 },
      captionsPerPicture: 2,
      questionsPerPicture: 3,
      scenes: { variety: 'moderate', objects: [1, 1] },
    };
    return (home) => ensureSampleDataset(home, recipe, anyHooks);
  },
  'make thumbnails': async () => {
    const { makeAllThumbnails } = await import('../../engine/service/all-thumbnails.ts');
    return (home) => makeAllThumbnails(home, 'small', anyHooks, 1);
  },
  'keep features': async () => {
    const { openFeatureCache } = await import('../../engine/data/feature-cache.ts');
    return (home) => {
      const cache = openFeatureCache(home, 'encoder', 'small', { tokens: 2, width: 4 });
      const keys = cache.missing(Array.from({ length: 1200 }, (_, i) => `image ${i}`));
      cache.write(keys.map((key) => ({ key, data: new Float32Array(8) })));
      cache.close();
    };
  },
  'add a model': async () => {
    const { addModel } = await import('../../engine/weights/library.ts');
    const { bundledModelsFolder } = await import('../../engine/weights/bundled.ts');
    return (home) => addModel(home, join(bundledModelsFolder(), 'scenes-clip'), 'another');
  },
  'download a model': async () => {
    const { pullIntoLibrary } = await import('../../engine/service/downloads.ts');
    return (home) => pullIntoLibrary(home, { repo: REPO, name: 'another' }, process.env, anyHooks);
  },
  'remove a model': async () => {
    const { removeModel } = await import('../../engine/weights/library.ts');
    return (home) => removeModel(home, 'clip');
  },
  'add an adapter': async () => {
    const { addAdapter } = await import('../../engine/adapters/library.ts');
    return (home) => addAdapter(home, sourceOf(home, 'adapter'), 'another');
  },
  'remove an adapter': async () => {
    const { removeAdapter } = await import('../../engine/adapters/library.ts');
    return (home) => removeAdapter(home, 'kept');
  },
  'export an adapter': async () => {
    const { exportAdapter } = await import('../../engine/service/export.ts');
    return (home) => exportAdapter(home, { run: RUN, checkpoint: 'best', format: 'dept' }, anyHooks);
  },
  'export graphs': async () => {
    const { exportAdapter } = await import('../../engine/service/export.ts');
    return (home) => exportAdapter(home, { run: RUN, checkpoint: 'best', format: 'onnx' }, anyHooks);
  },
  'remove a run': async () => {
    const { removeRun } = await import('../../engine/runs/run-library.ts');
    return (home) => removeRun(home, RUN);
  },
  'keep an evaluation again': async () => {
    const { evaluationsOf, keepEvaluation } = await import('../../engine/service/evaluation-store.ts');
    const { openRun } = await import('../../engine/runs/run-library.ts');
    const item = { id: '1', imageId: 'val/1', question: 'what?', prediction: 'red', references: ['red'], score: 100 };
    return (home) => {
      const [kept] = evaluationsOf(openRun(home, RUN));
      return keepEvaluation(kept!.run, { ...kept!.summary(), metrics: { accuracy: 100 } }, [item]);
    };
  },
  'remove an evaluation': async () => {
    const { evaluationsOf } = await import('../../engine/service/evaluation-store.ts');
    const { openRun } = await import('../../engine/runs/run-library.ts');
    return (home) => evaluationsOf(openRun(home, RUN))[0]?.remove();
  },
  'widen weights': async () => {
    const { widenedCheckpoint } = await import('../../engine/weights/widen.ts');
    const { openCheckpoint } = await import('../../engine/weights/checkpoint.ts');
    return (home) => widenedCheckpoint(openCheckpoint(sourceOf(home, 'half')), join(home, 'widened'));
  },
  'write settings': async () => {
    const { changeSettings } = await import('../../engine/service/settings.ts');
    return (home) => changeSettings(home, { theme: 'dark' });
  },
} as const satisfies Record<string, () => Promise<Work>>;

export type OperationName = keyof typeof operations;
