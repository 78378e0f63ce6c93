/** ONNX operators by the engine's operations: what a node with these attributes and inputs is in a graph of ours. */
import { erf, logSoftmax, relu, sigmoid, softmax, tanh } from '../../engine/graph/ops/activations.ts';
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
} from '../../engine/graph/ops/elementwise.ts';
import { addAt, gather, pick } from '../../engine/graph/ops/gather.ts';
import { crossEntropy } from '../../engine/graph/ops/loss.ts';
import { matmul } from '../../engine/graph/ops/matmul.ts';
import { layerNorm } from '../../engine/graph/ops/normalisation.ts';
import {
  broadcastShape,
  concat,
  expand,
  pad,
  reduceSum,
  reshape,
  slice,
  split,
  transpose,
} from '../../engine/graph/ops/structure.ts';
import { topK } from '../../engine/graph/ops/top-k.ts';
import { elementsOf } from '../../engine/graph/parameter.ts';
import { constant, integerConstant } from '../../engine/graph/sources.ts';
import type { Tensor } from '../../engine/graph/tensor.ts';
import { type ElementType, elementTypes, type OnnxNode } from '../../engine/onnx/types.ts';
import { range } from '../graph/dense.ts';
import { Attributes, type Operand, type Rule } from './node-rule.ts';
import { conv, convTranspose, normalise, pool } from './picture-rules.ts';

const unary =
  (operation: (x: Tensor) => Tensor): Rule =>
  ([x]) => [operation(x!.tensor)];

const binary =
  (operation: (a: Tensor, b: Tensor) => Tensor): Rule =>
  ([a, b]) => [operation(a!.tensor, b!.tensor)];

const fromFront = (axis: number, rank: number): number => (axis < 0 ? axis + rank : axis);

/** An operation along the last axis, along another. */
function along(x: Operand, axis: number, operation: (x: Tensor) => Tensor): Tensor {
  const [rank, last] = [x.shape.length, x.shape.length - 1];
  const moved = range(rank).with(fromFront(axis, rank), last).with(last, fromFront(axis, rank)); // its own inverse
  return transpose(operation(transpose(x.tensor, moved)), moved);
}

const softmaxLike =
  (operation: (x: Tensor) => Tensor): Rule =>
  ([x], attributes) => [along(x!, attributes.number('axis', -1), operation)];

/** Over all axes from `axis` on: as one axis. */
const layer: Rule = ([x, scale, shift], attributes) => {
  const axis = fromFront(attributes.number('axis', -1), x!.shape.length);
  const [outer, inner] = [elementsOf(x!.shape.slice(0, axis)), elementsOf(x!.shape.slice(axis))];
  const [rows, w, b] = [
    reshape(x!.tensor, [outer, inner]),
    reshape(scale!.tensor, [inner]),
    reshape(shift!.tensor, [inner]),
  ];
  return [reshape(layerNorm(rows, w, b, attributes.number('epsilon', 1e-5)), x!.shape)];
};

const gemm: Rule = ([a, b, c], attributes) => {
  const [transA, transB] = [attributes.number('transA', 0) === 1, attributes.number('transB', 0) === 1];
  const product = matmul(a!.tensor, b!.tensor, { transA, transB, alpha: attributes.number('alpha', 1) });
  return [c === undefined ? product : add(product, multiply(c.tensor, constant(attributes.number('beta', 1))))];
};

function withoutAxes(shape: readonly number[], axes: readonly number[], keep: boolean): number[] {
  const resolved = axes.map((axis) => fromFront(axis, shape.length));
  return shape.flatMap((extent, i) => (resolved.includes(i) ? (keep ? [1] : []) : [extent]));
}

const mean: Rule = ([x], attributes) => {
  const axes = attributes.numbers('axes') ?? range(x!.shape.length);
  const keep = attributes.number('keepdims', 1) === 1;
  return [reshape(reduceMean(x!.tensor, axes), withoutAxes(x!.shape, axes, keep))];
};

const total: Rule = ([x, given], attributes) => {
  const isNothing = attributes.number('noop_with_empty_axes', 0) === 1;
  const named = given?.numbers ?? [];
  const axes = named.length === 0 && !isNothing ? range(x!.shape.length) : named;
  return [reduceSum(x!.tensor, axes, attributes.number('keepdims', 1) === 1)];
};

/** 0 is the extent that x has there, -1 what remains. */
const reshapeTo: Rule = ([x, target], attributes) => {
  const isZero = attributes.number('allowzero', 0) === 1;
  const shape = target!.numbers.map((extent, i) => (extent === 0 && !isZero ? x!.shape[i]! : extent));
  const known = shape.filter((extent) => extent !== -1).reduce((a, b) => a * b, 1);
  return [
    reshape(
      x!.tensor,
      shape.map((extent) => (extent === -1 ? elementsOf(x!.shape) / known : extent)),
    ),
  ];
};

const cut: Rule = ([x, starts, ends, axes, strides]) => {
  if (strides?.numbers.some((step) => step !== 1)) return undefined;
  return [
    starts!.numbers.reduce((y, start, i) => {
      const axis = fromFront(axes?.numbers[i] ?? i, x!.shape.length);
      const extent = x!.shape[axis]!;
      const clamped = (place: number) => Math.min(extent, Math.max(0, place < 0 ? place + extent : place));
      const from = clamped(start);
      return slice(y, axis, from, Math.max(from, clamped(ends!.numbers[i]!)));
    }, x!.tensor),
  ];
};

