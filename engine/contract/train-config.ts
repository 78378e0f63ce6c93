/** The one schema of a training run: the command line, the JSON file and (later) the form all fill in these fields. */
import { z } from 'zod';

const whole = (least: number) => z.int().min(least);

const dataset = z.strictObject({
  name: z.string().min(1).describe('Imported dataset to train on'),
  trainSplit: z.string().min(1).default('train').describe('Split to learn from'),
  validationSplit: z.string().min(1).default('val').describe('Split that chooses the best checkpoint'),
  trainLimit: whole(1).nullable().default(null).describe('Learn from the first N examples only; null: all'),
});

const vision = z.strictObject({
  model: z.string().min(1).describe('CLIP model of the library, frozen'),
  layer: z
    .union([z.literal('last'), whole(1)])
    .default('last')
    .describe('Block of the image encoder whose output gives the visual tokens, counted from 1'),
  pool: whole(1)
    .nullable()
    .default(null)
    .describe('Side of the grid that visual tokens are max-pooled to; null: as many tokens as the image has patches'),
});

const language = z.strictObject({
  model: z.string().min(1).describe('T5 model of the library, frozen'),
});

/** The string of the DePT authors, their typing slip included: it is part of the published numbers. */
const authorsInitText = 'Classify this text is postive or not:';

const softPrompt = {
  promptInit: z
    .enum(['text', 'vocabulary', 'random'])
    .default('text')
    .describe('First value of the soft prompt: embeddings of initText, of sampled vocabulary, or N(0, 1)'),
  initText: z
    .string()
    .min(1)
    .default(authorsInitText)
    .describe('Text for promptInit text, repeated to fill the prompt'),
};

const method = z.discriminatedUnion('name', [
  z.strictObject({
    name: z.literal('dept').describe('Short soft prompt + low-rank update of the word embeddings'),
    promptLength: whole(0).default(20).describe('Soft prompt tokens m'),
    ...softPrompt,
    rank: whole(0).default(77).describe('Rank r of the update A B; the budget is m d + (s + d) r'),
    alpha: z
      .number()
      .positive()
      .nullable()
      .default(8)
      .describe("The update is scaled by alpha / sqrt(r), as in the authors' code; null: by 1, as in the paper"),
    lowRankInit: z
      .enum(['uniform', 'gaussian'])
      .default('uniform')
      .describe(
        "First value of A: U(-1/sqrt(r), 1/sqrt(r)) as in the authors' code, or N(0, 1/r), the paper's Gaussian",
      ),
  }),
  z.strictObject({
    name: z.literal('prompt-tuning').describe('Soft prompt alone (Lester et al.), the baseline'),
    promptLength: whole(1).default(100).describe('Soft prompt tokens l'),
    ...softPrompt,
  }),
]);

const learningRates = z.strictObject({
  prompt: z.number().nonnegative().default(0.3).describe('Soft prompt (alpha_1 of the paper)'),
  lowRank: z.number().nonnegative().default(5e-3).describe('A and B of DePT (alpha_2 of the paper)'),
  projection: z.number().nonnegative().default(3e-4).describe('Visual projection'),
});

const optimiser = z.strictObject({
  name: z.literal('adamw').default('adamw').describe('AdamW'),
  betas: z
    .tuple([z.number().min(0).lt(1), z.number().min(0).lt(1)])
    .default([0.9, 0.999])
    .describe('Decay of the first and second moment'),
  epsilon: z.number().positive().default(1e-6).describe('Added to the root of the second moment'),
  epsilonPlacement: z
    .enum(['uncorrected', 'corrected'])
    .default('uncorrected')
    .describe("Before the second moment's bias correction (transformers, the authors' runs) or after it (torch)"),
  weightDecay: z.number().nonnegative().default(0).describe('Decoupled weight decay'),
});

const schedule = z.strictObject({
  name: z
    .enum(['linear', 'constant'])
    .default('linear')
    .describe('After warm-up: linear to 0 at the last step, or constant'),
  warmupSteps: whole(0).default(500).describe('Steps of linear growth from 0'),
});

