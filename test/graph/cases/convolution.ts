/** Cases of engine/graph/ops/convolution.ts. */
import { conv2d, convTranspose2d } from '../../../engine/graph/ops/convolution.ts';
import { at, type Dense, generate, range, sum } from '../dense.ts';
import { batch, type Case, floats } from './case.ts';

/** x at a cell that may lie in the padding. */
function cell(x: Dense, n: number, channel: number, row: number, column: number): number {
  const [, , height, width] = x.shape as [number, number, number, number];
  return row < 0 || row >= height || column < 0 || column >= width ? 0 : at(x, [n, channel, row, column]);
}

export interface Steps {
  readonly stride: number;
  readonly padding: number;
}

/** The side of what a convolution gives. */
export const convolved = (side: number, kernel: number, { stride, padding }: Steps): number =>
  Math.floor((side + 2 * padding - kernel) / stride) + 1;

export function convOf(x: Dense, kernel: Dense, steps: Steps, bias?: Dense): Dense {
  const { stride, padding } = steps;
  const [out, channels, kernelHeight, kernelWidth] = kernel.shape as [number, number, number, number];
  const shape = [
    x.shape[0]!,
    out,
    convolved(x.shape[2]!, kernelHeight, steps),
    convolved(x.shape[3]!, kernelWidth, steps),
  ];
  return generate(shape, ([n, o, i, j]) => {
    const terms = range(channels).flatMap((c) =>
      range(kernelHeight).flatMap((k) =>
        range(kernelWidth).map(
          (l) => cell(x, n!, c, stride * i! + k - padding, stride * j! + l - padding) * at(kernel, [o!, c, k, l]),
        ),
      ),
    );
    return sum(terms) + (bias === undefined ? 0 : at(bias, [o!]));
  });
}

/** Each x[n, o, i] goes to the cells that its place of the kernel covers: k is where j lies in it. */
export function convTransposeOf(x: Dense, kernel: Dense, { stride, padding }: Steps, sides: readonly number[]): Dense {
  const [count, out, rows, columns] = x.shape as [number, number, number, number];
  const [, channels, kernelHeight, kernelWidth] = kernel.shape as [number, number, number, number];
  const inside = (k: number, l: number): boolean => k >= 0 && k < kernelHeight && l >= 0 && l < kernelWidth;
  return generate([count, channels, ...sides], ([n, c, row, column]) => {
    const terms = range(rows * columns).flatMap((place) => {
      const [i, j] = [Math.floor(place / columns), place % columns];
      const [k, l] = [row! + padding - stride * i, column! + padding - stride * j];
      return inside(k, l) ? range(out).map((o) => at(x, [n!, o, i, j]) * at(kernel, [o, c!, k, l])) : [];
    });
    return sum(terms);
  });
}

export const convolutionCases: readonly Case[] = [
  ...(
    [
      ['1 x 1', [4, 3], [1, 1], { stride: 1, padding: 0 }],
      ['3 x 3 with zeros around', [4, 3], [3, 3], { stride: 1, padding: 1 }],
      ['stride 2 that fits', [5, 3], [3, 3], { stride: 2, padding: 1 }],
      ['stride 2 with a row and a column left over', [6, 4], [3, 3], { stride: 2, padding: 1 }],
      ['stride 3 past most cells', [5, 6], [2, 1], { stride: 3, padding: 0 }],
      ['1 x 1 with stride 2', [5, 4], [1, 1], { stride: 2, padding: 0 }],
      ['a kernel as large as the padded picture', [2, 3], [4, 5], { stride: 2, padding: 1 }],
    ] as const
  ).map(
    ([title, sides, kernelSides, steps], i): Case => ({
      operation: 'Conv',
      title: i % 2 === 0 ? title : `${title}, and a bias`,
      inputs: [floats([batch, 3, ...sides]), floats([2, 3, ...kernelSides]), ...(i % 2 === 0 ? [] : [floats([2])])],
      build: (x, kernel, bias) => [conv2d(x!, kernel!, bias === undefined ? steps : { ...steps, bias })],
      reference: (x, kernel, bias) => [convOf(x!, kernel!, steps, bias)],
    }),
  ),
  ...(
    [
      ['back from stride 1', [4, 3], [4, 3], { stride: 1, padding: 1 }],
      ['back from stride 2, a row and a column left over', [3, 2], [6, 4], { stride: 2, padding: 1 }],
      ['back from stride 2 with a row left over', [2, 2], [6, 5], { stride: 2, padding: 0 }],
    ] as const
  ).map(
    ([title, sides, whole, steps]): Case => ({
      operation: 'ConvTranspose',
      title,
      inputs: [floats([batch, 2, ...sides]), floats([2, 3, 3, 3])],
      build: (x, kernel) => [convTranspose2d(x!, kernel!, { ...steps, sides: whole })],
      reference: (x, kernel) => [convTransposeOf(x!, kernel!, steps, whole)],
    }),
  ),
];
