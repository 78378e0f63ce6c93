/** Cases of engine/graph/ops/activations.ts. */
import {
  erf,
  gelu,
  logSoftmax,
  quickGelu,
  relu,
  sigmoid,
  softmax,
  step,
  tanh,
  tanhGelu,
} from '../../../engine/graph/ops/activations.ts';
import { erfOf, logSoftmaxOf, map, softmaxOf } from '../dense.ts';
import { batch, type Case, floats, given, text } from './case.ts';
import { unaryCase } from './elementwise.ts';

export const logistic = (x: number): number => 1 / (1 + Math.exp(-x));
export const rectified = (x: number): number => Math.max(x, 0);
export const quickGeluOf = (x: number): number => x * logistic(1.702 * x);
export const geluOf = (x: number): number => (x * (1 + erfOf(x / Math.SQRT2))) / 2;
export const tanhGeluOf = (x: number): number =>
  (x / 2) * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)));

export const activationCases: readonly Case[] = [
  unaryCase('Tanh', tanh, Math.tanh),
  unaryCase('Sigmoid', sigmoid, logistic),
  unaryCase('Erf', erf, erfOf),
  unaryCase('Relu', relu, rectified),
  {
    operation: 'Step',
    title: 'of numbers below, at and above 0, small ones and infinity',
    inputs: [given('float32', [8], [-3, -1e-30, -0, 0, 2 ** -126, 1e-30, 5, Number.POSITIVE_INFINITY])],
    build: (x) => [step(x!)],
    reference: (x) => [map((value) => (value > 0 ? 1 : 0), x!)],
  },
  unaryCase('QuickGelu', quickGelu, quickGeluOf),
  unaryCase('Gelu', gelu, geluOf),
  unaryCase('FastGelu', tanhGelu, tanhGeluOf),
  {
    operation: 'Softmax',
    title: 'along the last axis',
    inputs: [floats([batch, text])],
    build: (x) => [softmax(x!)],
    reference: (x) => [softmaxOf(x!)],
  },
  {
    operation: 'LogSoftmax',
    title: 'along the last axis',
    inputs: [floats([batch, text])],
    build: (x) => [logSoftmax(x!)],
    reference: (x) => [logSoftmaxOf(x!)],
  },
];
