/** Every operation against its float64 definition: the values of the forward pass, and the gradients as differences. */
import { describe, expect, test } from 'vitest';
import { Random } from '../../engine/common/random.ts';
import { evaluateDim } from '../../engine/graph/dim.ts';
import { gradient } from '../../engine/graph/gradient.ts';
import { allOperations } from '../../engine/graph/ops/index.ts';
import type { Value } from '../../engine/runtime/session.ts';
import { relativeDifference } from '../models/reference.ts';
import { buildCase, type Case, type CaseInput, directedLoss, extents, inputName } from './cases/case.ts';
import { allCases, roundingOperations } from './cases/index.ts';
import { centralDifferences, type Dense, generate } from './dense.ts';
import { feedOf } from './feeds.ts';
import { runGraph } from './run-graph.ts';

/** Of the largest entry; float32 holds seven digits. */
const TOLERANCE = 1e-5;

/** Random odd multiples of 1/128: exact in float16 too, and never on a kink at 0. */
function randomDense(random: Random, shape: readonly number[], low = -2, high = 2): Dense {
  return generate(shape, () => (Math.floor(random.between(low, high) * 64) + 0.5) / 64);
}

/** d sum_k <direction_k, f_k(xs)> / d xs[i], by central differences in float64. */
function differences({ reference }: Case, xs: readonly Dense[], directions: readonly Dense[], i: number): Float64Array {
  return centralDifferences((moved) => {
    const ys = reference(...xs.with(i, moved));
    return ys.reduce((total, y, k) => y.data.reduce((t, value, n) => t + value * directions[k]!.data[n]!, total), 0);
  }, xs[i]!);
}

async function check(theCase: Case): Promise<void> {
  const random = new Random(theCase.operation, theCase.title);
  const { inputs, outputs } = buildCase(theCase);
  const numbers = theCase.inputs.map((spec: CaseInput) => {
    const shape = spec.shape.map((dim) => evaluateDim(dim, extents));
    return 'values' in spec
      ? { shape, data: Float64Array.from(spec.values) }
      : randomDense(random, shape, spec.low, spec.high);
  });
  const expected = theCase.reference(...numbers);
  const directions = expected.map(({ shape }) => randomDense(random, shape));

  const targets = theCase.inputs.flatMap((spec, i) => ('values' in spec ? [] : [i]));
  const gradients = gradient(
    directedLoss(outputs),
    targets.map((i) => inputs[i]!),
  );
  const values = {
    ...Object.fromEntries(outputs.map((y, k) => [`y.${k}`, y])),
    ...Object.fromEntries(gradients.map((tensor, n) => [`gradient.${targets[n]}`, tensor])),
  };
  const feeds = [
    ...theCase.inputs.map((spec, i) => [
      inputName(spec, i),
      feedOf(numbers[i]!, 'type' in spec ? spec.type : 'float32'),
    ]),
    ...directions.map((direction, k) => [`direction.${k}`, feedOf(direction)]),
  ];
  const results = await runGraph(values, Object.fromEntries(feeds) as Record<string, Value>);

  expected.forEach((y, k) => {
    const { shape, data } = results[`y.${k}`]!;
    expect(shape).toEqual(y.shape);
    expect(relativeDifference(data as Float32Array, y.data), `output ${k}`).toBeLessThan(TOLERANCE);
  });
  for (const i of targets) {
    const { shape, data } = results[`gradient.${i}`]!;
    expect(shape).toEqual(numbers[i]!.shape);
    const numeric = differences(theCase, numbers, directions, i);
    expect(relativeDifference(data as Float32Array, numeric), `gradient of input ${i}`).toBeLessThan(TOLERANCE);
  }
}

const operations = [...new Set(allCases.map(({ operation }) => operation))];
describe.each(operations)('%s', (operation) => {
  test.each(allCases.filter((one) => one.operation === operation))('$title', check);
});

test('every operation with a gradient has a case', () => {
  const differentiable = allOperations.filter((operation) => operation.gradient !== 'none').map(({ name }) => name);
  expect(differentiable.filter((name) => !operations.includes(name))).toEqual(roundingOperations);
});
