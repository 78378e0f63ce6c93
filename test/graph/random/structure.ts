/** Random uses of engine/graph/ops/structure.ts. */
import { type Dim, multiplyDims, type Shape, subtractDims } from '../../../engine/graph/dim.ts';
import {
  concat,
  expand,
  pad,
  reduceSum,
  reshape,
  slice,
  split,
  transpose,
} from '../../../engine/graph/ops/structure.ts';
import { at, type Dense, generate, permuted, range, reshaped, sumOver } from '../dense.ts';
import { type DrawnOperation, hasAxes, rankOf } from './operation.ts';
import type { Entry, Pool } from './pool.ts';

const withAxis = (shape: Shape, axis: number, dim: Dim): Shape => shape.map((old, i) => (i === axis ? dim : old));

/** x at `index` moved by `shift` along one axis, or 0 where that lies outside. */
function shifted(x: Dense, index: readonly number[], axis: number, shift: number): number {
  const place = index[axis]! + shift;
  return place >= 0 && place < x.shape[axis]! ? at(x, index.with(axis, place)) : 0;
}

/** The positions from `start` of one axis that a shape leaves. */
const window = (x: Dense, axis: number, start: number, extent: number): Dense =>
  generate(x.shape.with(axis, extent), (index) => shifted(x, index, axis, start));

/** A value with axes and one of them. */
function withRandomAxis(pool: Pool, fits: (dim: Dim) => boolean = () => true): readonly [Entry, number] | undefined {
  const x = pool.any(({ tensor }) => tensor.shape.some(fits));
  if (x === undefined) return undefined;
  return [x, pool.random.pick(x.tensor.shape.flatMap((dim, axis) => (fits(dim) ? [axis] : [])))];
}

/** Other shapes with as many elements: an axis more, two axes made one, one axis cut in two, all made one. */
function otherShapes(shape: Shape): Shape[] {
  return [
    [multiplyDims(...shape)],
    ...range(shape.length + 1).map((axis) => [...shape.slice(0, axis), 1, ...shape.slice(axis)]),
    ...range(Math.max(0, shape.length - 1)).map((axis) => [
      ...shape.slice(0, axis),
      multiplyDims(shape[axis]!, shape[axis + 1]!),
      ...shape.slice(axis + 2),
    ]),
    ...shape.flatMap((dim, axis) =>
      typeof dim === 'number' && dim > 0 && dim % 2 === 0
        ? [[...shape.slice(0, axis), dim / 2, 2, ...shape.slice(axis + 1)]]
        : [],
    ),
  ];
}

const reshapeUse: DrawnOperation<{ shape: Shape }> = {
  draw: (pool) => {
    const x = pool.any()!;
    return { inputs: [x], attributes: { shape: pool.random.pick(otherShapes(x.tensor.shape)) } };
  },
  build: ([x], { shape }) => [reshape(x!, shape)],
  reference: ([x], { shape }) => [reshaped(x!, shape)],
};

const transposeUse: DrawnOperation<{ permutation: readonly number[] }> = {
  draw: (pool) => {
    const x = pool.any((entry) => rankOf(entry) > 1);
    return x && { inputs: [x], attributes: { permutation: pool.random.shuffle(range(rankOf(x))) } };
  },
  build: ([x], { permutation }) => [transpose(x!, permutation)],
  reference: ([x], { permutation }) => [permuted(x!, permutation)],
};

/** Two or three parts, one of them perhaps twice. */
const concatUse: DrawnOperation<{ axis: number }> = {
  draw: (pool) => {
    const [x, axis] = withRandomAxis(pool) ?? [];
    if (x === undefined || axis === undefined) return undefined;
    const fresh = () => pool.floats(withAxis(x.tensor.shape, axis, pool.dim()));
    const parts = [x, fresh(), ...(pool.random.chance(0.3) ? [pool.random.chance(0.5) ? x : fresh()] : [])];
    return { inputs: pool.random.shuffle(parts), attributes: { axis } };
  },
  build: (parts, { axis }) => [concat(parts, axis)],
  reference: (parts, { axis }) => {
    const whole = parts[0]!.shape.with(
      axis,
      parts.reduce((sum, { shape }) => sum + shape[axis]!, 0),
    );
    return [
      generate(whole, (index) => {
        let place = index[axis]!;
        const part = parts.find(({ shape }) => {
          if (place < shape[axis]!) return true;
          place -= shape[axis]!;
          return false;
        })!;
        return at(part, index.with(axis, place));
      }),
    ];
  },
};

