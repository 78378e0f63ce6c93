/** Cases of engine/graph/ops/attention.ts and dropout.ts. */
import type { Shape } from '../../../engine/graph/dim.ts';
import { attention } from '../../../engine/graph/ops/attention.ts';
import { Dropout, DropoutMasks } from '../../../engine/graph/ops/dropout.ts';
import { type Dense, map, product, softmaxOf, swapped } from '../dense.ts';
import { rectified } from './activations.ts';
import { batch, type Case, type CaseInput, floats, rows, text } from './case.ts';

const RATE = 0.375;

/** The mask of a graph's only dropout site: what its input is fed. */
function maskInput(shape: Shape, count: number): CaseInput {
  const values = [...new DropoutMasks(RATE, 1).window(2, 'site', 0, count)];
  return { name: 'dropout.0', type: 'float32', shape, values };
}

const times = (a: Dense, b: Dense): Dense => map((x, y) => x * y, a, b);

/** softmax(scale q k^T + bias), times the mask, times v. */
export function attentionOf(q: Dense, k: Dense, v: Dense, scale: number, bias?: Dense, mask?: Dense): Dense {
  const scores = map((score) => score * scale, product(q, swapped(k)));
  const weights = softmaxOf(bias === undefined ? scores : map((a, b) => a + b, scores, bias));
  return product(mask === undefined ? weights : times(weights, mask), v);
}

const queriesKeysValues: readonly CaseInput[] = [
  floats([batch, 2, rows, 2]),
  floats([batch, 2, text, 2]),
  floats([batch, 2, text, 3]),
];

function biasedCase(title: string, bias: Shape): Case {
  return {
    operation: 'Attention',
    title,
    inputs: [...queriesKeysValues, floats(bias)],
    build: (q, k, v, b) => [attention(q!, k!, v!, { scale: 1, bias: b! })],
    reference: (q, k, v, b) => [attentionOf(q!, k!, v!, 1, b!)],
  };
}

export const attentionCases: readonly Case[] = [
  {
    operation: 'Attention',
    title: 'no bias',
    inputs: queriesKeysValues,
    build: (q, k, v) => [attention(q!, k!, v!, { scale: 0.5 })],
    reference: (q, k, v) => [attentionOf(q!, k!, v!, 0.5)],
  },
  biasedCase('a bias for each score', [batch, 2, rows, text]),
  biasedCase('a bias for each position', [1, 2, rows, text]),
  biasedCase('a bias for each key', [batch, 1, 1, text]),
  {
    operation: 'Attention',
    title: 'a bias for each key, and dropout',
    inputs: [...queriesKeysValues, floats([batch, 1, 1, text]), maskInput([batch, 2, rows, text], 48)],
    build: (q, k, v, b) => [attention(q!, k!, v!, { scale: 0.5, bias: b!, dropout: new Dropout(RATE) })],
    reference: (q, k, v, b, mask) => [attentionOf(q!, k!, v!, 0.5, b!, mask!)],
  },
  {
    operation: 'Dropout',
    title: 'a given mask',
    inputs: [floats([batch, text, 5]), maskInput([batch, text, 5], 30)],
    build: (x) => [new Dropout(RATE).apply(x!)],
    reference: (x, mask) => [times(x!, mask!)],
  },
  {
    operation: 'Dropout',
    title: 'a given mask on what is above 0',
    inputs: [floats([batch, text, 5]), maskInput([batch, text, 5], 30)],
    build: (x) => [new Dropout(RATE).applyToRelu(x!)],
    reference: (x, mask) => [times(map(rectified, x!), mask!)],
  },
];
