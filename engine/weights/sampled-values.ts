/** A look at some of a tensor's numbers without reading all of them. */
import { closeSync } from 'node:fs';
import { openForReading } from '../common/files.ts';
import type { CheckpointTensor } from './checkpoint.ts';
import { ELEMENT_ARRAYS, elementCount, elementSize } from './dtypes.ts';
import { readFully } from './safetensors.ts';

/** Elements of each window, and windows of a tensor: at its start, one third, two thirds and its end. */
const WINDOW = 4096;
const WINDOWS = 4;

/** All exponent bits set: infinity or not a number. */
const BFLOAT16_SPECIAL = 0x7f80;

export interface SampledValues {
  readonly looked: number;
  /** Of these: infinite or not a number. */
  readonly nonFinite: number;
}

/** Looks at all elements of a small tensor and at four windows of a large one. Integers are finite. */
export function sampleValues({ dtype, shape, offset, file }: CheckpointTensor): SampledValues {
  const count = elementCount(shape);
  const isWhole = count <= WINDOW * WINDOWS;
  const length = isWhole ? count : WINDOW;
  const starts = isWhole
    ? [0]
    : Array.from({ length: WINDOWS }, (_, i) => Math.floor(((count - WINDOW) * i) / (WINDOWS - 1)));
  const descriptor = openForReading(file.path);
  let nonFinite = 0;
  try {
    for (const start of starts) {
      const bytes = new Uint8Array(length * elementSize(dtype));
      readFully(descriptor, bytes, offset + start * elementSize(dtype), file.path);
      for (const value of new ELEMENT_ARRAYS[dtype](bytes.buffer)) {
        const isSpecial =
          dtype === 'BF16' ? (Number(value) & BFLOAT16_SPECIAL) === BFLOAT16_SPECIAL : !Number.isFinite(Number(value));
        if (isSpecial) nonFinite += 1;
      }
    }
  } finally {
    closeSync(descriptor);
  }
  return { looked: length * starts.length, nonFinite };
}
