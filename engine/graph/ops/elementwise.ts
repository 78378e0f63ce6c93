/** Element-by-element operations with NumPy broadcasting; the derivative stands beside each. */
import type { ElementType } from '../../onnx/types.ts';
import { dimText, sameDim, type Shape, shapeText } from '../dim.ts';
import { constant } from '../sources.ts';
import { applyOne, type Operation, shapeError, type Tensor, type ValueType } from '../tensor.ts';
import { axisOf, broadcastShape, expand, reduceSum, reshape, sumTo } from './structure.ts';

type None = Record<string, never>;
const none: None = {};

function broadcastOf(name: string, inputs: readonly Tensor[], type?: ElementType): readonly ValueType[] {
  const [a, b] = inputs as [Tensor, Tensor];
  const shape = broadcastShape(a.shape, b.shape);
  if (shape === undefined || a.type !== b.type) throw shapeError(name, 'one type, shapes that broadcast', inputs);
  return [{ type: type ?? a.type, shape }];
}

/** A binary operation; `slopes` are dL/da and dL/db before the broadcast is summed away. */
function binary(
  name: string,
  slopes: (a: Tensor, b: Tensor, g: Tensor) => readonly [() => Tensor, () => Tensor],
): Operation<None> {
  return {
    name,
    shape: (inputs) => broadcastOf(name, inputs),
    gradient: ({ inputs: [a, b], gradient, wanted }) => {
      const [toA, toB] = slopes(a!, b!, gradient);
      return [wanted[0] ? sumTo(toA(), a!.shape) : undefined, wanted[1] ? sumTo(toB(), b!.shape) : undefined];
    },
    emit: ({ inputs: [a, b], outputs: [y] }, emitter) =>
      emitter.node(name, [emitter.name(a!), emitter.name(b!)], [emitter.name(y!)]),
  };
}

const addOperation = binary('Add', (_a, _b, g) => [() => g, () => g]);
const subtractOperation = binary('Sub', (_a, _b, g) => [() => g, () => negate(g)]);
// d(ab) = b da + a db
const multiplyOperation = binary('Mul', (a, b, g) => [() => multiply(g, b), () => multiply(g, a)]);
// d(a/b) = da/b - a db/b^2
const divideOperation = binary('Div', (a, b, g) => [
  () => divide(g, b),
  () => negate(divide(multiply(g, a), multiply(b, b))),
]);

/** A unary operation; `slope` is dL/dx from x, y and dL/dy. */
function unary(name: string, slope: (x: Tensor, y: Tensor, g: Tensor) => Tensor, domain = ''): Operation<None> {
  return {
    name,
    shape: ([x]) => [{ type: x!.type, shape: x!.shape }],
    gradient: ({ inputs: [x], outputs: [y], gradient }) => [slope(x!, y!, gradient)],
    emit: ({ inputs: [x], outputs: [y] }, emitter) =>
      emitter.node(name, [emitter.name(x!)], [emitter.name(y!)], {}, domain),
  };
}

const negateOperation = unary('Neg', (_x, _y, g) => negate(g));
const expOperation = unary('Exp', (_x, y, g) => multiply(g, y)); // d e^x = e^x dx
const logOperation = unary('Log', (x, _y, g) => divide(g, x)); // d ln x = dx/x
const sqrtOperation = unary('Sqrt', (_x, y, g) => divide(g, multiply(constant(2), y))); // d sqrt(x) = dx/(2 sqrt(x))
const reciprocalOperation = unary('Reciprocal', (_x, y, g) => negate(multiply(g, multiply(y, y)))); // d(1/x) = -dx/x^2
const tanhOperation = unary('Tanh', (_x, y, g) => multiply(g, subtract(constant(1), multiply(y, y)))); // 1 - tanh^2
const sigmoidOperation = unary('Sigmoid', (_x, y, g) => multiply(g, multiply(y, subtract(constant(1), y)))); // y(1-y)
const erfOperation = unary('Erf', (x, _y, g) =>
  multiply(multiply(g, constant(2 / Math.sqrt(Math.PI))), exp(negate(multiply(x, x)))),
); // d erf(x) = 2/sqrt(pi) e^(-x^2) dx
const reluOperation = unary('Relu', (_x, y, g) => where(greater(y, constant(0)), g, constant(0)));
// x s(1.702 x): derivative s (1 + 1.702 x (1 - s)) with s the sigmoid
const quickGeluOperation = unary(
  'QuickGelu',
  (x, _y, g) => {
    const scaled = multiply(x, constant(1.702));
    const s = sigmoid(scaled);
    return multiply(g, multiply(s, add(constant(1), multiply(scaled, subtract(constant(1), s)))));
  },
  'com.microsoft',
);
// x Phi(x): derivative Phi(x) + x phi(x), Phi and phi the normal distribution and density
const geluOperation = unary(
  'Gelu',
  (x, _y, g) => {
    const cumulative = multiply(constant(0.5), add(constant(1), erf(multiply(x, constant(Math.SQRT1_2)))));
    const density = multiply(
      constant(1 / Math.sqrt(2 * Math.PI)),
      exp(multiply(constant(-0.5), multiply(x, x))),
    );
    return multiply(g, add(cumulative, multiply(x, density)));
  },
  'com.microsoft',
);

