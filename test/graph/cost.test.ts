/** The cost of graphs small enough to count by hand. */
import { expect, test } from 'vitest';
import { graphCost } from '../../engine/graph/cost.ts';
import { named } from '../../engine/graph/dim.ts';
import { gradient } from '../../engine/graph/gradient.ts';
import { attention } from '../../engine/graph/ops/attention.ts';
import { add, cast, exp, multiply, sumAll } from '../../engine/graph/ops/elementwise.ts';
import { gather } from '../../engine/graph/ops/gather.ts';
import { matmul } from '../../engine/graph/ops/matmul.ts';
import { recomputed } from '../../engine/graph/ops/recompute.ts';
import { reshape, reshapeWeight, transpose } from '../../engine/graph/ops/structure.ts';
import { constant, input, stored } from '../../engine/graph/sources.ts';
import type { Tensor } from '../../engine/graph/tensor.ts';

const batch = named('batch');
const weight = (name: string, shape: readonly number[], type: 'float32' | 'bfloat16' = 'float32'): Tensor =>
  stored({ name, type, shape, file: 'f', offset: 0, length: 0 });

test('a product takes two operations for each of its multiplications, whatever is swapped', () => {
  const [a, b] = [input('a', 'float32', [batch, 3, 5]), input('b', 'float32', [7, 5])];
  expect(graphCost([matmul(a, b, { transB: true })], { batch: 2 }).flops).toBe(2 * 2 * 3 * 7 * 5);
  const c = input('c', 'float32', [5, 3]);
  const d = input('d', 'float32', [5, 7]);
  expect(graphCost([matmul(c, d, { transA: true })], {}).flops).toBe(2 * 3 * 7 * 5);
});

test('a frozen product costs as much again in the gradient, a trained one twice as much', () => {
  const x = input('x', 'float32', [4, 5]);
  const flops = (w: Tensor, targets: readonly Tensor[]): number => {
    const loss = sumAll(matmul(x, w));
    return graphCost([loss, ...gradient(loss, targets)], {}).flops;
  };
  const [frozen, trained] = [weight('w', [5, 6]), input('t', 'float32', [5, 6])];
  expect(flops(frozen, [x])).toBe(2 * 2 * 4 * 5 * 6);
  expect(flops(trained, [x, trained])).toBe(3 * 2 * 4 * 5 * 6);
});

test('everything else moves what it reads and writes; a view and a lookup no more than they touch', () => {
  const x = input('x', 'float32', [batch, 10]);
  const moved = (y: Tensor): number => graphCost([y], { batch: 3 }).moved;
  expect(moved(add(x, constant(1)))).toBe(4 * (30 + 1 + 30));
  expect(moved(transpose(x, [1, 0]))).toBe(4 * 60);
  expect(moved(reshape(x, [10, batch]))).toBe(0);
  const rows = gather(weight('table', [1000, 10]), input('ids', 'int64', [batch]));
  expect(moved(rows)).toBe(4 * 60);
});

test('the peak is the most that is alive at one time', () => {
  const x = input('x', 'float32', [100]);
  const chain = exp(exp(exp(x))); // each forgets the one before: two at a time
  expect(graphCost([chain], {}).peak).toBe(4 * 200);
  const a = exp(x);
  const kept = multiply(a, exp(exp(a))); // a is needed at the end: three at a time
  expect(graphCost([kept], {}).peak).toBe(4 * 300);
  const viewed = exp(reshape(exp(x), [10, 10]));
  expect(graphCost([viewed], {}).peak).toBe(4 * 200);
});

test('what is recomputed costs its products once more, and holds only the inputs of its parts', () => {
  const x = input('x', 'float32', [10, 10]);
  const part = ([a]: readonly Tensor[]): Tensor => exp(exp(exp(matmul(a!, weight('w', [10, 10])))));
  const step = (layer: (a: Tensor) => Tensor) => {
    const loss = sumAll(layer(layer(layer(x))));
    return graphCost([loss, ...gradient(loss, [x])], {});
  };
  const [kept, again] = [step((a) => part([a])), step((a) => recomputed(part, [a]))];
  expect([kept.flops, again.flops]).toEqual([6 * 2000, 9 * 2000]);
  // kept: the exponentials of all parts. Anew: what goes into each part, its own exponentials, a gradient.
  expect(kept.peak).toBeGreaterThan(9 * 400);
  expect(again.peak).toBeLessThan(7 * 400);
});

test('a composite costs what its body does', () => {
  const [q, k, v] = ['q', 'k', 'v'].map((name) => input(name, 'float32', [batch, 2, 3, 4]));
  const { flops } = graphCost([attention(q!, k!, v!, { scale: 1 })], { batch: 5 });
  expect(flops).toBe(2 * (2 * 5 * 2 * 3 * 3 * 4));
});

test('a weight is kept once for each product with it, and once for all other uses', () => {
  const w = cast(weight('w', [10, 10], 'bfloat16'), 'float32');
  const x = input('x', 'float32', [10, 10]);
  const twice = matmul(matmul(x, w), w, { transB: true });
  expect(graphCost([twice], {})).toMatchObject({ weights: 400, packedWeights: 800 });
  const ids = input('ids', 'int64', [4]);
  const read = [gather(w, ids), gather(w, ids), matmul(x, w)];
  expect(graphCost(read, {})).toMatchObject({ weights: 400, packedWeights: 800 });
  const batched = reshapeWeight(weight('v', [10, 10]), [2, 5, 10]); // a batch of matrices is not packed
  const products = matmul(matmul(input('y', 'float32', [2, 10, 5]), batched), batched, { transB: true });
  expect(graphCost([products], {})).toMatchObject({ weights: 400, packedWeights: 400 });
});
