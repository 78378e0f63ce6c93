/** Whether a device computes, and computes right: a small graph on it, beside the same on the CPU. */
import type { Device } from '../common/devices.ts';
import { DeptError } from '../common/errors.ts';
import { compile } from '../graph/compile.ts';
import { softmax } from '../graph/ops/activations.ts';
import { add } from '../graph/ops/elementwise.ts';
import { matmul } from '../graph/ops/matmul.ts';
import { rmsNorm } from '../graph/ops/normalisation.ts';
import { input } from '../graph/sources.ts';
import { Session, type Value } from './session.ts';

const [ROWS, WIDTH] = [16, 64];

const values = (shape: readonly number[]): Value => {
  const count = shape.reduce((product, extent) => product * extent, 1);
  return { data: Float32Array.from({ length: count }, (_, i) => Math.sin(i)), shape };
};

async function compute(device: Device): Promise<Float32Array> {
  const x = input('x', 'float32', [ROWS, WIDTH]);
  const w = input('w', 'float32', [WIDTH, WIDTH]);
  const mixed = add(x, softmax(matmul(x, w, { transB: true, alpha: 0.1 })));
  const y = rmsNorm(mixed, input('scale', 'float32', [WIDTH]), 1e-6);
  const session = await Session.create(compile({ y }), { device });
  try {
    const feeds = { x: values([ROWS, WIDTH]), w: values([WIDTH, WIDTH]), scale: values([WIDTH]) };
    return (await session.run(feeds)).y!.data as Float32Array;
  } finally {
    await session.release();
  }
}

/** Throws `runtime-failed` where a value is no number: it would differ by nothing that can be compared. */
export function largestDifference(own: Float32Array, expected: Float32Array): number {
  const bad = own.find((value) => !Number.isFinite(value));
  if (bad !== undefined) throw new DeptError('runtime-failed', `It computes ${bad} where the CPU has numbers`);
  return expected.reduce((largest, value, i) => Math.max(largest, Math.abs(value - own[i]!)), 0);
}

/**
 * The largest difference from the CPU's values, which are of about 1. May crash with a bad driver: run it in a process of its own.
 * Throws `runtime-failed` where the device does not run it, or gives no numbers.
 */
export async function tryDevice(device: Device): Promise<number> {
  return largestDifference(await compute(device), await compute('cpu'));
}
