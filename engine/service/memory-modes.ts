/** Ways to compute the same numbers in less memory: one copy of the frozen weights, fewer examples at one time, fewer values kept. */
import type { TrainConfig } from '../contract/train-config.ts';

/** Node with the program, its data and ONNX Runtime, before a model is loaded: measured on Linux. */
export const PROGRAM = 300e6;

/**
 * ONNX Runtime holds this much for each byte that is alive: its arena grows in doubling steps and is never given back.
 * Measured as 1.26 on a step of T5-base with a batch of 16, as 1.4 with 4 examples at a time.
 */
export const ARENA = 1.35;

/** Share of the memory that may be taken before another mode is chosen, or a warning due: the rest is for errors of the estimate. */
export const ROOM = 0.9;

export const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(1)} GB`;

export interface MemoryMode {
  readonly sharedWeights: boolean;
  /** Most examples at one time; null: whole batches. */
  readonly microBatch: number | null;
  /** The values inside each layer are made anew for the gradient. */
  readonly recompute: boolean;
}

/** The modes between which the settings leave the choice, from the fastest to the smallest. */
export function memoryModes(
  { sharedWeights, microBatch, recompute }: Pick<TrainConfig, keyof MemoryMode>,
  batchSize: number,
): readonly MemoryMode[] {
  const copies = sharedWeights === 'auto' ? [false, true] : [sharedWeights];
  const first = { microBatch, recompute: recompute === true };
  const modes: MemoryMode[] = copies.map((shared) => ({ ...first, sharedWeights: shared }));
  for (let examples = microBatch ?? batchSize; microBatch === null && examples > 1; ) {
    examples = Math.ceil(examples / 2);
    modes.push({ ...modes.at(-1)!, microBatch: examples });
  }
  if (recompute === 'auto') modes.push({ ...modes.at(-1)!, recompute: true });
  return modes;
}

/** The first mode that takes at most `room` bytes; the last where none does. */
export function fittingMode(
  modes: readonly MemoryMode[],
  room: number,
  bytesOf: (mode: MemoryMode) => number,
): MemoryMode {
  return modes.find((mode) => bytesOf(mode) <= room) ?? modes.at(-1)!;
}

/** By what memory is saved; empty where there is enough of it. */
export function modeText({ sharedWeights, microBatch, recompute }: MemoryMode): string {
  return [
    ...(sharedWeights ? ['one copy of the weights'] : []),
    ...(microBatch === null ? [] : [`${microBatch} ${microBatch === 1 ? 'example' : 'examples'} at a time`]),
    ...(recompute ? ['values of layers computed twice'] : []),
  ].join(', ');
}
