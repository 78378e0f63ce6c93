/** DePT and prompt tuning on the tiny T5, as test/golden/make-dept.py has them: the models, the samples, a training step. */

import { isTrained } from '../../engine/graph/parameter.ts';
import { CheckpointBackbone } from '../../engine/models/backbone.ts';
import { readT5Config } from '../../engine/models/t5/config.ts';
import type { SessionOptions, Value } from '../../engine/runtime/session.ts';
import { adamW } from '../../engine/training/optimisers/adam.ts';
import type { Optimiser } from '../../engine/training/optimisers/optimiser.ts';
import {
  type ParameterValues,
  type StepOptions,
  type TrainedParameter,
  TrainStep,
  withFreshState,
} from '../../engine/training/train-step.ts';
import { type DeptOptions, dept, LOW_RANK_A, LOW_RANK_B } from '../../engine/tuning/dept.ts';
import type { FrozenModel, TuningMethod } from '../../engine/tuning/method.ts';
import { promptTuning } from '../../engine/tuning/prompt-tuning.ts';
import { PROMPT, type SoftPromptOptions } from '../../engine/tuning/soft-prompt.ts';
import { type ClipT5, encoderFeeds, trainedParameters, trainingGraph } from '../../engine/vision-language/clip-t5.ts';
import { linearProjection } from '../../engine/vision-language/projection.ts';
import { type Target, targetFeeds, tokenWeights } from '../../engine/vision-language/target-feeds.ts';
import type { Task } from '../../engine/vision-language/tasks.ts';
import { golden } from '../models/reference.ts';

export interface Rows {
  readonly input_ids: number[][];
  readonly labels: number[][];
  readonly scores?: number[];
}

interface GoldenStep {
  readonly loss: number;
  readonly grad_norm: number;
  readonly rate_factor: number;
}

interface DeptReference {
  readonly sizes: Record<
    'prompt' | 'pt_prompt' | 'rank' | 'text' | 'long' | 'alpha' | 'visual' | 'visual_width',
    number
  >;
  readonly init_text_ids: number[];
  readonly spreads: Record<string, { readonly std: number; readonly largest: number }>;
  readonly case: Rows;
  readonly training: {
    readonly steps: number;
    readonly warmup: number;
    readonly clip: number;
    readonly betas: [number, number];
    readonly eps: number;
    readonly weight_decay: number;
    readonly rates: Record<'prompt' | 'A' | 'B' | 'projection', number>;
    readonly batches: Rows[];
    readonly dept: GoldenStep[];
    readonly pt: GoldenStep[];
  };
}

const t5 = golden<unknown>('t5-tiny');
export const tiny = golden<DeptReference>('dept-tiny');
export const { sizes, training } = tiny.reference;
export const config = readT5Config(t5.folder);
export const table = t5.checkpoint().floats('shared.weight');

export const backbone = (dropoutRate = 0): CheckpointBackbone =>
  new CheckpointBackbone(t5.checkpoint(), { dropoutRate });

/** What methods see of the tiny T5, with a made-up tokenizer: one id for each letter, then the end of text. */
export const frozen: FrozenModel = {
  width: config.width,
  vocabularySize: config.vocabularySize,
  wordEmbedding: (id) => table.slice(id * config.width, (id + 1) * config.width),
  encode: (text) => [...[...text].map((letter) => 2 + (letter.charCodeAt(0) % 38)), config.eosId],
};

const softPrompt = { promptInit: 'random', initText: 'ab' } as const;

export function deptMethod(changes: Partial<DeptOptions> = {}): TuningMethod {
  const { prompt: promptLength, rank, text: maxTextLength, alpha } = sizes;
  const options = { ...softPrompt, promptLength, rank, maxTextLength, alpha, lowRankInit: 'uniform' } as const;
  return dept({ ...options, ...changes }, frozen);
}

export function promptTuningMethod(changes: Partial<SoftPromptOptions> = {}): TuningMethod {
  return promptTuning({ ...softPrompt, promptLength: sizes.pt_prompt, ...changes }, frozen);
}

export function modelWith(method: TuningMethod): ClipT5 {
  return {
    config,
    method,
    projection: linearProjection({ clipWidth: sizes.visual_width, width: config.width, epsilon: config.epsilon }),
    visual: { tokens: sizes.visual, width: sizes.visual_width },
  };
}

