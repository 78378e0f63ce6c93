/** The one schema of a training run: the command line, the JSON file and (later) the form all fill in these fields. */
import { z } from 'zod';
import { deviceChoices } from '../common/devices.ts';
import { decodingFields, whole } from './decoding-config.ts';

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
  resize: z
    .enum(['squash', 'as-published'])
    .default('squash')
    .describe(
      'How a picture becomes square: squashed, so that all of it is seen (VL-T5), or as the files of the vision model say, ' +
        "as a rule the middle of it (CLIP's own way)",
    ),
  projection: z
    .enum(['linear', 'vl-t5'])
    .default('linear')
    .describe(
      "From visual tokens to T5's width: a linear map with a norm, or VL-T5's visual embedding, which adds terms for place " +
        'and order (boxes are zeros)',
    ),
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

const momentDecay = z.number().min(0).lt(1);
const betas = z
  .tuple([momentDecay, momentDecay])
  .default([0.9, 0.999])
  .describe('Decay of the first and second moment');
const weightDecay = z.number().nonnegative();

const optimiser = z.discriminatedUnion('name', [
  z.strictObject({
    name: z.literal('adamw').describe('AdamW, as the DePT authors have it'),
    betas,
    epsilon: z.number().positive().default(1e-6).describe('Added to the root of the second moment'),
    epsilonPlacement: z
      .enum(['uncorrected', 'corrected'])
      .default('uncorrected')
      .describe("Before the second moment's bias correction (transformers, the authors' runs) or after it (torch)"),
    weightDecay: weightDecay.default(0).describe('Decoupled weight decay'),
  }),
  z.strictObject({
    name: z.literal('adam').describe('Adam, as torch has it'),
    betas,
    epsilon: z.number().positive().default(1e-8).describe('Added to the root of the corrected second moment'),
    weightDecay: weightDecay.default(0).describe('L2 penalty: a part of the gradient'),
  }),
  z.strictObject({
    name: z
      .literal('adafactor')
      .describe(
        'Adafactor, as transformers has it, with the settings of Lester et al., whose prompts also had ' +
          'schedule.name=constant schedule.warmupSteps=0 clipNorm=null',
      ),
    epsilons: z
      .tuple([z.number().positive(), z.number().positive()])
      .default([1e-30, 1e-3])
      .describe('Added to squared gradients; least scale of a parameter'),
    clipThreshold: z.number().positive().default(1).describe('Largest root mean square of an update before its rate'),
    decayRate: z.number().negative().default(-0.8).describe('The second moment decays by 1 - step^decayRate'),
    beta1: momentDecay.nullable().default(null).describe('Decay of the first moment; null: there is none'),
    weightDecay: weightDecay.default(1e-5).describe('Decoupled weight decay'),
    scaleParameter: z
      .boolean()
      .default(false)
      .describe('Steps in proportion to the root mean square of their parameter: for the schedule relative-step'),
  }),
  z.strictObject({
    name: z.literal('sgd').describe('Gradient descent with momentum, as torch has it'),
    momentum: momentDecay.default(0.9).describe('Share of its velocity that a step keeps'),
    nesterov: z.boolean().default(false).describe("Nesterov's look ahead"),
    weightDecay: weightDecay.default(0).describe('L2 penalty: a part of the gradient'),
  }),
]);

const schedule = z.strictObject({
  name: z
    .enum(['linear', 'constant', 'cosine', 'inverse-sqrt', 'relative-step'])
    .default('linear')
    .describe(
      'After warm-up: linear or half a cosine to 0 at the last step, constant, inverse square root of the step; or ' +
        "Adafactor's own min(0.01, 1 / sqrt(step)), of which learningRates are multiples, 1 unless given",
    ),
  warmupSteps: whole(0)
    .default(500)
    .describe('Steps of linear growth from 0; relative-step: 0 unless given, 10,000 as warmup_init in transformers'),
  timescale: whole(1)
    .nullable()
    .default(null)
    .describe('Steps t0 of inverse-sqrt: sqrt(t0 / (t0 + steps since warm-up)); null: warmupSteps, or 10,000'),
});

const metricsOfTask = {
  vqa: ['accuracy'],
  caption: ['CIDEr', 'BLEU-1', 'BLEU-2', 'BLEU-3', 'BLEU-4', 'ROUGE-L', 'METEOR (no paraphrases)'],
} as const;

