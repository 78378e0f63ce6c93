/** The sweep: which nodes it adds, what it gives for targets of every kind, what it refuses. */
import { expect, test } from 'vitest';
import { DeptError } from '../../engine/common/errors.ts';
import { compile } from '../../engine/graph/compile.ts';
import { named } from '../../engine/graph/dim.ts';
import { gradient } from '../../engine/graph/gradient.ts';
import { add, exp, greater, multiply, sumAll, where } from '../../engine/graph/ops/elementwise.ts';
import { matmul } from '../../engine/graph/ops/matmul.ts';
import { constant, input } from '../../engine/graph/sources.ts';
import type { Tensor } from '../../engine/graph/tensor.ts';
import { decodeModel } from '../../engine/onnx/decode.ts';
import type { Value } from '../../engine/runtime/session.ts';
import { runGraph } from './run-graph.ts';

const floats = (...values: number[]): Value => ({ data: Float32Array.from(values), shape: [values.length] });

/** How often each ONNX operator stands in the graph of these outputs. */
function counts(...outputs: Tensor[]): Record<string, number> {
  const { model } = compile(Object.fromEntries(outputs.map((tensor, i) => [`output.${i}`, tensor])));
  const tally: Record<string, number> = {};
  for (const { op } of decodeModel(model).graph.nodes) tally[op] = (tally[op] ?? 0) + 1;
  return tally;
}

async function run(outputs: Record<string, Tensor>, feeds: Record<string, Value>): Promise<Record<string, number[]>> {
  const results = await runGraph(outputs, feeds);
  return Object.fromEntries(Object.entries(results).map(([name, { data }]) => [name, Array.from(data, Number)]));
}

const products = ({ MatMul = 0, FusedMatMul = 0 }: Record<string, number>): number => MatMul + FusedMatMul;

test('a frozen product gets a gradient to its input and none to its weight', () => {
  const [batch, x] = [named('batch'), input('x', 'float32', [named('batch'), 4])];
  const weights = ['first', 'second', 'third'].map((name) => input(name, 'float32', [4, 4]));
  const loss = sumAll(weights.reduce((state, weight) => matmul(state, weight), x));
  expect(products(counts(loss))).toBe(3);
  expect(products(counts(loss, ...gradient(loss, [x])))).toBe(3 + 3);
  expect(products(counts(loss, ...gradient(loss, [weights[2]!])))).toBe(3 + 1);
  expect(products(counts(loss, ...gradient(loss, [weights[0]!])))).toBe(3 + 3);
  expect(products(counts(loss, ...gradient(loss, [x, ...weights])))).toBe(3 + 6);
  expect(gradient(loss, [x])[0]!.shape).toEqual([batch, 4]);
});

test('what the targets do not reach is not differentiated', () => {
  const x = input('x', 'float32', [3]);
  const frozen = exp(exp(input('y', 'float32', [3])));
  const loss = sumAll(multiply(x, frozen));
  expect(counts(loss).Exp).toBe(2);
  expect(counts(loss, ...gradient(loss, [x]))).toEqual({ ...counts(loss), Identity: 2, Reshape: 1, Expand: 1, Mul: 2 });
});

test('the uses of a value add up', async () => {
  const x = input('x', 'float32', [2]);
  const loss = sumAll(add(multiply(x, x), add(x, exp(x))));
  const [g] = gradient(loss, [x]);
  const results = await run({ g: g! }, { x: floats(0, 1) });
  expect(results.g![0]).toBeCloseTo(2 * 0 + 1 + 1, 6);
  expect(results.g![1]).toBeCloseTo(2 * 1 + 1 + Math.E, 6);
});

test('targets: values on the way, the loss, the same one twice, one that the loss does not depend on', async () => {
  const x = input('x', 'float32', [2]);
  const unrelated = input('unrelated', 'float32', [3]);
  const middle = multiply(x, x);
  const loss = sumAll(multiply(middle, constant(3)));
  const [toX, toMiddle, toLoss, toMiddleAgain, toUnrelated] = gradient(loss, [x, middle, loss, middle, unrelated]);
  expect(toMiddleAgain).toBe(toMiddle);
  const outputs = { toX: toX!, toMiddle: toMiddle!, toLoss: toLoss!, toUnrelated: toUnrelated! };
  expect(await run(outputs, { x: floats(1, 2) })).toEqual({
    toX: [6, 12],
    toMiddle: [3, 3],
    toLoss: [1],
    toUnrelated: [0, 0, 0],
  });
});

test('a comparison carries no gradient, and what it chooses between does', async () => {
  const x = input('x', 'float32', [3]);
  const loss = sumAll(where(greater(x, constant(0)), multiply(x, constant(2)), constant(5)));
  const [g] = gradient(loss, [x]);
  expect(await run({ g: g! }, { x: floats(-1, 1, 2) })).toEqual({ g: [0, 2, 2] });
});

test('a long chain does not overflow the stack', () => {
  const x = input('x', 'float32', []);
  let y = x;
  for (let i = 0; i < 20_000; i += 1) y = add(y, x);
  expect(compile({ g: gradient(y, [x])[0]! }).nodeCount).toBe(20_000 + 1);
});

test('a loss that is not a scalar is refused', () => {
  const x = input('x', 'float32', [named('batch'), 2]);
  expect(() => gradient(x, [x])).toThrow(
    new DeptError('shape-mismatch', 'The loss of a gradient must be a scalar', { expected: '[]', got: '[batch, 2]' }),
  );
});
