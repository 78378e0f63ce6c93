/** Operations that move values without changing them, and the sum that undoes a broadcast. */
import { DeptError } from '../../common/errors.ts';
import {
  addDims,
  type Dim,
  dimText,
  multiplyDims,
  type Shape,
  sameDim,
  sameShape,
  shapeText,
  subtractDims,
} from '../dim.ts';
import { type StoredTensor, stored, storedOperation } from '../sources.ts';
import { apply, applyOne, type Operation, shapeError, type Tensor } from '../tensor.ts';

/** An axis counted from the front; negative axes count from the back as in ONNX. */
export function axisOf(tensor: Tensor, axis: number): number {
  const resolved = axis < 0 ? tensor.shape.length + axis : axis;
  if (resolved < 0 || resolved >= tensor.shape.length) {
    throw shapeError('axis', `an axis below ${tensor.shape.length}, not ${axis}`, [tensor]);
  }
  return resolved;
}

const reshapeOperation: Operation<{ shape: Shape }> = {
  name: 'Reshape',
  computes: 'the same elements in the same order under another shape',
  shape: ([x], { shape }) => {
    if (!sameDim(multiplyDims(...x!.shape), multiplyDims(...shape))) {
      throw shapeError('Reshape', `as many elements as ${shapeText(shape)}`, [x!]);
    }
    return [{ type: x!.type, shape }];
  },
  formula: 'dx = g under the shape of x',
  gradient: ({ inputs: [x], gradient }) => [reshape(gradient, x!.shape)],
  emit: ({ inputs: [x], outputs: [y], attributes: { shape } }, emitter) => {
    const symbolic = shape.filter((dim) => typeof dim !== 'number').length;
    if (symbolic === 1 && !shape.includes(0)) {
      const target = emitter.integers(shape.map((dim) => (typeof dim === 'number' ? dim : -1)));
      emitter.node('Reshape', [emitter.name(x!), target], [emitter.name(y!)]);
      return;
    }
    // allowzero: an extent of 0 means 0, not "as in x"
    const allowzero = { kind: 'int', value: 1 } as const;
    emitter.node('Reshape', [emitter.name(x!), emitter.shape(shape)], [emitter.name(y!)], { allowzero });
  },
};

/** The same elements in the same order under another shape. */
export function reshape(x: Tensor, shape: Shape): Tensor {
  return sameShape(x.shape, shape) ? x : applyOne(reshapeOperation, [x], { shape });
}

/** `reshape`; of a weight that lies in a file it is read under the other shape, where a node would make ONNX Runtime keep a copy. */
export function reshapeWeight(x: Tensor, shape: readonly number[]): Tensor {
  if ((x.node.operation as unknown) !== storedOperation) return reshape(x, shape);
  const weight = x.node.attributes as StoredTensor;
  return stored({ ...weight, name: `${weight.name} as [${shape}]`, shape });
}

const transposeOperation: Operation<{ permutation: readonly number[] }> = {
  name: 'Transpose',
  computes: 'the axes in another order',
  shape: ([x], { permutation }) => {
    const sorted = [...permutation].sort((a, b) => a - b);
    if (sorted.length !== x!.shape.length || sorted.some((axis, i) => axis !== i)) {
      throw shapeError('Transpose', `a permutation of ${x!.shape.length} axes, not [${permutation}]`, [x!]);
    }
    return [{ type: x!.type, shape: permutation.map((axis) => x!.shape[axis]!) }];
  },
  formula: 'dx = g under the inverse permutation',
  gradient: ({ attributes: { permutation }, gradient }) => {
    const inverse = permutation.map((_, axis) => permutation.indexOf(axis));
    return [transpose(gradient, inverse)];
  },
  emit: ({ inputs: [x], outputs: [y], attributes: { permutation } }, emitter) =>
    emitter.node('Transpose', [emitter.name(x!)], [emitter.name(y!)], { perm: { kind: 'ints', value: permutation } }),
};

/** Output axis i is input axis `permutation[i]`. */
export function transpose(x: Tensor, permutation: readonly number[]): Tensor {
  return applyOne(transposeOperation, [x], { permutation });
}

const concatOperation: Operation<{ axis: number }> = {
  name: 'Concat',
  computes: 'tensors joined along one axis',
  shape: (inputs, { axis }) => {
    const [first] = inputs;
    const fits = inputs.every(
      (x) =>
        x.type === first!.type &&
        x.shape.length === first!.shape.length &&
        x.shape.every((dim, i) => i === axis || sameDim(dim, first!.shape[i]!)),
    );
    if (!fits) throw shapeError('Concat', `equal types and shapes but for axis ${axis}`, inputs);
    const joined = addDims(...inputs.map((x) => x.shape[axis]!));
    return [{ type: first!.type, shape: first!.shape.map((dim, i) => (i === axis ? joined : dim)) }];
  },
  formula: "each input's own slice of g",
  gradient: ({ inputs, attributes: { axis }, gradient, wanted }) => {
    let start: Dim = 0;
    return inputs.map((x, i) => {
      const end = addDims(start, x.shape[axis]!);
      const part = wanted[i] ? slice(gradient, axis, start, end) : undefined;
      start = end;
      return part;
    });
  },
  emit: ({ inputs, outputs: [y], attributes: { axis } }, emitter) =>
    emitter.node(
      'Concat',
      inputs.map((x) => emitter.name(x)),
      [emitter.name(y!)],
      { axis: { kind: 'int', value: axis } },
    ),
};