const softmaxOperation: Operation<None> = {
  name: 'Softmax',
  shape: ([x]) => [{ type: x!.type, shape: x!.shape }],
  // dx = y (g - sum(g y)) along the last axis
  gradient: ({ outputs: [y], gradient }) => {
    const weighted = multiply(gradient, y!);
    return [subtract(weighted, multiply(y!, reduceSum(weighted, [-1], true)))];
  },
  emit: ({ inputs: [x], outputs: [y] }, emitter) =>
    emitter.node('Softmax', [emitter.name(x!)], [emitter.name(y!)], { axis: { kind: 'int', value: -1 } }),
};

const logSoftmaxOperation: Operation<None> = {
  name: 'LogSoftmax',
  shape: ([x]) => [{ type: x!.type, shape: x!.shape }],
  // dx = g - e^y sum(g) along the last axis
  gradient: ({ outputs: [y], gradient }) => [
    subtract(gradient, multiply(exp(y!), reduceSum(gradient, [-1], true))),
  ],
  emit: ({ inputs: [x], outputs: [y] }, emitter) =>
    emitter.node('LogSoftmax', [emitter.name(x!)], [emitter.name(y!)], { axis: { kind: 'int', value: -1 } }),
};

const reduceMeanOperation: Operation<{ axes: readonly number[] }> = {
  name: 'ReduceMean',
  shape: ([x], { axes }) => [{ type: x!.type, shape: x!.shape.map((dim, i) => (axes.includes(i) ? 1 : dim)) }],
  gradient: ({ inputs: [x], attributes: { axes }, gradient }) => {
    const extents = axes.map((axis) => x!.shape[axis]!);
    const count = extents.reduce<number>((product, dim) => {
      if (typeof dim !== 'number') throw shapeError('ReduceMean', `fixed extents, not ${dimText(dim)}`, [x!]);
      return product * dim;
    }, 1);
    return [expand(multiply(gradient, constant(1 / count)), x!.shape)];
  },
  emit: ({ inputs: [x], outputs: [y], attributes: { axes } }, emitter) =>
    emitter.node('ReduceMean', [emitter.name(x!), emitter.integers(axes)], [emitter.name(y!)], {
      keepdims: { kind: 'int', value: 1 },
    }),
};

function comparison(name: 'Greater' | 'Less'): Operation<None> {
  return {
    name,
    shape: (inputs) => broadcastOf(name, inputs, 'bool'),
    gradient: 'none',
    emit: ({ inputs: [a, b], outputs: [y] }, emitter) =>
      emitter.node(name, [emitter.name(a!), emitter.name(b!)], [emitter.name(y!)]),
  };
}

const greaterOperation = comparison('Greater');
const lessOperation = comparison('Less');

const whereOperation: Operation<None> = {
  name: 'Where',
  shape: (inputs) => {
    const [condition, a, b] = inputs as [Tensor, Tensor, Tensor];
    const values = broadcastShape(a.shape, b.shape);
    const shape: Shape | undefined = values && broadcastShape(condition.shape, values);
    if (shape === undefined || a.type !== b.type || condition.type !== 'bool') {
      throw shapeError('Where', 'a bool condition and two values of one type that broadcast', inputs);
    }
    return [{ type: a.type, shape }];
  },
  gradient: ({ inputs: [condition, a, b], gradient, wanted }) => [
    undefined,
    wanted[1] ? sumTo(where(condition!, gradient, constant(0)), a!.shape) : undefined,
    wanted[2] ? sumTo(where(condition!, constant(0), gradient), b!.shape) : undefined,
  ],
  emit: ({ inputs, outputs: [y] }, emitter) =>
    emitter.node(
      'Where',
      inputs.map((x) => emitter.name(x)),
      [emitter.name(y!)],
    ),
};

const castOperation: Operation<{ type: ElementType; code: number }> = {
  name: 'Cast',
  shape: ([x], { type }) => [{ type, shape: x!.shape }],
  gradient: ({ inputs: [x], gradient }) => [x!.type === 'float32' ? gradient : cast(gradient, x!.type)],
  emit: ({ inputs: [x], outputs: [y], attributes: { code } }, emitter) =>
    emitter.node('Cast', [emitter.name(x!)], [emitter.name(y!)], { to: { kind: 'int', value: code } }),
};

