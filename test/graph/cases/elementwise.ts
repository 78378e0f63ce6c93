/** Cases of engine/graph/ops/elementwise.ts. */
import type { Shape } from '../../../engine/graph/dim.ts';
import {
  add,
  cast,
  divide,
  exp,
  greater,
  log,
  multiply,
  negate,
  reciprocal,
  reduceMean,
  sqrt,
  subtract,
  where,
} from '../../../engine/graph/ops/elementwise.ts';
import type { Tensor } from '../../../engine/graph/tensor.ts';
import { map, meanOver } from '../dense.ts';
import { batch, type Case, floats, given, positive, text } from './case.ts';

/** Each side is broadcast in some case, and both are in one. */
function binaryCases(
  operation: string,
  build: (a: Tensor, b: Tensor) => Tensor,
  reference: (a: number, b: number) => number,
): Case[] {
  const pairs: readonly (readonly [string, Shape, Shape])[] = [
    ['equal shapes', [batch, text], [batch, text]],
    ['a vector b', [batch, text, 2], [2]],
    ['a vector a', [2], [batch, text, 2]],
    ['both broadcast', [text, 1], [batch, 1, 2]],
    ['a scalar b', [text], []],
  ];
  return pairs.map(([title, left, right]) => ({
    operation,
    title,
    inputs: [floats(left), positive(right)],
    build: (a, b) => [build(a!, b!)],
    reference: (a, b) => [map(reference, a!, b!)],
  }));
}

/** An operation on each element of one tensor. */
export function unaryCase(
  operation: string,
  build: (x: Tensor) => Tensor,
  reference: (x: number) => number,
  input = floats([batch, text]),
): Case {
  return {
    operation,
    title: 'each element',
    inputs: [input],
    build: (x) => [build(x!)],
    reference: (x) => [map(reference, x!)],
  };
}

export const elementwiseCases: readonly Case[] = [
  ...binaryCases('Add', add, (a, b) => a + b),
  ...binaryCases('Sub', subtract, (a, b) => a - b),
  ...binaryCases('Mul', multiply, (a, b) => a * b),
  ...binaryCases('Div', divide, (a, b) => a / b),
  unaryCase('Neg', negate, (x) => -x),
  unaryCase('Exp', exp, Math.exp),
  unaryCase('Log', log, Math.log, positive([batch, text])),
  unaryCase('Sqrt', sqrt, Math.sqrt, positive([batch, text])),
  unaryCase('Reciprocal', reciprocal, (x) => 1 / x, positive([batch, text])),
  {
    operation: 'Greater',
    title: 'with broadcasting; its gradient is zero',
    inputs: [floats([batch, text]), floats([text])],
    build: (a, b) => [cast(greater(a!, b!), 'float32')],
    reference: (a, b) => [map((x, y) => Number(x > y), a!, b!)],
  },
  {
    operation: 'ReduceMean',
    title: 'one axis, and two',
    inputs: [floats([3, batch, 4])],
    build: (x) => [reduceMean(x!, [-1]), reduceMean(x!, [0, 2])],
    reference: (x) => [meanOver(x!, [2]), meanOver(x!, [0, 2])],
  },
  {
    operation: 'Where',
    title: 'three shapes that broadcast',
    inputs: [given('bool', [text, 1], [1, 0, 1]), floats([batch, 1, 2]), floats([2])],
    build: (condition, a, b) => [where(condition!, a!, b!)],
    reference: (condition, a, b) => [map((holds, x, y) => (holds ? x : y), condition!, a!, b!)],
  },
  {
    operation: 'Cast',
    title: 'to float16 and back',
    inputs: [floats([batch, text])],
    build: (x) => [cast(cast(x!, 'float16'), 'float32')],
    reference: (x) => [x!],
  },
  {
    operation: 'Cast',
    title: 'through an integer, where the gradient ends',
    inputs: [floats([batch, text])],
    build: (x) => [cast(cast(x!, 'int32'), 'float32')],
    reference: (x) => [map(Math.trunc, x!)],
  },
];
