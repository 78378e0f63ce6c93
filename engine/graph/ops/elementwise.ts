/** Element-by-element operations with NumPy broadcasting; the derivative stands beside each. */
import { type ElementType, elementTypes } from '../../onnx/types.ts';
import { dimText, type Shape } from '../dim.ts';
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
  computes: string,
  formula: string,
  slopes: (a: Tensor, b: Tensor, y: Tensor, g: Tensor) => readonly [() => Tensor, () => Tensor],
): Operation<None> {
  return {
    name,
    computes,
    shape: (inputs) => broadcastOf(name, inputs),
    formula,
    gradient: ({ inputs: [a, b], outputs: [y], gradient, wanted }) => {
      const [toA, toB] = slopes(a!, b!, y!, gradient);
      return [wanted[0] ? sumTo(toA(), a!.shape) : undefined, wanted[1] ? sumTo(toB(), b!.shape) : undefined];
    },
    emit: ({ inputs: [a, b], outputs: [y] }, emitter) =>
      emitter.node(name, [emitter.name(a!), emitter.name(b!)], [emitter.name(y!)]),
  };
}

const addOperation = binary('Add', 'a + b', 'da = g, db = g', (_a, _b, _y, g) => [() => g, () => g]);
const subtractOperation = binary('Sub', 'a - b', 'da = g, db = -g', (_a, _b, _y, g) => [() => g, () => negate(g)]);
const multiplyOperation = binary('Mul', 'a b', 'da = g b, db = g a', (a, b, _y, g) => [
  () => multiply(g, b),
  () => multiply(g, a),
]);
const divideOperation = binary('Div', 'y = a / b', 'da = g / b, db = -g y / b', (_a, b, y, g) => [
  () => divide(g, b),
  () => negate(divide(multiply(g, y), b)),
]);

/** A unary operation; `slope` is dL/dx from x, y and dL/dy. */
export function unary(
  name: string,
  computes: string,
  formula: string,
  slope: (x: Tensor, y: Tensor, g: Tensor) => Tensor,
  domain = '',
): Operation<None> {
  return {
    name,
    computes,
    shape: ([x]) => [{ type: x!.type, shape: x!.shape }],
    formula,
    gradient: ({ inputs: [x], outputs: [y], gradient }) => [slope(x!, y!, gradient)],
    emit: ({ inputs: [x], outputs: [y] }, emitter) =>
      emitter.node(name, [emitter.name(x!)], [emitter.name(y!)], {}, domain),
  };
}

const negateOperation = unary('Neg', '-x', 'dx = -g', (_x, _y, g) => negate(g));
const expOperation = unary('Exp', 'y = e^x', 'dx = g y', (_x, y, g) => multiply(g, y));
const logOperation = unary('Log', 'ln x', 'dx = g / x', (x, _y, g) => divide(g, x));
const sqrtOperation = unary('Sqrt', 'y = sqrt(x)', 'dx = g / (2 y)', (_x, y, g) => divide(g, multiply(constant(2), y)));
const reciprocalOperation = unary('Reciprocal', 'y = 1 / x', 'dx = -g y^2', (_x, y, g) =>
  negate(multiply(g, multiply(y, y))),
);

const reduceMeanOperation: Operation<{ axes: readonly number[] }> = {
  name: 'ReduceMean',
  computes: 'the mean over some axes, which stay with extent 1',
  shape: ([x], { axes }) => [{ type: x!.type, shape: x!.shape.map((dim, i) => (axes.includes(i) ? 1 : dim)) }],
  formula: 'dx = g / n repeated along the n averaged places',
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

const greaterOperation: Operation<None> = {
  name: 'Greater',
  computes: 'a > b',
  shape: (inputs) => broadcastOf('Greater', inputs, 'bool'),
  gradient: 'none',
  emit: ({ inputs: [a, b], outputs: [y] }, emitter) =>
    emitter.node('Greater', [emitter.name(a!), emitter.name(b!)], [emitter.name(y!)]),
};

const whereOperation: Operation<None> = {
  name: 'Where',
  computes: 'a where the condition holds, b elsewhere',
  shape: (inputs) => {
    const [condition, a, b] = inputs as [Tensor, Tensor, Tensor];
    const values = broadcastShape(a.shape, b.shape);
    const shape: Shape | undefined = values && broadcastShape(condition.shape, values);
    if (shape === undefined || a.type !== b.type || condition.type !== 'bool') {
      throw shapeError('Where', 'a bool condition and two values of one type that broadcast', inputs);
    }
    return [{ type: a.type, shape }];
  },
  formula: 'da = g where the condition holds, db = g elsewhere; zero in the other places',
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

const isFloating = ({ type }: Tensor): boolean => type.includes('float');

const castOperation: Operation<{ type: ElementType }> = {
  name: 'Cast',
  computes: 'x as another element type',
  shape: ([x], { type }) => [{ type, shape: x!.shape }],
  formula: 'dx = g as the type of x, between floating types; none otherwise',
  gradient: ({ inputs: [x], outputs: [y], gradient }) => [
    isFloating(x!) && isFloating(y!) ? cast(gradient, x!.type) : undefined,
  ],
  emit: ({ inputs: [x], outputs: [y], attributes: { type } }, emitter) =>
    emitter.node('Cast', [emitter.name(x!)], [emitter.name(y!)], { to: { kind: 'int', value: elementTypes[type] } }),
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
export const greater = (a: Tensor, b: Tensor): Tensor => applyOne(greaterOperation, [a, b], none);
export const where = (condition: Tensor, a: Tensor, b: Tensor): Tensor =>
  applyOne(whereOperation, [condition, a, b], none);

/** Mean over axes, which stay with extent 1. */
export function reduceMean(x: Tensor, axes: readonly number[]): Tensor {
  return axes.length === 0 ? x : applyOne(reduceMeanOperation, [x], { axes: axes.map((axis) => axisOf(x, axis)) });
}

/** Another element type; gradients flow between floating types. */
export const cast = (x: Tensor, type: ElementType): Tensor =>
  x.type === type ? x : applyOne(castOperation, [x], { type });

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
  reduceMeanOperation,
  greaterOperation,
  whereOperation,
  castOperation,
] as const;