/** Joins tensors along one axis. */
export function concat(tensors: readonly Tensor[], axis: number): Tensor {
  return tensors.length === 1 ? tensors[0]! : applyOne(concatOperation, tensors, { axis: axisOf(tensors[0]!, axis) });
}

const isNegative = (dim: Dim): boolean => typeof dim === 'number' && dim < 0;

const sliceOperation: Operation<{ axis: number; start: Dim; end: Dim }> = {
  name: 'Slice',
  computes: 'positions start to end - 1 of one axis',
  shape: ([x], { axis, start, end }) => {
    const extent = subtractDims(end, start);
    if (isNegative(start) || isNegative(extent)) {
      throw shapeError('Slice', `0 <= start <= end, not ${dimText(start)} and ${dimText(end)}`, [x!]);
    }
    const whole = x!.shape[axis]!;
    if (typeof end === 'number' && typeof whole === 'number' && end > whole) {
      throw shapeError('Slice', `an end of at most ${whole} on axis ${axis}, not ${end}`, [x!]);
    }
    return [{ type: x!.type, shape: x!.shape.map((dim, i) => (i === axis ? extent : dim)) }];
  },
  formula: 'dx = g with zeros before and after',
  gradient: ({ inputs: [x], attributes: { axis, start, end }, gradient }) => [
    pad(gradient, axis, start, subtractDims(x!.shape[axis]!, end)),
  ],
  emit: ({ inputs: [x], outputs: [y], attributes: { axis, start, end } }, emitter) =>
    emitter.node(
      'Slice',
      [emitter.name(x!), emitter.extent(start), emitter.extent(end), emitter.integers([axis])],
      [emitter.name(y!)],
    ),
};

/** Positions start .. end - 1 of one axis. */
export function slice(x: Tensor, axis: number, start: Dim, end: Dim): Tensor {
  const resolved = axisOf(x, axis);
  if (start === 0 && sameDim(end, x.shape[resolved]!)) return x;
  return applyOne(sliceOperation, [x], { axis: resolved, start, end });
}

const padOperation: Operation<{ axis: number; before: Dim; after: Dim }> = {
  name: 'Pad',
  computes: 'zeros before and after one axis',
  shape: ([x], { axis, before, after }) => {
    if (isNegative(before) || isNegative(after)) {
      throw shapeError('Pad', `no negative extents, as ${dimText(before)} and ${dimText(after)} have`, [x!]);
    }
    return [{ type: x!.type, shape: x!.shape.map((dim, i) => (i === axis ? addDims(before, dim, after) : dim)) }];
  },
  formula: 'dx = the slice of g where x stands',
  gradient: ({ inputs: [x], attributes: { axis, before }, gradient }) => [
    slice(gradient, axis, before, addDims(before, x!.shape[axis]!)),
  ],
  emit: ({ inputs: [x], outputs: [y], attributes: { axis, before, after } }, emitter) => {
    const pads = emitter.shape([before, after]);
    const zero = ''; // what an input left out means
    emitter.node('Pad', [emitter.name(x!), pads, zero, emitter.integers([axis])], [emitter.name(y!)]);
  },
};

/** Zeros before and after one axis. */
export function pad(x: Tensor, axis: number, before: Dim, after: Dim): Tensor {
  return applyOne(padOperation, [x], { axis: axisOf(x, axis), before, after });
}

/** The shape of a broadcast, or undefined where the two do not fit. */
export function broadcastShape(a: Shape, b: Shape): Shape | undefined {
  const rank = Math.max(a.length, b.length);
  const shape: Dim[] = [];
  for (let i = 0; i < rank; i += 1) {
    const left = a[i - rank + a.length] ?? 1;
    const right = b[i - rank + b.length] ?? 1;
    if (sameDim(left, right) || right === 1) shape.push(left);
    else if (left === 1) shape.push(right);
    else return undefined;
  }
  return shape;
}

const expandOperation: Operation<{ shape: Shape }> = {
  name: 'Expand',
  computes: 'x repeated to a larger shape',
  shape: ([x], { shape }) => {
    const result = broadcastShape(x!.shape, shape);
    if (result === undefined || !sameShape(result, shape)) {
      throw shapeError('Expand', `a shape that broadcasts to ${shapeText(shape)}`, [x!]);
    }
    return [{ type: x!.type, shape }];
  },
  formula: 'dx = g summed over the repeated axes',
  gradient: ({ inputs: [x], gradient }) => [sumTo(gradient, x!.shape)],
  emit: ({ inputs: [x], outputs: [y], attributes: { shape } }, emitter) =>
    emitter.node('Expand', [emitter.name(x!), emitter.shape(shape)], [emitter.name(y!)]),
};