const evaluation = z.strictObject({
  every: whole(1).default(1000).describe('Steps between evaluations on the validation split'),
  metric: z
    .enum([...metricsOfTask.vqa, ...metricsOfTask.caption])
    .describe('Chooses the best checkpoint; unless given: accuracy for vqa, CIDEr for caption'),
  ...decodingFields,
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
    startFrom: z
      .string()
      .min(1)
      .nullable()
      .default(null)
      .describe(
        'Take first values from an imported adapter, or from a run (its best checkpoint, or run@last, run@STEP): its prompt and ' +
          'low-rank update, which must be of the same size, and its visual projection if it has one; null: fresh values',
      ),
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
    microBatch: whole(1)
      .nullable()
      .default(null)
      .describe(
        'Examples of a batch that are computed at one time: less memory, the same result, but for the rounding of int8; null: all, ' +
          'or as many as there is memory for',
      ),
    learningRates: learningRates.prefault({}),
    optimiser,
    schedule: schedule.prefault({}),
    clipNorm: z.number().positive().nullable().default(1).describe('Largest global gradient norm; null: no clipping'),
    dropout: z.number().min(0).lt(1).default(0.1).describe('Dropout inside T5 while training'),
    evaluation,
    checkpoint: checkpoint.prefault({}),
    seed: whole(0).default(42).describe('Fixes initial values, batch order, answer sampling and dropout'),
    precision: z
      .enum(['float32', 'int8'])
      .default('float32')
      .describe(
        'Of the frozen T5 in a training step: as published, or its matrices as 7-bit numbers and what they are applied to ' +
          'as 8-bit ones, faster and in less memory at some noise in the gradient; evaluations are as published',
      ),
    sharedWeights: z
      .union([z.literal('auto'), z.boolean()])
      .default('auto')
      .describe(
        'One copy of the frozen weights for training and evaluation: half the memory or less, somewhat slower; auto: where ' +
          'memory is short',
      ),
    recompute: z
      .union([z.literal('auto'), z.boolean()])
      .default('auto')
      .describe(
        'Compute the values inside each layer of T5 a second time for the gradient instead of keeping them: the same result in much ' +
          'less memory, a third longer; auto: where not even single examples fit',
      ),
    threads: whole(1).nullable().default(null).describe('CPU threads; null: as many as there are cores'),
    device: z
      .enum(deviceChoices)
      .default('cpu')
      .describe('What T5 is computed on, visual features always on the CPU; auto: the best that passes a trial'),
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
    const { minLength, maxLength } = config.evaluation;
    if (minLength !== null && minLength > maxLength) {
      const message = `The minimum length cannot be above the maximum length, here ${maxLength}`;
      context.addIssue({ code: 'custom', path: ['evaluation', 'minLength'], message });
    }
    const { schedule, optimiser } = config;
    if (schedule.name !== 'relative-step' && schedule.warmupSteps >= config.steps) {
      const message = `Warm-up must end before training does: steps is ${config.steps}`;
      context.addIssue({ code: 'custom', path: ['schedule', 'warmupSteps'], message });
    }
    if (schedule.timescale !== null && schedule.name !== 'inverse-sqrt') {
      const message = `Only the schedule inverse-sqrt has a timescale: this one is ${schedule.name}`;
      context.addIssue({ code: 'custom', path: ['schedule', 'timescale'], message });
    }
    if (optimiser.name === 'sgd' && optimiser.nesterov && optimiser.momentum === 0) {
      const message = "Nesterov's look ahead needs momentum";
      context.addIssue({ code: 'custom', path: ['optimiser', 'nesterov'], message });
    }
  });

export type TrainConfig = z.output<typeof trainConfigSchema>;
export type Task = TrainConfig['task'];
export type Method = TrainConfig['method'];

/** The groups whose fields depend on their name, with the name they have unless given. */
export const namedGroups = { method: 'dept', optimiser: 'adamw' } as const satisfies Partial<
  Record<keyof TrainConfig, string>
>;

/** Defaults of the schedule relative-step: it is a rate by itself. */
export const relativeStepDefaults = {
  learningRates: { prompt: 1, lowRank: 1, projection: 1 },
  schedule: { warmupSteps: 0 },
} as const;

/** Defaults that depend on the task: target lengths and decoding of VL-T5 and Ladder-Side-Tuning. */
export const taskDefaults = {
  vqa: { targetLength: 10, evaluation: { metric: 'accuracy', beams: 1 } },
  caption: { targetLength: 40, evaluation: { metric: 'CIDEr', beams: 5 } },
} as const satisfies Record<Task, unknown>;
