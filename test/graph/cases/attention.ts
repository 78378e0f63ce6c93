/** Cases of engine/graph/ops/attention.ts and dropout.ts. */
import { multiplyDims, type Shape } from '../../../engine/graph/dim.ts';
import { attention } from '../../../engine/graph/ops/attention.ts';
import { Dropout, dropoutBits } from '../../../engine/graph/ops/dropout.ts';
import { type Dense, map, product, reshaped, softmaxOf, swapped } from '../dense.ts';
import { batch, type Case, type CaseInput, floats, rows, text } from './case.ts';

const RATE = 0.375;

/** The bits of a graph's only dropout: what its two inputs are fed. */
function bits(rowExtent: Shape, rowCount: number, columnExtent: Shape, columnCount: number): readonly CaseInput[] {
  const input = (name: string, shape: Shape, count: number): CaseInput => {
    return { name, type: 'int32', shape, values: [...dropoutBits(1, 2, name, count)] };
  };
  return [
    input('dropout.0.rows', [multiplyDims(...rowExtent), 1], rowCount),
    input('dropout.0.columns', [1, ...columnExtent], columnCount),
  ];
}

/** 0 where the wrapped product of a row's and a column's number lies in the lowest part of all 32-bit integers. */
function maskOf(rowBits: Dense, columnBits: Dense, shape: readonly number[]): Dense {
  const threshold = -(2 ** 31) + RATE * 2 ** 32;
  const flat = map((r, c) => (Math.imul(r, c) < threshold ? 0 : 1 / (1 - RATE)), rowBits, columnBits);
  return reshaped(flat, shape);
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
    inputs: [...queriesKeysValues, floats([batch, 1, 1, text]), ...bits([batch, 2, rows], 16, [text], 3)],
    build: (q, k, v, b) => [attention(q!, k!, v!, { scale: 0.5, bias: b!, dropout: new Dropout(RATE) })],
    reference: (q, k, v, b, r, c) => [attentionOf(q!, k!, v!, 0.5, b!, maskOf(r!, c!, [2, 2, 4, 3]))],
  },
  {
    operation: 'Dropout',
    title: 'a mask from given bits',
    inputs: [floats([batch, text, 5]), ...bits([batch, text], 6, [5], 5)],
    build: (x) => [new Dropout(RATE).apply(x!)],
    reference: (x, r, c) => [times(x!, maskOf(r!, c!, [2, 3, 5]))],
  },
];