export const add = (a: Tensor, b: Tensor): Tensor => applyOne(addOperation, [a, b], none);
export const subtract = (a: Tensor, b: Tensor): Tensor => applyOne(subtractOperation, [a, b], none);
export const multiply = (a: Tensor, b: Tensor): Tensor => applyOne(multiplyOperation, [a, b], none);
export const divide = (a: Tensor, b: Tensor): Tensor => applyOne(divideOperation, [a, b], none);
export const negate = (x: Tensor): Tensor => applyOne(negateOperation, [x], none);
export const exp = (x: Tensor): Tensor => applyOne(expOperation, [x], none);
export const log = (x: Tensor): Tensor => applyOne(logOperation, [x], none);
export const sqrt = (x: Tensor): Tensor => applyOne(sqrtOperation, [x], none);
export const reciprocal = (x: Tensor): Tensor => applyOne(reciprocalOperation, [x], none);
export const tanh = (x: Tensor): Tensor => applyOne(tanhOperation, [x], none);
export const sigmoid = (x: Tensor): Tensor => applyOne(sigmoidOperation, [x], none);
export const erf = (x: Tensor): Tensor => applyOne(erfOperation, [x], none);
export const relu = (x: Tensor): Tensor => applyOne(reluOperation, [x], none);
/** x sigmoid(1.702 x): the activation of OpenAI's CLIP. */
export const quickGelu = (x: Tensor): Tensor => applyOne(quickGeluOperation, [x], none);
/** x Phi(x), the exact (erf) form. */
export const gelu = (x: Tensor): Tensor => applyOne(geluOperation, [x], none);
/** The tanh approximation of gelu (T5 v1.1): x/2 (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))). */
export function tanhGelu(x: Tensor): Tensor {
  const cubic = add(x, multiply(constant(0.044715), multiply(x, multiply(x, x))));
  const inner = tanh(multiply(constant(Math.sqrt(2 / Math.PI)), cubic));
  return multiply(multiply(constant(0.5), x), add(constant(1), inner));
}
/** Along the last axis. */
export const softmax = (x: Tensor): Tensor => applyOne(softmaxOperation, [x], none);
/** Along the last axis. */
export const logSoftmax = (x: Tensor): Tensor => applyOne(logSoftmaxOperation, [x], none);
export const greater = (a: Tensor, b: Tensor): Tensor => applyOne(greaterOperation, [a, b], none);
export const less = (a: Tensor, b: Tensor): Tensor => applyOne(lessOperation, [a, b], none);
export const where = (condition: Tensor, a: Tensor, b: Tensor): Tensor =>
  applyOne(whereOperation, [condition, a, b], none);

/** Mean over axes, which stay with extent 1. */
export function reduceMean(x: Tensor, axes: readonly number[]): Tensor {
  return applyOne(reduceMeanOperation, [x], { axes: axes.map((axis) => axisOf(x, axis)) });
}

const castCodes: Partial<Record<ElementType, number>> = { float32: 1, int32: 6, int64: 7, bool: 9, float16: 10 };

/** Another element type; gradients flow between floating types. */
export function cast(x: Tensor, type: ElementType): Tensor {
  if (x.type === type) return x;
  const code = castCodes[type];
  if (code === undefined) throw shapeError('Cast', `a target type among ${Object.keys(castCodes)}`, [x]);
  return applyOne(castOperation, [x], { type, code });
}

/** Sum of all elements, as a scalar. */
export function sumAll(x: Tensor): Tensor {
  return reduceSum(
    x,
    x.shape.map((_, axis) => axis),
  );
}

/** x with a new axis of extent 1 at `axis`. */
export function unsqueeze(x: Tensor, axis: number): Tensor {
  return reshape(x, [...x.shape.slice(0, axis), 1, ...x.shape.slice(axis)]);
}

/** Checks a value that came from outside the graph against the shape that a model needs. */
export function requireShape(x: Tensor, shape: Shape, what: string): Tensor {
  const fits = x.shape.length === shape.length && x.shape.every((dim, i) => sameDim(dim, shape[i]!));
  if (!fits) throw shapeError(what, shapeText(shape), [x]);
  return x;
}

export const elementwiseOperations = [
  addOperation,
  subtractOperation,
  multiplyOperation,
  divideOperation,
  negateOperation,
  expOperation,
  logOperation,
  sqrtOperation,
  reciprocalOperation,
  tanhOperation,
  sigmoidOperation,
  erfOperation,
  reluOperation,
  quickGeluOperation,
  geluOperation,
  softmaxOperation,
  logSoftmaxOperation,
  reduceMeanOperation,
  greaterOperation,
  lessOperation,
  whereOperation,
  castOperation,
] as const;
