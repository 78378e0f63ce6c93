/** One training step of a tuning method on a T5 and a random batch: time, work, and the machine's own rate beside it. */
import { DeptError } from '../../common/errors.ts';
import { solveRank } from '../../contract/budget.ts';
import { graphCost } from '../../graph/cost.ts';
import { gradient } from '../../graph/gradient.ts';
import { countValues } from '../../graph/parameter.ts';
import { CheckpointBackbone } from '../../models/backbone.ts';
import { openT5 } from '../../models/t5/open.ts';
import type { SessionOptions } from '../../runtime/session.ts';
import { createOptimiser } from '../../training/optimisers/optimisers.ts';
import { startParameters, TrainStep, withFreshState } from '../../training/train-step.ts';
import { trainedParameters, trainingGraph } from '../../vision-language/clip-t5.ts';
import { ARENA, gigabytes, PROGRAM } from '../estimate.ts';
import { machineSpeed } from '../machine-speed.ts';
import { SEED, type StepMethod, type StepShape, stepData, stepFeeds, stepModel } from './step-model.ts';
import { median, timed } from './timing.ts';

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

const RATES = { prompt: 0.3, lowRank: 5e-3, projection: 3e-4 } as const;
const OPTIMISER = {
  name: 'adamw',
  betas: [0.9, 0.999],
  epsilon: 1e-6,
  epsilonPlacement: 'corrected',
  weightDecay: 0,
} as const;

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
  const model = stepModel(t5, shape, method, rank);
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

  const feeds = stepFeeds(model, stepData(model, shape));
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
