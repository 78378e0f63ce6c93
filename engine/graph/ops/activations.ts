/** Activation functions, and the softmax along the last axis. */
import { constant } from '../sources.ts';
import { applyOne, type Operation, shapeError, type Tensor } from '../tensor.ts';
import { add, exp, multiply, negate, subtract, unary } from './elementwise.ts';
import { reduceSum } from './structure.ts';

type None = Record<string, never>;
const none: None = {};

/** 1 - y^2 */
const tanhSlope = (y: Tensor): Tensor => subtract(constant(1), multiply(y, y));

const tanhOperation = unary('Tanh', 'y = tanh(x)', 'dx = g (1 - y^2)', (_x, y, g) => multiply(g, tanhSlope(y)));

const sigmoidOperation = unary('Sigmoid', 'y = 1 / (1 + e^-x)', 'dx = g y (1 - y)', (_x, y, g) =>
  multiply(g, multiply(y, subtract(constant(1), y))),
);

const erfOperation = unary('Erf', 'erf(x)', 'dx = g 2/sqrt(pi) e^(-x^2)', (x, _y, g) =>
  multiply(multiply(g, constant(2 / Math.sqrt(Math.PI))), exp(negate(multiply(x, x)))),
);

/** The largest float32: times any other above 0 that is not subnormal it gives 1 or more. */
const LARGEST = (2 - 2 ** -23) * 2 ** 127;

const stepOperation: Operation<None> = {
  name: 'Step',
  computes: '1 where x > 0, else 0',
  shape: ([x]) => [{ type: x!.type, shape: x!.shape }],
  gradient: 'none',
  // HardSigmoid is min(max(alpha x + beta, 0), 1): one pass, where Greater and Cast are two and Where is slower still
  emit: ({ inputs: [x], outputs: [y] }, emitter) =>
    emitter.node('HardSigmoid', [emitter.name(x!)], [emitter.name(y!)], {
      alpha: { kind: 'float', value: LARGEST },
      beta: { kind: 'float', value: 0 },
    }),
};

const reluOperation = unary('Relu', 'y = max(x, 0)', 'dx = g where y > 0, else 0', (_x, y, g) => multiply(g, step(y)));

const quickGeluOperation = unary(
  'QuickGelu',
  'x s with s = sigmoid(1.702 x)',
  'dx = g s (1 + 1.702 x (1 - s))',
  (x, _y, g) => {
    const scaled = multiply(x, constant(1.702));
    const s = sigmoid(scaled);
    return multiply(g, multiply(s, add(constant(1), multiply(scaled, subtract(constant(1), s)))));
  },
  'com.microsoft',
);

const geluOperation = unary(
  'Gelu',
  'x Phi(x), Phi the normal distribution',
  'dx = g (Phi(x) + x phi(x)), phi the normal density',
  (x, _y, g) => {
    const cumulative = multiply(constant(0.5), add(constant(1), erf(multiply(x, constant(Math.SQRT1_2)))));
    const density = multiply(constant(1 / Math.sqrt(2 * Math.PI)), exp(multiply(constant(-0.5), multiply(x, x))));
    return multiply(g, add(cumulative, multiply(x, density)));
  },
  'com.microsoft',
);

const TANH_SCALE = Math.sqrt(2 / Math.PI);
const TANH_CUBIC = 0.044715;

const tanhGeluOperation = unary(
  'FastGelu',
  'x/2 (1 + t) with t = tanh(sqrt(2/pi) (x + 0.044715 x^3))',
  'dx = g/2 (1 + t + x (1 - t^2) sqrt(2/pi) (1 + 0.134145 x^2))',
  (x, _y, g) => {
    const squared = multiply(x, x);
    const inner = add(constant(TANH_SCALE), multiply(constant(TANH_SCALE * TANH_CUBIC), squared));
    const innerSlope = add(constant(TANH_SCALE), multiply(constant(3 * TANH_SCALE * TANH_CUBIC), squared));
    const t = tanh(multiply(x, inner));
    const slope = add(add(constant(1), t), multiply(multiply(x, tanhSlope(t)), innerSlope));
    return multiply(multiply(constant(0.5), g), slope);
  },
  'com.microsoft',
);

/** The kernels of these take no scalar. */
function requireAxes(name: string, x: Tensor): Tensor {
  if (x.shape.length === 0) throw shapeError(name, 'at least one axis', [x]);
  return x;
}

/** Softmax and its logarithm, along the last axis. */
function softmaxLike(
  name: 'Softmax' | 'LogSoftmax',
  computes: string,
  formula: string,
  slope: (y: Tensor, g: Tensor) => Tensor,
): Operation<None> {
  return {
    name,
    computes,
    shape: ([x]) => [requireAxes(name, x!)],
    formula,
    gradient: ({ outputs: [y], gradient }) => [slope(y!, gradient)],
    emit: ({ inputs: [x], outputs: [y] }, emitter) =>
      emitter.node(name, [emitter.name(x!)], [emitter.name(y!)], { axis: { kind: 'int', value: -1 } }),
  };
}

const softmaxOperation = softmaxLike(
  'Softmax',
  'y = e^x / sum(e^x) along the last axis',
  'dx = y (g - sum(g y))',
  (y, g) => {
    const weighted = multiply(g, y);
    return subtract(weighted, multiply(y, reduceSum(weighted, [-1], true)));
  },
);

const logSoftmaxOperation = softmaxLike(
  'LogSoftmax',
  'y = x - ln sum(e^x) along the last axis',
  'dx = g - e^y sum(g)',
  (y, g) => subtract(g, multiply(exp(y), reduceSum(g, [-1], true))),
);

export const tanh = (x: Tensor): Tensor => applyOne(tanhOperation, [x], none);
export const sigmoid = (x: Tensor): Tensor => applyOne(sigmoidOperation, [x], none);
export const erf = (x: Tensor): Tensor => applyOne(erfOperation, [x], none);
/** 1 where x > 0, else 0; no gradient flows. */
export const step = (x: Tensor): Tensor => applyOne(stepOperation, [x], none);
export const relu = (x: Tensor): Tensor => applyOne(reluOperation, [x], none);
/** x sigmoid(1.702 x): the activation of OpenAI's CLIP. */
export const quickGelu = (x: Tensor): Tensor => applyOne(quickGeluOperation, [x], none);
/** x Phi(x), the exact (erf) form. */
export const gelu = (x: Tensor): Tensor => applyOne(geluOperation, [x], none);
/** The tanh approximation of gelu: the activation of T5 v1.1. */
export const tanhGelu = (x: Tensor): Tensor => applyOne(tanhGeluOperation, [requireAxes('FastGelu', x)], none);
/** Along the last axis. */
export const softmax = (x: Tensor): Tensor => applyOne(softmaxOperation, [x], none);
/** Along the last axis. */
export const logSoftmax = (x: Tensor): Tensor => applyOne(logSoftmaxOperation, [x], none);

export const activationOperations = [
  tanhOperation,
  sigmoidOperation,
  erfOperation,
  stepOperation,
  reluOperation,
  quickGeluOperation,
  geluOperation,
  tanhGeluOperation,
  softmaxOperation,
  logSoftmaxOperation,
] as const;