const sliceUse: DrawnOperation<{ axis: number; start: Dim; end: Dim }> = {
  draw: (pool) => {
    const [x, axis] = withRandomAxis(pool) ?? [];
    if (x === undefined || axis === undefined) return undefined;
    const { random } = pool;
    const whole = x.tensor.shape[axis]!;
    const extent = pool.extentOf(whole);
    const start = random.below(extent + 1);
    const places = [start, start + random.below(extent - start + 1)] as const;
    // counted from the end, where the extent is symbolic: text - 2 to text
    const [first, last] = places.map((place) => (random.chance(0.5) ? place : subtractDims(whole, extent - place)));
    return { inputs: [x], attributes: { axis, start: first!, end: last! } };
  },
  build: ([x], { axis, start, end }) => [slice(x!, axis, start, end)],
  reference: ([x], { axis, start, end }) => [window(x!, axis, start, end - start)],
};

const padUse: DrawnOperation<{ axis: number; before: Dim; after: Dim }> = {
  draw: (pool) => {
    const [x, axis] = withRandomAxis(pool) ?? [];
    if (x === undefined || axis === undefined) return undefined;
    const amount = () => (pool.random.chance(0.5) ? pool.random.below(3) : x.tensor.shape[axis]!);
    return { inputs: [x], attributes: { axis, before: amount(), after: amount() } };
  },
  build: ([x], { axis, before, after }) => [pad(x!, axis, before, after)],
  reference: ([x], { axis, before, after }) => [window(x!, axis, -before, before + x!.shape[axis]! + after)],
};

const expandUse: DrawnOperation<{ shape: Shape }> = {
  draw: (pool) => {
    const x = pool.any((entry) => rankOf(entry) < 3 || entry.tensor.shape.includes(1));
    if (x === undefined) return undefined;
    const { shape } = x.tensor;
    const repeated = shape.map((dim) => (dim === 1 ? pool.random.pick([1, pool.knownDim()]) : dim));
    return { inputs: [x], attributes: { shape: shape.length < 3 ? [pool.knownDim(), ...repeated] : repeated } };
  },
  build: ([x], { shape }) => [expand(x!, shape)],
  reference: ([x], { shape }) => [generate(shape, (index) => at(x!, index))],
};

const reduceSumUse: DrawnOperation<{ axes: readonly number[]; keep: boolean }> = {
  draw: (pool) => {
    const x = pool.any(hasAxes);
    if (x === undefined) return undefined;
    const axes = pool.random.shuffle(range(rankOf(x))).slice(0, 1 + pool.random.below(rankOf(x)));
    return { inputs: [x], attributes: { axes, keep: pool.random.chance(0.5) } };
  },
  build: ([x], { axes, keep }) => [reduceSum(x!, axes, keep)],
  reference: ([x], { axes, keep }) => {
    const total = sumOver(x!, axes);
    return [
      keep
        ? total
        : reshaped(
            total,
            total.shape.filter((_, axis) => !axes.includes(axis)),
          ),
    ];
  },
};

const splitUse: DrawnOperation<{ axis: number; parts: number }> = {
  draw: (pool) => {
    const [x, axis] = withRandomAxis(pool, (dim) => typeof dim === 'number' && dim > 1) ?? [];
    if (x === undefined || axis === undefined) return undefined;
    const extent = pool.extentOf(x.tensor.shape[axis]!);
    const parts = pool.random.pick(range(extent + 1).filter((n) => n > 1 && extent % n === 0));
    return { inputs: [x], attributes: { axis, parts } };
  },
  build: ([x], { axis, parts }) => split(x!, axis, parts),
  reference: ([x], { axis, parts }) => {
    const extent = x!.shape[axis]! / parts;
    return range(parts).map((part) => window(x!, axis, part * extent, extent));
  },
};

export const structureUses = {
  Reshape: reshapeUse,
  Transpose: transposeUse,
  Concat: concatUse,
  Slice: sliceUse,
  Pad: padUse,
  Expand: expandUse,
  ReduceSum: reduceSumUse,
  Split: splitUse,
};
