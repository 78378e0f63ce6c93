/** Random uses of engine/graph/ops/elementwise.ts and of the activations. */
import type { Shape } from '../../../engine/graph/dim.ts';
import {
  erf,
  gelu,
  logSoftmax,
  quickGelu,
  relu,
  sigmoid,
  softmax,
  tanh,
  tanhGelu,
} from '../../../engine/graph/ops/activations.ts';
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
import { broadcastShape } from '../../../engine/graph/ops/structure.ts';
import type { Tensor } from '../../../engine/graph/tensor.ts';
import { geluOf, logistic, quickGeluOf, rectified, tanhGeluOf } from '../cases/activations.ts';
import { type Dense, erfOf, logSoftmaxOf, map, meanOver, softmaxOf } from '../dense.ts';
import { type DrawnOperation, hasAxes, simple } from './operation.ts';
import type { Entry, Pool } from './pool.ts';

/** Float32 and float64 must agree on which side of a kink a value lies, and a central difference must not cross it. */
const awayFromZero = (value: number): boolean => Math.abs(value) > 0.01;

/** A shape that broadcasts with `shape`: leading axes left out, some of the others 1. */
function broadcastable({ random }: Pool, shape: Shape): Shape {
  return shape.slice(random.below(shape.length + 1)).map((dim) => (random.chance(0.3) ? 1 : dim));
}

/** Another operand for `x`: half of the time a value that is there. */
function operand(pool: Pool, x: Entry, low = -2, high = 2): Entry {
  const { random } = pool;
  const fits = ({ tensor, value }: Entry) =>
    broadcastShape(x.tensor.shape, tensor.shape) !== undefined && value.data.every((v) => v > low && v < high);
  const found = random.chance(0.5) ? pool.any(fits) : undefined;
  if (found !== undefined) return found;
  const shape = broadcastable(pool, x.tensor.shape);
  const isLarger = random.chance(0.2) && x.tensor.shape.length < 3;
  return pool.floats(isLarger ? [pool.dim(), ...x.tensor.shape] : shape, low, high);
}

const swapped = ({ random }: Pool, pair: readonly Entry[]): readonly Entry[] =>
  random.chance(0.5) ? pair : pair.toReversed();

const binary = (build: (a: Tensor, b: Tensor) => Tensor, reference: (a: number, b: number) => number) =>
  simple(
    (pool) => {
      const x = pool.any()!;
      return swapped(pool, [x, operand(pool, x)]);
    },
    build,
    (a, b) => map(reference, a!, b!),
  );

interface Domain {
  readonly low?: number;
  readonly high?: number;
  readonly fits?: (entry: Entry) => boolean;
}

/** A function of each element. */
const unary = (
  build: (x: Tensor) => Tensor,
  reference: (x: number) => number,
  { low = -8, high = 8, fits = () => true }: Domain = {},
) =>
  simple(
    (pool) => {
      const isInside = (entry: Entry) => entry.value.data.every((v) => v > low && v < high) && fits(entry);
      return [pool.any(isInside) ?? pool.floats(pool.shape(2), Math.max(low, -2), Math.min(high, 2))];
    },
    build,
    (x) => map(reference, x!),
  );

const alongLast = (build: (x: Tensor) => Tensor, reference: (x: Dense) => Dense) =>
  simple(
    (pool) => [pool.any(hasAxes) ?? pool.floats(pool.shape(2))],
    build,
    (x) => reference(x!),
  );

const reduceMeanUse: DrawnOperation<{ axes: readonly number[] }> = {
  draw: (pool) => {
    const x = pool.any(({ tensor }) => tensor.shape.some((dim) => typeof dim === 'number'));
    if (x === undefined) return undefined;
    const fixed = x.tensor.shape.flatMap((dim, axis) => (typeof dim === 'number' ? [axis] : []));
    return { inputs: [x], attributes: { axes: fixed.filter((_, i) => i === 0 || pool.random.chance(0.5)) } };
  },
  build: ([x], { axes }) => [reduceMean(x!, axes)],
  reference: ([x], { axes }) => [meanOver(x!, axes)],
};

const POSITIVE = { low: 0.25 };

export const elementwiseUses = {
  Add: binary(add, (a, b) => a + b),
  Sub: binary(subtract, (a, b) => a - b),
  Mul: binary(multiply, (a, b) => a * b),
  Div: simple(
    (pool) => {
      const x = pool.any()!;
      return [x, operand(pool, x, 0.5, 4)];
    },
    divide,
    (a, b) => map((x, y) => x / y, a!, b!),
  ),
  Neg: unary(negate, (x) => -x),
  Exp: unary(exp, Math.exp, { high: 2 }),
  Log: unary(log, Math.log, POSITIVE),
  Sqrt: unary(sqrt, Math.sqrt, POSITIVE),
  Reciprocal: unary(reciprocal, (x) => 1 / x, POSITIVE),
  /** where(a > b, c, d): the comparison has no gradient of its own. */
  Where: simple(
    (pool) => {
      const c = pool.any()!;
      const [a, b, d] = [operand(pool, c), operand(pool, c), operand(pool, c)];
      const shape = broadcastShape(a.tensor.shape, b.tensor.shape);
      if (shape === undefined || broadcastShape(shape, d.tensor.shape) === undefined) return undefined;
      return map((x, y) => x - y, a.value, b.value).data.every(awayFromZero) ? [a, b, c, d] : undefined;
    },
    (a, b, c, d) => where(greater(a!, b!), c!, d!),
    (a, b, c, d) => map((v, w, x, y) => (v! > w! ? x! : y!), a!, b!, c!, d!),
  ),
  /** By way of float64. */
  Cast: simple(
    (pool) => [pool.any()!],
    (x) => cast(cast(x!, 'float64'), 'float32'),
    (x) => x!,
  ),
  ReduceMean: reduceMeanUse,
  Tanh: unary(tanh, Math.tanh),
  Sigmoid: unary(sigmoid, logistic),
  Erf: unary(erf, erfOf, { low: -3, high: 3 }),
  Relu: unary(relu, rectified, { fits: ({ value }) => value.data.every(awayFromZero) }),
  QuickGelu: unary(quickGelu, quickGeluOf),
  Gelu: unary(gelu, geluOf, { low: -4, high: 4 }),
  FastGelu: unary(tanhGelu, tanhGeluOf, { fits: hasAxes }),
  Softmax: alongLast(softmax, softmaxOf),
  LogSoftmax: alongLast(logSoftmax, logSoftmaxOf),
};