const inTorch: Record<string, string> = { [PROMPT]: 'prompt', [LOW_RANK_A]: 'A', [LOW_RANK_B]: 'B' };

/** The name of a trained tensor in the golden files. */
export const torchName = (name: string): string => inTorch[name] ?? name.replace('visual_', '');

/** The optimiser of the golden runs: transformers' old AdamW. */
export const oldAdamW: Optimiser = adamW({
  betas: training.betas,
  epsilon: training.eps,
  weightDecay: training.weight_decay,
  epsilonPlacement: 'uncorrected',
});

/** Before the first step. */
export const fresh = (parameters: readonly ParameterValues[], optimiser = oldAdamW): TrainedParameter[] =>
  withFreshState(parameters, optimiser);

/** A model's parameters with the values of these golden tensors, before the first step. */
export function parametersFrom(model: ClipT5, tensorOf: (torchName: string) => string): TrainedParameter[] {
  const specs = trainedParameters(model);
  return fresh(specs.map((spec) => ({ spec, values: tiny.expected(tensorOf(torchName(spec.name))) })));
}

export interface Sample {
  readonly text: readonly number[];
  readonly target: Target;
  /** [tokens * width] */
  readonly visual: Float32Array;
}

/** `visual` holds the tokens of all pictures. */
export function samplesOf({ input_ids, labels, scores }: Rows, visual: Float32Array): Sample[] {
  const area = visual.length / input_ids.length;
  return input_ids.map((ids, i) => ({
    text: ids.filter((id) => id !== config.padId),
    target: { ids: labels[i]!.filter((id) => id !== -100), score: scores?.[i] ?? 1 },
    visual: visual.slice(i * area, (i + 1) * area),
  }));
}

/** The four samples of the gradient cases; the longest text has 7 tokens of s = 8, the last answer is empty with score 0. */
export const caseSamples = samplesOf(tiny.reference.case, tiny.expected('case.visual'));

/** The six batches of three samples that training walks in turn. */
export const trainingBatches = training.batches.map((rows, i) => samplesOf(rows, tiny.expected(`batch.${i}.visual`)));

/** A batch's feeds; `step` holds all samples of its optimiser step. */
export function feedsOf(model: ClipT5, task: Task, samples: readonly Sample[], step = samples): Record<string, Value> {
  const visual = Float32Array.from(samples.flatMap((sample) => [...sample.visual]));
  const weightOf = tokenWeights(
    task,
    step.map(({ target }) => target),
  );
  return {
    ...encoderFeeds(
      model,
      samples.map(({ text }) => text),
      visual,
    ),
    ...targetFeeds(
      model.config,
      samples.map(({ target }) => target),
      weightOf,
    ),
  };
}

export function openStep(
  model: ClipT5,
  parameters: readonly TrainedParameter[],
  {
    dropoutRate = 0,
    frozenT5 = backbone(dropoutRate),
    targetLength,
    ...options
  }: Partial<StepOptions & SessionOptions> & {
    dropoutRate?: number;
    frozenT5?: CheckpointBackbone;
    targetLength?: number;
  } = {},
): Promise<TrainStep> {
  const graph = { ...trainingGraph(frozenT5, model, targetLength), dropout: frozenT5.dropout };
  const defaults = { seed: 1, optimiser: oldAdamW, clipNorm: training.clip, microBatch: null, threads: 1 };
  return TrainStep.create(graph, parameters, { ...defaults, ...options });
}

/** Loss and gradients of one batch, by the names of the golden files. */
export async function gradientsOf(
  model: ClipT5,
  parameters: readonly TrainedParameter[],
  batches: readonly Readonly<Record<string, Value>>[],
  nameOf = torchName,
): Promise<{ loss: number; gradients: Record<string, Float32Array> }> {
  const step = await openStep(model, parameters);
  const { loss, gradients } = await step.gradients(batches, 0);
  await step.release();
  const trained = parameters.filter(({ spec }) => isTrained(spec));
  const named = trained.map(({ spec }, i) => [nameOf(spec.name), gradients[i]!] as const);
  return { loss, gradients: Object.fromEntries(named) };
}

/** Floats as their bits, so that equal means equal. */
export const bits = (values: Float32Array): Int32Array =>
  new Int32Array(values.buffer, values.byteOffset, values.length);
