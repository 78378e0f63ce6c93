/** Dropout: as many zeros as the rate says wherever one looks, unrelated to each other, and the same bits every time. */
import { describe, expect, test } from 'vitest';
import { compile } from '../../engine/graph/compile.ts';
import { evaluateDim, named } from '../../engine/graph/dim.ts';
import { Dropout, dropoutBits } from '../../engine/graph/ops/dropout.ts';
import { exp } from '../../engine/graph/ops/elementwise.ts';
import { input } from '../../engine/graph/sources.ts';
import { extentsOf, Session, type Value } from '../../engine/runtime/session.ts';

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
  const extents = extentsOf(graph, feeds);
  for (const site of dropout.sites) {
    const [rowCount, columnCount] = [evaluateDim(site.rows.extent, extents), evaluateDim(site.columns.extent, extents)];
    feeds[site.rows.name] = { data: dropoutBits(seed, step, site.rows.name, rowCount), shape: [rowCount, 1] };
    feeds[site.columns.name] = {
      data: dropoutBits(seed, step, site.columns.name, columnCount),
      shape: [1, columnCount],
    };
  }
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
  expect(dropoutBits(3, 4, 'dropout.0.rows', 4)).toEqual(dropoutBits(3, 4, 'dropout.0.rows', 9).subarray(0, 4));
});

test('bits are odd, so that no row or column is dropped or kept as a whole', () => {
  expect(dropoutBits(1, 2, 'dropout.0.rows', 1000).every((bits) => (bits & 1) === 1)).toBe(true);
});

test('rate 0 leaves the graph as it is', () => {
  const [dropout, x] = [new Dropout(0), input('x', 'float32', [batch, text])];
  expect(dropout.apply(x)).toBe(x);
  expect([...compile({ y: exp(dropout.apply(x)) }).inputs.keys()]).toEqual(['x']);
  expect(dropout.sites).toEqual([]);
});

test('a site says how many bits it takes', () => {
  const dropout = new Dropout(0.1);
  dropout.apply(input('x', 'float32', [batch, text, 8]));
  const [{ rows, columns }] = dropout.sites as [(typeof dropout.sites)[number]];
  expect([rows.name, evaluateDim(rows.extent, { batch: 3, text: 5 })]).toEqual(['dropout.0.rows', 15]);
  expect([columns.name, columns.extent]).toEqual(['dropout.0.columns', 8]);
});
