/** Ways to compute the same numbers in less memory: one copy of the frozen weights, fewer examples at one time. */
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
}

/** The modes between which the settings leave the choice, from the fastest to the smallest. */
export function memoryModes(
  { sharedWeights, microBatch }: Pick<TrainConfig, 'sharedWeights' | 'microBatch'>,
  batchSize: number,
): readonly MemoryMode[] {
  const copies = sharedWeights === 'auto' ? [false, true] : [sharedWeights];
  const modes: MemoryMode[] = copies.map((shared) => ({ sharedWeights: shared, microBatch }));
  const smallest = copies.at(-1)!;
  for (let examples = microBatch ?? batchSize; microBatch === null && examples > 1; ) {
    examples = Math.ceil(examples / 2);
    modes.push({ sharedWeights: smallest, microBatch: examples });
  }
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
export function modeText({ sharedWeights, microBatch }: MemoryMode): string {
  return [
    ...(sharedWeights ? ['one copy of the weights'] : []),
    ...(microBatch === null ? [] : [`${microBatch} examples at a time`]),
  ].join(', ');
}
