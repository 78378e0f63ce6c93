/** What a training run will cost, before it starts. */
import { z } from 'zod';
import { parameterCountsSchema } from './runs.ts';

/** A training config as far as a person filled it in; defaults and checks are those of `parseTrainConfig`. */
export const configParamsSchema = z.strictObject({ config: z.record(z.string(), z.unknown()) });

/** All memory in bytes, all times in seconds. */
export const estimateSchema = z.object({
  /** With nothing else to do for the machine: where other work shares its cores, a step takes a few times as long. */
  secondsPerStep: z.number(),
  stepsPerSecond: z.number(),
  /** All steps and evaluations, visual features not counted. */
  totalSeconds: z.number(),
  /** Of `totalSeconds`: the evaluations. Rougher than the steps: nobody knows how long the texts will be. */
  evaluationSeconds: z.number(),
  /** Of the training process, once it has evaluated: within 15 % of what was measured. */
  memory: z.object({
    /** The frozen T5 and what is trained. */
    weights: z.number(),
    /** Largest sum of the values that a step holds at one time. */
    activations: z.number(),
    /** Gradients and the optimiser's state. */
    optimiser: z.number(),
    /** The program and the runtime themselves. */
    program: z.number(),
    total: z.number(),
  }),
  /** What the run will set where its settings leave the choice. */
  mode: z.object({ sharedWeights: z.boolean(), microBatch: z.int().nullable(), recompute: z.boolean() }),
  machineMemory: z.number(),
  parameters: parameterCountsSchema,
  budget: z.object({
    /** d: width of the word embeddings. */
    width: z.int(),
    /** s: text tokens. */
    textLength: z.int(),
    /** m d + (s + d) r, or m d for prompt tuning. */
    used: z.number(),
    /** Prompt tuning with 100 tokens: 100 d. */
    full: z.number(),
    /** Length of the prompt of plain prompt tuning with as many values; a fraction as a rule. */
    equivalentLength: z.number(),
  }),
  flopsPerStep: z.number(),
  /** Of this machine, measured: matrix products, in 1e9 FLOP per second. */
  gflops: z.number(),
  /** Examples of the training split that are learnt from. */
  examples: z.number(),
  /** How often the run sees all of them. */
  epochs: z.number(),
  evaluations: z.number(),
  /** Pictures of the run whose visual tokens are not computed yet. */
  missingFeatures: z.number(),
  /** Mean length of texts and targets in tokens, as met in the data. */
  lengths: z.object({ text: z.number(), target: z.number() }),
  warnings: z.array(z.object({ message: z.string(), remedy: z.string() })),
});

export type Estimate = z.output<typeof estimateSchema>;
