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
import type { Checkpoint } from '../../weights/checkpoint.ts';
import { widenedCheckpoint } from '../../weights/widen.ts';
import { machineSpeed } from '../machine-speed.ts';
import { ARENA, fittingMode, gigabytes, type MemoryMode, memoryModes, PROGRAM, ROOM } from '../memory-modes.ts';
import { SEED, type StepMethod, type StepShape, stepData, stepFeeds, stepModel } from './step-model.ts';
import { median, timed } from './timing.ts';

/** l: what DePT's prompt and low-rank update together may have as many values as. */
export const FULL_LENGTH = 100;

export interface StepResult {
  readonly rank: number;
  /** The fastest that there is memory for. */
  readonly mode: MemoryMode;
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
 * Trains `repeat` steps after one to warm up, with T5's dropout. Weights of 16 bits may be widened in the folder `widened`.
 * @throws DeptError 'unsupported' where the step needs more memory than is free.
 */
export async function measureStep(
  folder: string,
  shape: StepShape,
  method: StepMethod,
  repeat: number,
  widened: string,
  options: Pick<SessionOptions, 'threads'> = {},
): Promise<StepResult> {
  const t5 = openT5(folder);
  const { width, feedForwardWidth } = t5.config;
  const { promptLength } = method;
  const rank = method.name === 'dept' ? solveRank({ width, textLength: shape.text }, FULL_LENGTH, promptLength) : 0;
  const model = stepModel(t5, shape, method, rank);
  const build = (checkpoint: Checkpoint) => {
    const backbone = new CheckpointBackbone(checkpoint, { dropoutRate: 0.1 });
    return { ...trainingGraph(backbone, model, shape.target), dropout: backbone.dropout };
  };
  const published = build(t5.checkpoint);
  const outputs = [published.loss, ...gradient(published.loss, published.parameters.trained)];
  const { batch, text, target } = shape;
  const costOf = (examples: number) =>
    graphCost(outputs, { batch: examples, text, target, counted: examples * target });
  const cost = costOf(batch);
  const neededIn = ({ sharedWeights, microBatch }: MemoryMode): number =>
    PROGRAM + (sharedWeights ? cost.weights : cost.packedWeights) + ARENA * costOf(microBatch ?? batch).peak;
  const free = process.availableMemory();
  const modes = memoryModes({ sharedWeights: 'auto', microBatch: null, recompute: false }, batch);
  const mode = fittingMode(modes, ROOM * free, neededIn);
  const needed = neededIn(mode);
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
  const stepOptions = { seed: SEED, optimiser, clipNorm: null, ...mode, ...options };
  const graph = mode.sharedWeights ? build(widenedCheckpoint(t5.checkpoint, widened)) : published;
  const seconds: number[] = [];
  {
    await using step = await TrainStep.create(graph, parameters, stepOptions);
    await step.run([feeds], 0, RATES);
    for (let i = 1; i <= repeat; i += 1) seconds.push(await timed(() => step.run([feeds], i, RATES)));
  }
  const { flops: machineFlops } = await machineSpeed(width, feedForwardWidth, options.threads);
  return {
    rank,
    mode,
    parameters: countValues(model.method.parameters),
    seconds,
    samplesPerSecond: shape.batch / median(seconds),
    flops: cost.flops / median(seconds),
    machineFlops,
  };
}
