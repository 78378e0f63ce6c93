/** What a run holds in memory, and the mode in which it fits into the machine's. */
import { totalmem } from 'node:os';
import { DeptError } from '../common/errors.ts';
import type { Estimate } from '../contract/estimate.ts';
import type { TrainConfig } from '../contract/train-config.ts';
import { elementsOf, isTrained } from '../graph/parameter.ts';
import { createOptimiser } from '../training/optimisers/optimisers.ts';
import { trainedParameters } from '../vision-language/clip-t5.ts';
import type { TypicalLengths } from './estimate-lengths.ts';
import { ARENA, fittingMode, gigabytes, type MemoryMode, memoryModes, PROGRAM, ROOM } from './memory-modes.ts';
import type { OpenModel } from './open-model.ts';
import { FLOAT, type RunCosts } from './run-costs.ts';
import { PROMPTS_PER_RUN } from './writer.ts';

/** Of the machine, or what a container leaves of it: not what is free just now, so that the same run has the same mode. */
export function memoryHere(): number {
  return Math.min(totalmem(), process.constrainedMemory() || Number.POSITIVE_INFINITY);
}

export const roomHere = (): number => ROOM * memoryHere();

/** Bytes of the frozen T5 in the sessions of training and evaluation. */
function frozenWeights({ step: stepIn, encoding, decoder, embedding }: RunCosts, mode: MemoryMode): number {
  const step = stepIn(mode);
  // the head reads the embedding as a matrix, the decoder's input row by row: two copies
  if (!mode.sharedWeights) return step.packedWeights + encoding.packedWeights + decoder + embedding;
  // one file for all sessions; a quantised step has its own
  return step.quantisedFlops === 0 ? step.weights : step.weights + encoding.weights + decoder - embedding;
}

/** Bytes, as the training process will come to hold them once it has evaluated. */
export function runMemory(
  config: TrainConfig,
  { clipT5, counts }: OpenModel,
  costs: RunCosts,
  { extents }: TypicalLengths,
  mode: MemoryMode,
): Estimate['memory'] {
  const { masks, encoding } = costs;
  const optimiser = createOptimiser(config.optimiser);
  const trained = trainedParameters(clipT5).filter(isTrained);
  const states = trained.flatMap(({ shape }) => Object.values(optimiser.freshState(shape)));
  const source = clipT5.method.promptLength + extents.text + clipT5.visual.tokens;
  const { decoderLayers, heads, headWidth, vocabularySize } = clipT5.config;
  const crossKeysValues = PROMPTS_PER_RUN * source * heads * headWidth * 2 * decoderLayers * FLOAT;
  const scores = PROMPTS_PER_RUN * config.evaluation.beams * vocabularySize * FLOAT;
  const memory = {
    weights: frozenWeights(costs, mode) + counts.trained * FLOAT,
    activations: ARENA * (costs.stepPeak(mode) + encoding.peak + crossKeysValues + scores) + masks,
    optimiser: states.reduce((sum, { shape }) => sum + elementsOf(shape) * FLOAT, 0) + 2 * counts.trained * FLOAT,
    program: PROGRAM,
  };
  return { ...memory, total: Object.values(memory).reduce((sum, part) => sum + part, 0) };
}

/** The mode in which a run fits into the machine's memory, as far as its settings leave it open. */
export function modeOf(config: TrainConfig, model: OpenModel, costs: RunCosts, lengths: TypicalLengths): MemoryMode {
  const bytesOf = (mode: MemoryMode): number => runMemory(config, model, costs, lengths, mode).total;
  return fittingMode(memoryModes(config, lengths.extents.batch), roomHere(), bytesOf);
}

/** Throws 'unsupported' where a run needs more memory than the machine has. */
export function checkFits({ total }: Estimate['memory']): void {
  const here = memoryHere();
  if (total <= here) return;
  throw new DeptError('unsupported', 'This machine has too little memory for the run', {
    expected: `about ${gigabytes(total)}`,
    got: gigabytes(here),
    remedy: 'Leave sharedWeights and recompute at auto and microBatch at null, or choose a smaller language model.',
  });
}