const parts: Rule = ([x, extents], attributes) => {
  const axis = attributes.number('axis', 0);
  if (extents === undefined) return split(x!.tensor, axis, attributes.outputs);
  let start = 0;
  return extents.numbers.map((extent) => {
    start += extent;
    return slice(x!.tensor, axis, start - extent, start);
  });
};

const padWithZeros: Rule = ([x, pads, value], attributes) => {
  const rank = x!.shape.length;
  if (attributes.text('mode', 'constant') !== 'constant' || (value?.numbers[0] ?? 0) !== 0) return undefined;
  return [range(rank).reduce((y, axis) => pad(y, axis, pads!.numbers[axis]!, pads!.numbers[axis + rank]!), x!.tensor)];
};

/** Of a matrix, one element of each row at a time; along columns, of its transpose. */
const pickElements: Rule = ([x, indices], attributes) => {
  const isAlongRows = attributes.number('axis', 0) === 1;
  const turned = (one: Tensor) => (isAlongRows ? one : transpose(one, [1, 0]));
  const columns = range(indices!.shape[isAlongRows ? 1 : 0]!).map((k) => slice(turned(indices!.tensor), 1, k, k + 1));
  const picked = columns.map((column) => pick(turned(x!.tensor), column));
  return [turned(concat(picked, 1))];
};

/** Column by column. */
const scatter: Rule = ([x, columns, values], attributes) => {
  if (attributes.text('reduction', 'none') !== 'add' || attributes.number('axis', 0) !== 1) return undefined;
  const column = (of: Operand, k: number) => slice(of.tensor, 1, k, k + 1);
  return [range(columns!.shape[1]!).reduce((y, k) => addAt(y, column(columns!, k), column(values!, k)), x!.tensor)];
};

/** Classes on axis 1; the weight of a row is that of its class, and 0 where the label is to be ignored. */
const softmaxCrossEntropy: Rule = ([x, labels, classWeights], attributes) => {
  const [rank, classes] = [x!.shape.length, x!.shape[1]!];
  const rows = elementsOf(labels!.shape);
  const last = transpose(x!.tensor, [0, ...range(rank).slice(2), 1]);
  const ignored = attributes.number('ignore_index', Number.NaN);
  const weights = labels!.numbers.map((label) => (label === ignored ? 0 : (classWeights?.numbers[label] ?? 1)));
  const known = labels!.numbers.map((label) => (label === ignored ? 0 : label));
  const reduction = attributes.text('reduction', 'mean');
  const divisor = reduction === 'mean' ? weights.reduce((a, b) => a + b, 0) : 1;
  const weight = constant(
    weights.map((one) => one / divisor),
    [rows],
  );
  const { loss, perRow } = crossEntropy(reshape(last, [rows, classes]), integerConstant(known, [rows]), weight);
  const result = reduction === 'none' ? reshape(multiply(perRow, weight), labels!.shape) : loss;
  return attributes.outputs === 1 ? [result] : [result, along(x!, 1, logSoftmax)];
};

const typeOf = (code: number): ElementType =>
  Object.entries(elementTypes).find(([, value]) => value === code)![0] as ElementType;

const rules: Readonly<Record<string, Rule>> = {
  Add: binary(add),
  AveragePool: pool,
  BatchNormalization: normalise,
  Cast: ([x], attributes) => [cast(x!.tensor, typeOf(attributes.number('to', 0)))],
  Concat: (inputs, attributes) => [
    concat(
      inputs.map(({ tensor }) => tensor),
      attributes.number('axis', 0),
    ),
  ],
  Conv: conv,
  ConvTranspose: convTranspose,
  Div: binary(divide),
  Erf: unary(erf),
  Exp: unary(exp),
  Expand: ([x, shape]) => [expand(x!.tensor, broadcastShape(x!.shape, shape!.numbers)!)],
  Gather: ([x, indices], attributes) =>
    attributes.number('axis', 0) === 0 ? [gather(x!.tensor, indices!.tensor)] : undefined,
  GatherElements: pickElements,
  Gemm: gemm,
  Greater: binary(greater),
  Identity: unary((x) => x),
  LayerNormalization: layer,
  Log: unary(log),
  LogSoftmax: softmaxLike(logSoftmax),
  MatMul: binary(matmul),
  Mul: binary(multiply),
  Neg: unary(negate),
  Pad: padWithZeros,
  Reciprocal: unary(reciprocal),
  ReduceMean: mean,
  ReduceSum: total,
  Relu: unary(relu),
  Reshape: reshapeTo,
  ScatterElements: scatter,
  Sigmoid: unary(sigmoid),
  Slice: cut,
  Softmax: softmaxLike(softmax),
  SoftmaxCrossEntropyLoss: softmaxCrossEntropy,
  Split: parts,
  Sqrt: unary(sqrt),
  Sub: binary(subtract),
  Tanh: unary(tanh),
  TopK: ([x, k], attributes) => {
    const isOurs = attributes.number('largest', 1) === 1;
    const { values, indices } = topK(x!.tensor, k!.tensor, k!.numbers[0]!);
    return isOurs ? [values, indices] : undefined;
  },
  Transpose: ([x], attributes) => [
    transpose(x!.tensor, attributes.numbers('perm') ?? range(x!.shape.length).toReversed()),
  ],
  Where: ([condition, a, b]) => [where(condition!.tensor, a!.tensor, b!.tensor)],
};

/** Whether there is a rule for this operator. */
export const hasRule = ({ op, domain }: OnnxNode): boolean => domain === '' && op in rules;

/** The outputs of a node, undefined where its attributes ask for what the engine has no operation for. */
export function asOperations(node: OnnxNode, inputs: readonly Operand[]): readonly Tensor[] | undefined {
  return rules[node.op]!(inputs, new Attributes(node));
}
