/** Settings that are known to work, to start from: a config without its dataset. */
import { solveRank } from './budget.ts';
import type { Task } from './train-config.ts';

/** The models that ship with the program. */
export const bundledModels = { vision: 'scenes-clip', language: 'scenes-t5' } as const;

const bundledBudget = { width: 192, textLength: 24 } as const;

/**
 * DePT on the bundled models, with as many values as a prompt of 100 tokens has. Their T5 is 192 wide and its word embeddings
 * have spread 1, so the learning rates are those of a small model, not those of the paper's T5-base.
 */
const onBundledModels = {
  vision: { model: bundledModels.vision },
  language: { model: bundledModels.language },
  method: { name: 'dept', promptLength: 20, rank: solveRank(bundledBudget, 100, 20), promptInit: 'vocabulary' },
  maxTextLength: bundledBudget.textLength,
  batchSize: 32,
  learningRates: { prompt: 0.05, lowRank: 5e-3, projection: 5e-3 },
  dropout: 0,
  schedule: { warmupSteps: 50 },
} as const;

/** Long enough for good scores. */
function bundled(task: Task) {
  return task === 'vqa'
    ? {
        task,
        ...onBundledModels,
        steps: 2025,
        evaluation: { every: 675, limit: 500 },
        checkpoint: { every: 675 },
      }
    : {
        task,
        ...onBundledModels,
        steps: 450,
        evaluation: { every: 225, beams: 3, maxLength: 32 },
        checkpoint: { every: 225 },
      };
}

/** Short, on the first 2,000 questions or captions, with small evaluations often: something to see at once. */
function quick(task: Task) {
  const short = {
    task,
    ...onBundledModels,
    dataset: { trainLimit: 2000 },
    schedule: { warmupSteps: 20 },
    checkpoint: { every: 50 },
  };
  return task === 'vqa'
    ? { ...short, steps: 300, evaluation: { every: 50, limit: 100 } }
    : { ...short, steps: 150, evaluation: { every: 50, limit: 40, beams: 1, maxLength: 32 } };
}

/** d of T5-base, the paper's. */
const BASE_WIDTH = 768;

/** Text tokens s: questions are cut at VL-T5's 20, and a caption is written after the three of `caption:` (spec 2.4). */
const paperTextLength = { vqa: 20, caption: 3 } as const satisfies Record<Task, number>;

/**
 * The paper's set-up for vision and language, without its models' names: those are what they are called in the library.
 * Every number is written out, though most are defaults. The rank is the largest one within the budget of a prompt of 100
 * tokens for the real text length and the width d of the language model (spec 2.8).
 */
function paper(task: Task, width = BASE_WIDTH) {
  const [maxTextLength, promptLength] = [paperTextLength[task], 20];
  const rank = solveRank({ width, textLength: maxTextLength }, 100, promptLength);
  const common = {
    vision: { layer: 'last', pool: 6, resize: 'squash', projection: 'vl-t5' },
    method: { name: 'dept', promptLength, rank, promptInit: 'text', alpha: 8, lowRankInit: 'uniform' },
    maxTextLength,
    steps: 30_000,
    batchSize: 32,
    learningRates: { prompt: 0.3, lowRank: 5e-3, projection: 3e-4 },
    optimiser: { name: 'adamw', betas: [0.9, 0.999], epsilon: 1e-6, weightDecay: 0 },
    schedule: { name: 'linear', warmupSteps: 500 },
    clipNorm: 1,
    dropout: 0.1,
  } as const;
  return task === 'vqa'
    ? { task, ...common, targetLength: 10, answerMinimum: 9, evaluation: { every: 1000, beams: 1, maxLength: 20 } }
    : { task, ...common, targetLength: 40, evaluation: { every: 1000, beams: 5, maxLength: 20 } };
}

/** By name; `width` is d of the language model, where that is known. */
export const presets = { quick, bundled, paper } as const satisfies Readonly<
  Record<string, (task: Task, width?: number) => object>
>;

export type Preset = keyof typeof presets;

/** Settings that a preset solves for the width of the language model. */
export const solvedSettings: Readonly<Record<Preset, readonly string[]>> = {
  quick: [],
  bundled: [],
  paper: ['method.rank'],
};

/** A preset for one task, as a person chooses it. */
export interface PresetCard {
  readonly preset: Preset;
  readonly task: Task;
  readonly title: string;
  /** What it is for, in a sentence. */
  readonly purpose: string;
  /** What it does, and what is not certain about it. */
  readonly description: string;
  /** Models that it asks for and does not name itself, in words. */
  readonly models?: { readonly vision: string; readonly language: string };
}

/** What was never published, and what stands in its place here. */
const notPublished =
  'The code of the vision-language experiments was never released. Squashed pictures, 36 visual tokens, their projection, the lengths ' +
  'of texts and targets, and decoding are those of VL-T5, on which the paper builds. Optimiser, schedule, batch size, clipping, ' +
  "first values and scale are those of the authors' code for text. Our choice are one task at a time, the number of steps, all three " +
  'learning rates, and the split of the budget of a prompt of 100 tokens: prompt length 20, A with one row for each text token';

const paperModels = { vision: 'CLIP ResNet-101', language: 'T5-base' } as const;

/** In the order in which they are offered. */
export const presetCards: readonly PresetCard[] = [
  {
    preset: 'quick',
    task: 'vqa',
    title: 'Quick look: questions',
    purpose: 'See a run from start to end in a few minutes at most',
    description:
      'The bundled models for 300 steps, scored on 100 questions every 50 steps: it shows the way, not good scores',
  },
  {
    preset: 'quick',
    task: 'caption',
    title: 'Quick look: captions',
    purpose: 'See a run from start to end in a few minutes at most',
    description:
      'The bundled models for 150 steps, scored on 40 pictures every 50 steps: it shows the way, not good scores',
  },
  {
    preset: 'bundled',
    task: 'vqa',
    title: 'Answer questions',
    purpose: 'Teach the bundled models to answer questions about simple pictures',
    description: 'The bundled models for 1,350 steps, as in the demo',
  },
  {
    preset: 'bundled',
    task: 'caption',
    title: 'Describe pictures',
    purpose: 'Teach the bundled models to describe simple pictures',
    description: 'The bundled models for 450 steps, captions by beam search, as in the demo',
  },
  {
    preset: 'paper',
    task: 'vqa',
    title: "The paper's settings: questions",
    purpose: 'Train the published models on VQA v2 as the DePT paper does',
    description: `30,000 steps of 32 questions, answers drawn from those that 9 questions or more have. ${notPublished} (20), and rank 77 on T5-base`,
    models: paperModels,
  },
  {
    preset: 'paper',
    task: 'caption',
    title: "The paper's settings: captions",
    purpose: 'Train the published models on COCO captions as the DePT paper does',
    description: `30,000 steps of 32 captions, written by beam search with 5 beams. ${notPublished} (3), and rank 79 on T5-base`,
    models: paperModels,
  },
];
