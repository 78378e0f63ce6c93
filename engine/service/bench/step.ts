/** One training step of a tuning method on a T5 and a random batch: time, work, and the machine's own rate beside it. */
import { DeptError } from '../../common/errors.ts';
import { Random } from '../../common/random.ts';
import { solveRank } from '../../contract/budget.ts';
import { graphCost } from '../../graph/cost.ts';
import { gradient } from '../../graph/gradient.ts';
import { countValues } from '../../graph/parameter.ts';
import { CheckpointBackbone } from '../../models/backbone.ts';
import { openT5, type T5 } from '../../models/t5/open.ts';
import type { SessionOptions, Value } from '../../runtime/session.ts';
import { createOptimiser } from '../../training/optimisers/optimisers.ts';
import { startParameters, TrainStep, withFreshState } from '../../training/train-step.ts';
import { dept } from '../../tuning/dept.ts';
import { promptTuning } from '../../tuning/prompt-tuning.ts';
import { type ClipT5, encoderFeeds, trainedParameters, trainingGraph } from '../../vision-language/clip-t5.ts';
import { linearProjection, type VisualProjection } from '../../vision-language/projection.ts';
import { targetFeeds, tokenWeights } from '../../vision-language/target-feeds.ts';
import { ARENA, PROGRAM } from '../estimate.ts';
import { machineSpeed } from '../machine-speed.ts';
import { median, timed } from './timing.ts';

/** The data of a step; every text and target has its full length, so that nothing is padding. */
export interface StepShape {
  readonly batch: number;
  /** s, and the length of every text. */
  readonly text: number;
  /** Visual tokens of a picture; 0: text alone, and no projection. */
  readonly visual: number;
  readonly target: number;
}

/** CLIP-T5 on captions and questions (spec 2.8), and GLUE as the paper runs it. */
export const stepShapes = {
  vl: { batch: 16, text: 20, visual: 36, target: 10 },
  glue: { batch: 16, text: 256, visual: 0, target: 2 },
} as const satisfies Record<string, StepShape>;

/** Of DePT the rank follows from the prompt length, so that all have as many values as prompt tuning with `FULL_LENGTH` tokens. */
export interface StepMethod {
  readonly name: 'dept' | 'prompt-tuning';
  /** m, or l. */
  readonly promptLength: number;
}

/** l: what DePT's prompt and low-rank update together may have as many values as. */
export const FULL_LENGTH = 100;

export interface StepResult {
  readonly rank: number;
  /** Values that the method trains, the projection's not among them. */
  readonly parameters: number;
  /** Seconds of each step after the first. */
  readonly seconds: readonly number[];
  readonly samplesPerSecond: number;
  /** Floating-point operations of the step's matrix products, per second. */
  readonly flops: number;
  /** Of the machine at such products alone, measured after the steps. */
  readonly machineFlops: number;
}

/** Width of the visual tokens: the last layer of CLIP's RN101, as in the paper. */
const VISUAL_WIDTH = 2048;
const SEED = 42;
const RATES = { prompt: 0.3, lowRank: 5e-3, projection: 3e-4 } as const;
const OPTIMISER = {
  name: 'adamw',
  betas: [0.9, 0.999],
  epsilon: 1e-6,
  epsilonPlacement: 'corrected',
  weightDecay: 0,
} as const;

const textOnly: VisualProjection = { parameters: [], project: (tokens) => tokens };

function modelOf({ config, checkpoint }: T5, { text, visual }: StepShape, method: StepMethod, rank: number): ClipT5 {
  const prompt = { promptLength: method.promptLength, promptInit: 'vocabulary', initText: '' } as const;
  const frozen = {
    width: config.width,
    vocabularySize: config.vocabularySize,
    wordEmbedding: (id: number) => checkpoint.floats('shared.weight', id),
    encode: () => [config.eosId],
  };
  return {
    config,
    method:
      method.name === 'prompt-tuning'
        ? promptTuning(prompt, frozen)
        : dept({ ...prompt, rank, maxTextLength: text, alpha: 8, lowRankInit: 'uniform' }, frozen),
    projection:
      visual === 0
        ? textOnly
        : linearProjection({ clipWidth: VISUAL_WIDTH, width: config.width, epsilon: config.epsilon }),
    visual: { tokens: visual, width: visual === 0 ? config.width : VISUAL_WIDTH },
  };
}

function batchOf(model: ClipT5, { batch, text, target }: StepShape): Record<string, Value> {
  const random = new Random(SEED, 'batch');
  const { vocabularySize, eosId } = model.config;
  const row = (length: number): number[] => [
    ...Array.from({ length: length - 1 }, () => 2 + random.below(vocabularySize - 2)),
    eosId,
  ];
  const { tokens, width } = model.visual;
  const visual = new Float32Array(batch * tokens * width).map(() => random.normal());
  const targets = Array.from({ length: batch }, () => ({ ids: row(target), score: 1 }));
  return {
    ...encoderFeeds(
      model,
      Array.from({ length: batch }, () => row(text)),
      visual,
    ),
    ...targetFeeds(model.config, targets, tokenWeights('caption', targets)),
  };
}

const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(1)} GB`;

/**
 * Trains `repeat` steps after one to warm up, with T5's dropout.
 * @throws DeptError 'unsupported' where the step needs more memory than is free.
 */
export async function measureStep(
  folder: string,
  shape: StepShape,
  method: StepMethod,
  repeat: number,
  options: SessionOptions = {},
): Promise<StepResult> {
  const t5 = openT5(folder);
  const { width, feedForwardWidth } = t5.config;
  const { promptLength } = method;
  const rank = method.name === 'dept' ? solveRank({ width, textLength: shape.text }, FULL_LENGTH, promptLength) : 0;
  const model = modelOf(t5, shape, method, rank);
  const backbone = new CheckpointBackbone(t5.checkpoint, { dropoutRate: 0.1 });
  const graph = trainingGraph(backbone, model, shape.target);
  const extents = { batch: shape.batch, text: shape.text, target: shape.target, counted: shape.batch * shape.target };
  const cost = graphCost([graph.loss, ...gradient(graph.loss, graph.parameters.trained)], extents);
  const needed = PROGRAM + cost.packedWeights + ARENA * cost.peak;
  const free = process.availableMemory();
  if (needed > free) {
    throw new DeptError('unsupported', 'This machine has too little free memory for the step', {
      expected: `about ${gigabytes(needed)}`,
      got: `${gigabytes(free)} free`,
      remedy: 'Measure a smaller model or the other shape, or close other programs.',
    });
  }

  const feeds = batchOf(model, shape);
  const optimiser = createOptimiser(OPTIMISER);
  const parameters = withFreshState(startParameters(trainedParameters(model), SEED), optimiser);
  const stepOptions = { seed: SEED, optimiser, clipNorm: null, microBatch: null, ...options };
  const seconds: number[] = [];
  {
    await using step = await TrainStep.create({ ...graph, dropout: backbone.dropout }, parameters, stepOptions);
    await step.run([feeds], 0, RATES);
    for (let i = 1; i <= repeat; i += 1) seconds.push(await timed(() => step.run([feeds], i, RATES)));
  }
  const { flops: machineFlops } = await machineSpeed(width, feedForwardWidth, options.threads);
  return {
    rank,
    parameters: countValues(model.method.parameters),
    seconds,
    samplesPerSecond: shape.batch / median(seconds),
    flops: cost.flops / median(seconds),
    machineFlops,
  };
}