/** Repeats a tensor to a larger shape. */
export function expand(x: Tensor, shape: Shape): Tensor {
  if (sameShape(x.shape, shape)) return x;
  const extra = shape.length - x.shape.length;
  const emptied = x.shape.findIndex((dim, i) => dim === 1 && shape[i + extra] === 0);
  // the optimiser of ONNX Runtime 1.30 drops an Expand to a constant 0 as if it repeated nothing
  if (emptied >= 0) return expand(slice(x, emptied, 0, 0), shape);
  return applyOne(expandOperation, [x], { shape });
}

const reduceSumOperation: Operation<{ axes: readonly number[]; keep: boolean }> = {
  name: 'ReduceSum',
  computes: 'the sum over some axes',
  shape: ([x], { axes, keep }) => [{ type: x!.type, shape: reducedShape(x!.shape, axes, keep) }],
  formula: 'dx = g repeated along the summed axes',
  gradient: ({ inputs: [x], attributes: { axes }, gradient }) => {
    const kept = reshape(gradient, reducedShape(x!.shape, axes, true));
    return [expand(kept, x!.shape)];
  },
  emit: ({ inputs: [x], outputs: [y], attributes: { axes, keep } }, emitter) =>
    emitter.node('ReduceSum', [emitter.name(x!), emitter.integers(axes)], [emitter.name(y!)], {
      keepdims: { kind: 'int', value: keep ? 1 : 0 },
    }),
};

function reducedShape(shape: Shape, axes: readonly number[], keep: boolean): Shape {
  return shape.flatMap((dim, i) => (axes.includes(i) ? (keep ? [1] : []) : [dim]));
}

/** Sum over axes; `keep` leaves them with extent 1. */
export function reduceSum(x: Tensor, axes: readonly number[], keep = false): Tensor {
  const resolved = axes.map((axis) => axisOf(x, axis));
  return resolved.length === 0 ? x : applyOne(reduceSumOperation, [x], { axes: resolved, keep });
}

/** Sums away what a broadcast from `shape` to x's shape has repeated: the gradient of broadcasting. */
export function sumTo(x: Tensor, shape: Shape): Tensor {
  if (sameShape(x.shape, shape)) return x;
  const extra = x.shape.length - shape.length;
  const axes = x.shape.flatMap((dim, i) => (i < extra || (shape[i - extra] === 1 && dim !== 1) ? [i] : []));
  return reshape(reduceSum(x, axes, true), shape);
}

/** Zeros of a float32 shape. */
export const zerosOperation: Operation<{ shape: Shape }> = {
  name: 'ConstantOfShape',
  computes: 'zeros of a shape known at each run',
  shape: (_inputs, { shape }) => [{ type: 'float32', shape }],
  gradient: 'none',
  emit: ({ outputs: [y], attributes: { shape } }, emitter) =>
    emitter.node('ConstantOfShape', [emitter.shape(shape)], [emitter.name(y!)]),
};

export function zeros(shape: Shape): Tensor {
  return applyOne(zerosOperation, [], { shape });
}

const splitOperation: Operation<{ axis: number; parts: number }> = {
  name: 'Split',
  computes: 'one axis cut into equal parts',
  shape: ([x], { axis, parts }) => {
    const extent = x!.shape[axis]!;
    if (typeof extent !== 'number' || extent % parts !== 0) {
      throw shapeError('Split', `an extent on axis ${axis} that ${parts} divides`, [x!]);
    }
    const shape = x!.shape.map((dim, i) => (i === axis ? extent / parts : dim));
    return Array.from({ length: parts }, () => ({ type: x!.type, shape }));
  },
  formula: 'dx = the gradients of the parts, joined; zeros for parts that the loss does not use',
  gradient: ({ outputs, attributes: { axis }, gradients }) => [
    concat(
      gradients.map((gradient, i) => gradient ?? zeros(outputs[i]!.shape)),
      axis,
    ),
  ],
  emit: ({ inputs: [x], outputs, attributes: { axis, parts } }, emitter) =>
    emitter.node(
      'Split',
      [emitter.name(x!)],
      outputs.map((y) => emitter.name(y)),
      { axis: { kind: 'int', value: axis }, num_outputs: { kind: 'int', value: parts } },
    ),
};

/** Cuts one axis into equal parts. */
export function split(x: Tensor, axis: number, parts: number): readonly Tensor[] {
  return apply(splitOperation, [x], { axis: axisOf(x, axis), parts });
}

/** The extent of an axis that must be a plain number. */
export function fixedExtent(x: Tensor, axis: number, what: string): number {
  const dim = x.shape[axisOf(x, axis)]!;
  if (typeof dim === 'number') return dim;
  throw new DeptError('shape-mismatch', `${what} must be a fixed number`, { got: dimText(dim) });
}

export const structureOperations = [
  reshapeOperation,
  transposeOperation,
  concatOperation,
  sliceOperation,
  padOperation,
  expandOperation,
  reduceSumOperation,
  zerosOperation,
  splitOperation,
] as const;
