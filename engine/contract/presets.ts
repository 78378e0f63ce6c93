/** Settings that are known to work, to start from: a config without its dataset. */
import type { Task } from './train-config.ts';

/** The models that ship with the program. */
export const bundledModels = { vision: 'scenes-clip', language: 'scenes-t5' } as const;

/**
 * DePT on the bundled models: minutes on two cores. Their T5 is 192 wide and its word embeddings have spread 1, so the
 * learning rates are those of a small model, not those of the paper's T5-base.
 */
function bundled(task: Task) {
  const common = {
    task,
    vision: { model: bundledModels.vision },
    language: { model: bundledModels.language },
    method: { name: 'dept', promptLength: 20, rank: 20, promptInit: 'vocabulary' },
    maxTextLength: 24,
    batchSize: 32,
    learningRates: { prompt: 0.05, lowRank: 5e-3, projection: 5e-3 },
    dropout: 0,
    schedule: { warmupSteps: 50 },
  } as const;
  return task === 'vqa'
    ? { ...common, steps: 1350, evaluation: { every: 675, limit: 500 }, checkpoint: { every: 675 } }
    : { ...common, steps: 450, evaluation: { every: 225, beams: 3, maxLength: 32 }, checkpoint: { every: 225 } };
}

export type Preset = 'bundled';

export const presets: Readonly<Record<Preset, (task: Task) => object>> = { bundled };
