/** Small float64 arrays whose operations are written as their definitions: what the graphs are checked against. */

export interface Dense {
  readonly shape: readonly number[];
  readonly data: Float64Array;
}

/** The array whose value at each index is `value(index)`. */
export function generate(shape: readonly number[], value: (index: readonly number[]) => number): Dense {
  const count = shape.reduce((product, extent) => product * extent, 1);
  const index = shape.map(() => 0);
  const data = Float64Array.from({ length: count }, () => {
    const result = value(index);
    for (let axis = shape.length - 1; axis >= 0; axis -= 1) {
      index[axis]! += 1;
      if (index[axis]! < shape[axis]!) break;
      index[axis] = 0;
    }
    return result;
  });
  return { shape, data };
}

/** x at an index of a shape that it broadcasts to. */
export function at({ shape, data }: Dense, index: readonly number[]): number {
  const skipped = index.length - shape.length;
  return data[shape.reduce((offset, extent, i) => offset * extent + (extent === 1 ? 0 : index[i + skipped]!), 0)]!;
}

export function broadcast(shapes: readonly (readonly number[])[]): number[] {
  const rank = Math.max(...shapes.map((shape) => shape.length));
  return Array.from({ length: rank }, (_, i) => {
    const extents = shapes.map((shape) => shape[i - rank + shape.length] ?? 1);
    return extents.find((extent) => extent !== 1) ?? 1;
  });
}

/** f of corresponding elements, with broadcasting. */
export function map(f: (...values: number[]) => number, ...xs: readonly Dense[]): Dense {
  const shape = broadcast(xs.map((x) => x.shape));
  return generate(shape, (index) => f(...xs.map((x) => at(x, index))));
}

export const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i);
export const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** Sums over axes, which stay with extent 1. */
export function sumOver(x: Dense, axes: readonly number[]): Dense {
  const shape = x.shape.map((extent, axis) => (axes.includes(axis) ? 1 : extent));
  const total = generate(shape, () => 0);
  generate(x.shape, (index) => {
    const place = shape.reduce((offset, extent, i) => offset * extent + (extent === 1 ? 0 : index[i]!), 0);
    total.data[place]! += at(x, index);
    return 0;
  });
  return total;
}

export function meanOver(x: Dense, axes: readonly number[]): Dense {
  const count = axes.reduce((product, axis) => product * x.shape[axis]!, 1);
  return map((total) => total / count, sumOver(x, axes));
}

/** The same elements under another shape. */
export const reshaped = (x: Dense, shape: readonly number[]): Dense => ({ shape, data: x.data });

/** Output axis i is input axis `permutation[i]`. */
export function permuted(x: Dense, permutation: readonly number[]): Dense {
  const shape = permutation.map((axis) => x.shape[axis]!);
  return generate(shape, (index) =>
    at(
      x,
      x.shape.map((_, axis) => index[permutation.indexOf(axis)]!),
    ),
  );
}

/** The last two axes swapped. */
export function swapped(x: Dense): Dense {
  const rank = x.shape.length;
  return permuted(x, [...range(rank - 2), rank - 1, rank - 2]);
}

/** Matrix products over broadcast leading axes. */
export function product(a: Dense, b: Dense): Dense {
  const batch = broadcast([a.shape.slice(0, -2), b.shape.slice(0, -2)]);
  const inner = range(a.shape.at(-1)!);
  return generate([...batch, a.shape.at(-2)!, b.shape.at(-1)!], (index) => {
    const [before, row, column] = [index.slice(0, -2), index.at(-2)!, index.at(-1)!];
    return sum(inner.map((k) => at(a, [...before, row, k]) * at(b, [...before, k, column])));
  });
}

/** x - ln sum(e^x) along the last axis. */
export function logSoftmaxOf(x: Dense): Dense {
  const last = x.shape.length - 1;
  return map((value, total) => value - Math.log(total), x, sumOver(map(Math.exp, x), [last]));
}

/** The error function by its power series, accurate to 1e-13 for |x| < 3. */
export function erfOf(x: number): number {
  let power = x;
  let total = x;
  for (let n = 1; n < 60; n += 1) {
    power *= (-x * x) / n;
    total += power / (2 * n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * total;
}

export const softmaxOf = (x: Dense): Dense => map(Math.exp, logSoftmaxOf(x));

/** The derivative of f by each number of x, by central differences. */
export function centralDifferences(f: (x: Dense) => number, { shape, data }: Dense): Float64Array {
  const step = 1e-5;
  const moved = (place: number, shift: number): number => f({ shape, data: data.with(place, data[place]! + shift) });
  return data.map((_, place) => (moved(place, step) - moved(place, -step)) / (2 * step));
}
