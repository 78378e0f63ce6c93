/** Cases of engine/graph/ops/pooling.ts. */
import { averagePool } from '../../../engine/graph/ops/pooling.ts';
import { at, type Dense, generate, range, sum } from '../dense.ts';
import { batch, type Case, floats } from './case.ts';

export function averagesOf(x: Dense, size: number): Dense {
  const [count, channels, height, width] = x.shape as [number, number, number, number];
  const shape = [count, channels, Math.floor(height / size), Math.floor(width / size)];
  return generate(shape, ([n, c, i, j]) => {
    const block = range(size * size).map((k) =>
      at(x, [n!, c!, size * i! + Math.floor(k / size), size * j! + (k % size)]),
    );
    return sum(block) / size ** 2;
  });
}

export const poolingCases: readonly Case[] = (
  [
    ['blocks that cover the picture', [4, 6], 2],
    ['a row and two columns left over', [4, 5], 3],
  ] as const
).map(([title, sides, size]) => ({
  operation: 'AveragePool',
  title,
  inputs: [floats([batch, 2, ...sides])],
  build: (x) => [averagePool(x!, size)],
  reference: (x) => [averagesOf(x!, size)],
}));