const metricsOfTask = {
  vqa: ['accuracy'],
  caption: ['CIDEr', 'BLEU-1', 'BLEU-2', 'BLEU-3', 'BLEU-4', 'ROUGE-L'],
} as const;

const evaluation = z.strictObject({
  every: whole(1).default(1000).describe('Steps between evaluations on the validation split'),
  metric: z
    .enum([...metricsOfTask.vqa, ...metricsOfTask.caption])
    .describe('Chooses the best checkpoint; unless given: accuracy for vqa, CIDEr for caption'),
  beams: whole(1).describe('Beam width, 1 is greedy; unless given: 1 for vqa, 5 for caption'),
  maxLength: whole(2)
    .default(20)
    .describe('Longest generated answer or caption in tokens, the start token counted, as transformers does'),
  limit: whole(1).nullable().default(null).describe('Evaluate on the first N examples only; null: all'),
  patience: whole(1).nullable().default(null).describe('Stop after N evaluations without a better metric; null: never'),
});

const checkpoint = z.strictObject({
  every: whole(1).default(1000).describe('Steps between checkpoints'),
  keep: whole(1).default(2).describe('Latest checkpoints to keep; the best one always stays'),
});

/** All fields of a run. Values that depend on the task have no default here: `taskDefaults` holds them. */
export const trainConfigSchema = z
  .strictObject({
    task: z.enum(['vqa', 'caption']).describe('Visual question answering or image captioning'),
    dataset,
    vision,
    language,
    method,
    maxTextLength: whole(1).default(20).describe('Text tokens s; longer texts are cut'),
    targetLength: whole(1).describe('Target tokens; longer ones are cut; unless given: 10 for vqa, 40 for caption'),
    answerSampling: z
      .enum(['soft', 'raw'])
      .default('soft')
      .describe('VQA target of a step: an answer drawn by its soft score, or one of the raw answers'),
    answerMinimum: whole(1)
      .default(1)
      .describe('Soft scores are for the most common answers of at least N questions (VL-T5: 9); 1: for all answers'),
    steps: whole(1).default(30_000).describe('Optimiser steps'),
    batchSize: whole(1).default(32).describe('Examples in a batch'),
    accumulation: whole(1).default(1).describe('Batches in a step'),
    learningRates: learningRates.prefault({}),
    optimiser: optimiser.prefault({}),
    schedule: schedule.prefault({}),
    clipNorm: z.number().positive().nullable().default(1).describe('Largest global gradient norm; null: no clipping'),
    dropout: z.number().min(0).lt(1).default(0.1).describe('Dropout inside T5 while training'),
    evaluation,
    checkpoint: checkpoint.prefault({}),
    seed: whole(0).default(42).describe('Fixes initial values, batch order, answer sampling and dropout'),
    threads: whole(1).nullable().default(null).describe('CPU threads; null: as many as there are cores'),
  })
  .superRefine((config, context) => {
    const metrics: readonly string[] = metricsOfTask[config.task];
    if (!metrics.includes(config.evaluation.metric)) {
      const message = `The metric must fit the task: ${config.task} has ${metrics.join(', ')}`;
      context.addIssue({ code: 'custom', path: ['evaluation', 'metric'], message });
    }
    if (config.method.name === 'dept' && config.method.promptLength + config.method.rank === 0) {
      const message = 'DePT needs a soft prompt, a low-rank update, or both';
      context.addIssue({ code: 'custom', path: ['method', 'rank'], message });
    }
    if (config.schedule.warmupSteps >= config.steps) {
      const message = `Warm-up must end before training does: steps is ${config.steps}`;
      context.addIssue({ code: 'custom', path: ['schedule', 'warmupSteps'], message });
    }
  });

export type TrainConfig = z.output<typeof trainConfigSchema>;
export type Task = TrainConfig['task'];
export type Method = TrainConfig['method'];

/** Defaults that depend on the task: target lengths and decoding of VL-T5 and Ladder-Side-Tuning. */
export const taskDefaults = {
  vqa: { targetLength: 10, evaluation: { metric: 'accuracy', beams: 1 } },
  caption: { targetLength: 40, evaluation: { metric: 'CIDEr', beams: 5 } },
} as const satisfies Record<Task, unknown>;
