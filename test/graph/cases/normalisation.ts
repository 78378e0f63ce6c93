/** Cases of engine/graph/ops/normalisation.ts. */
import { layerNorm, rmsNorm } from '../../../engine/graph/ops/normalisation.ts';
import { type Dense, map, meanOver } from '../dense.ts';
import { batch, type Case, floats, text } from './case.ts';

const EPSILON = 1e-3; // large enough that a wrong place for it shows

const square = (x: number): number => x * x;

/** x, or x - mean(x), over its own root mean square. */
export function normalised(x: Dense, centred: boolean, epsilon = EPSILON): Dense {
  const last = [x.shape.length - 1];
  const u = centred ? map((value, mean) => value - mean, x, meanOver(x, last)) : x;
  return map((value, power) => value / Math.sqrt(power + epsilon), u, meanOver(map(square, u), last));
}

export const normalisationCases: readonly Case[] = [
  {
    operation: 'RmsNorm',
    title: 'over the last of three axes',
    inputs: [floats([batch, text, 5]), floats([5])],
    build: (x, scale) => [rmsNorm(x!, scale!, EPSILON)],
    reference: (x, scale) => [map((u, w) => u * w, normalised(x!, false), scale!)],
  },
  {
    operation: 'LayerNorm',
    title: 'over the last of three axes',
    inputs: [floats([batch, text, 5]), floats([5]), floats([5])],
    build: (x, scale, shift) => [layerNorm(x!, scale!, shift!, EPSILON)],
    reference: (x, scale, shift) => [map((u, w, b) => u * w + b, normalised(x!, true), scale!, shift!)],
  },
];
