/** The committed reference numbers of test/golden, and how values are compared with them. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { type Checkpoint, openCheckpoint } from '../../engine/weights/checkpoint.ts';
import { readFloats, readSafetensorsHeader } from '../../engine/weights/safetensors.ts';
import { largestDifference } from '../fidelity/largest-difference.ts';

export interface Golden<Reference> {
  readonly folder: string;
  readonly checkpoint: () => Checkpoint;
  readonly reference: Reference;
  readonly expected: (name: string) => Float32Array;
  readonly names: readonly string[];
}

export function golden<Reference>(name: string): Golden<Reference> {
  const folder = fileURLToPath(new URL(`../golden/${name}`, import.meta.url));
  const file = readSafetensorsHeader(`${folder}/expected.safetensors`);
  return {
    folder,
    checkpoint: () => openCheckpoint(folder),
    reference: JSON.parse(readFileSync(`${folder}/reference.json`, 'utf8')) as Reference,
    expected: (tensor) => readFloats(file, tensor),
    names: [...file.tensors.keys()],
  };
}

/** max |a - b| / max |b|: the largest difference relative to the size of the reference tensor. */
export function relativeDifference(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  const { difference, size } = largestDifference(actual, expected);
  expect([difference, size].every(Number.isFinite)).toBe(true);
  return size === 0 ? difference : difference / size;
}

export const int64 = (rows: readonly (readonly number[])[]): { data: BigInt64Array; shape: number[] } => ({
  data: BigInt64Array.from(rows.flat().map(BigInt)),
  shape: [rows.length, rows[0]!.length],
});

/** The pictures of `hashed_pixels` in golden/common.py. */
export function hashedPixels(count: number): Float32Array {
  return Float32Array.from({ length: count }, (_, index) => {
    let x = index;
    for (let round = 0; round < 2; round += 1) x = Math.imul(x ^ (x >>> 16), 0x45d9f3b);
    return ((x ^ (x >>> 16)) >>> 0) / 2 ** 31 - 1;
  });
}
