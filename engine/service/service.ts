/** The contract carried out over the engine. */
import type { Service } from '../contract/calls.ts';
import { openDataset } from '../data/dataset.ts';
import { featureFolder } from '../data/feature-cache.ts';
import { runDemo } from './demo.ts';
import { removeAllLeftovers } from './leftovers.ts';
import { openVision } from './open-model.ts';
import { askImage, captionImages, evaluateRun } from './prediction.ts';
import { resumeRun, startRun } from './training-run.ts';
import { imagesOf, openVisualTokens } from './visual-features.ts';

export interface ServiceOptions {
  /** The home folder with models, datasets, features and runs. */
  readonly home: string;
}

/** Removes first what killed processes left in the home folder. */
export function openService({ home }: ServiceOptions): Service {
  removeAllLeftovers(home);
  return {
    features: async ({ dataset: name, vision: choice }, hooks = {}) => {
      using dataset = openDataset(home, name);
      const vision = openVision(home, choice);
      using tokens = await openVisualTokens(home, dataset, imagesOf(dataset, dataset.splits()), vision, hooks);
      const { images, computed } = tokens;
      const bytes = images * vision.tokens * vision.width * Float16Array.BYTES_PER_ELEMENT;
      return { folder: featureFolder(home, vision.fingerprint, name), images, computed, bytes };
    },
    train: (config, hooks = {}) => startRun(home, config, hooks),
    resume: (run, hooks = {}) => resumeRun(home, run, hooks),
    evaluate: (request, hooks = {}) => evaluateRun(home, request, hooks),
    caption: (request, hooks = {}) => captionImages(home, request, hooks),
    ask: (request, hooks = {}) => askImage(home, request, hooks),
    demo: (request, hooks = {}) => runDemo(home, request, hooks),
  };
}
