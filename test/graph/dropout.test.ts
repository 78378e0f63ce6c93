/** Dropout: as many zeros as the rate says wherever one looks, unrelated to each other, and the same bits every time. */
import { describe, expect, test } from 'vitest';
import { compile } from '../../engine/graph/compile.ts';
import { named } from '../../engine/graph/dim.ts';
import { Dropout, DropoutMasks } from '../../engine/graph/ops/dropout.ts';
import { exp } from '../../engine/graph/ops/elementwise.ts';
import { input } from '../../engine/graph/sources.ts';
import { Session, type Value } from '../../engine/runtime/session.ts';

const [batch, text] = [named('batch'), named('text')];
/** How far a statistic may lie from its mean: of the some ten thousand looked at, none should be further. */
const SPREADS = 6;

interface Masks {
  readonly rate: number;
  readonly rows: number;
  readonly columns: number;
}

/** Which values two sites drop at one step, in a graph that runs: 1 where dropped. */
async function drops({ rate, rows, columns }: Masks, seed: number, step: number): Promise<Uint8Array[]> {
  const dropout = new Dropout(rate);
  const x = input('x', 'float32', [batch, text, columns]);
  const graph = compile({ first: dropout.apply(x), second: dropout.apply(x) });
  const ones: Value = { data: new Float32Array(rows * columns).fill(1), shape: [4, rows / 4, columns] };
  const feeds: Record<string, Value> = { x: ones };
  const sites = new DropoutMasks(rate, seed);
  for (const { name } of dropout.sites) feeds[name] = { ...ones, data: sites.window(step, name, 0, rows * columns) };
  const session = await Session.create(graph, { threads: 1 });
  const { first, second } = await session.run(feeds);
  await session.release();
  return [first!, second!].map(({ data }) => {
    const kept = Math.fround(1 / (1 - rate));
    expect([...new Set(data as Float32Array)].sort()).toEqual([0, kept]);
    return Uint8Array.from(data as Float32Array, (value) => (value === 0 ? 1 : 0));
  });
}

/** How many spreads the count of drops lies from what the rate promises. */
function deviation(mask: Uint8Array, rate: number): number {
  let count = 0;
  for (const drop of mask) count += drop;
  return Math.abs(count - rate * mask.length) / Math.sqrt(rate * (1 - rate) * mask.length);
}

/** How many spreads the covariance of two masks lies from that of independent ones, which is 0. */
function relation(a: Uint8Array, b: Uint8Array, rate: number): number {
  let covariance = 0;
  for (let i = 0; i < a.length; i += 1) covariance += (a[i]! - rate) * (b[i]! - rate);
  return Math.abs(covariance) / (rate * (1 - rate) * Math.sqrt(a.length));
}

const rowsOf = (mask: Uint8Array, columns: number): Uint8Array[] =>
  Array.from({ length: mask.length / columns }, (_, row) => mask.subarray(row * columns, (row + 1) * columns));

const columnsOf = (mask: Uint8Array, columns: number): Uint8Array[] =>
  Array.from({ length: columns }, (_, column) =>
    Uint8Array.from({ length: mask.length / columns }, (_place, row) => mask[row * columns + column]!),
  );

/** The strongest relation between any two of the masks. */
function strongest(masks: readonly Uint8Array[], rate: number): number {
  return Math.max(...masks.flatMap((a, i) => masks.slice(i + 1).map((b) => relation(a, b, rate))));
}

describe.each([
  { rate: 0.1, rows: 400, columns: 768 },
  { rate: 0.5, rows: 768, columns: 100 },
])('rate $rate over $rows rows and $columns columns', (masks) => {
  const { rate, columns } = masks;

  test('the rate holds over the whole, every row and every column', async () => {
    for (const mask of await drops(masks, 1, 7)) {
      const parts = [mask, ...rowsOf(mask, columns), ...columnsOf(mask, columns)];
      expect(Math.max(...parts.map((part) => deviation(part, rate)))).toBeLessThan(SPREADS);
    }
  });

  test('rows, columns, sites, steps and seeds are unrelated', async () => {
    const [first, second] = (await drops(masks, 1, 7)) as [Uint8Array, Uint8Array];
    const [nextStep] = (await drops(masks, 1, 8)) as [Uint8Array];
    const [otherSeed] = (await drops(masks, 2, 7)) as [Uint8Array];
    expect(strongest([first, second, nextStep, otherSeed], rate)).toBeLessThan(SPREADS);
    expect(strongest(rowsOf(first, columns).slice(0, 100), rate)).toBeLessThan(SPREADS);
    expect(strongest(columnsOf(first, columns).slice(0, 100), rate)).toBeLessThan(SPREADS);
  });
});

test('the same seed and step drop the same values, as often as asked', async () => {
  const masks = { rate: 0.3, rows: 8, columns: 5 };
  expect(await drops(masks, 3, 4)).toEqual(await drops(masks, 3, 4));
  expect(await drops(masks, 3, 5)).not.toEqual(await drops(masks, 3, 4));
});

test('a window depends on nothing that was asked for before, and a part is the same as in the whole', () => {
  const [used, fresh] = [new DropoutMasks(0.3, 3), new DropoutMasks(0.3, 3)];
  used.window(1, 'small', 0, 10);
  const small = used.window(4, 'site', 0, 100).slice();
  used.window(1, 'large', 0, 100_000);
  expect(used.window(4, 'site', 0, 100)).toEqual(small);
  expect(used.window(4, 'site', 0, 5000)).toEqual(fresh.window(4, 'site', 0, 5000));
  expect(used.window(4, 'site', 0, 5000).subarray(0, 100)).toEqual(small);
  expect(used.window(4, 'site', 60, 40)).toEqual(small.subarray(60));
});

test('rate 0 leaves the graph as it is', () => {
  const [dropout, x] = [new Dropout(0), input('x', 'float32', [batch, text])];
  expect(dropout.apply(x)).toBe(x);
  expect([...compile({ y: exp(dropout.apply(x)) }).inputs.keys()]).toEqual(['x']);
  expect(dropout.sites).toEqual([]);
});

test('a site says what it is to be fed', () => {
  const dropout = new Dropout(0.1);
  dropout.apply(input('x', 'float32', [batch, text, 8]));
  expect(dropout.sites).toEqual([{ name: 'dropout.0', shape: [batch, text, 8] }]);
});
