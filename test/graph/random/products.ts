/** Random uses of products, look-ups, normalisations, attention and the loss. */
import type { Shape } from '../../../engine/graph/dim.ts';
import { attention } from '../../../engine/graph/ops/attention.ts';
import { addAt, gather, pick, scatterRows } from '../../../engine/graph/ops/gather.ts';
import { crossEntropy } from '../../../engine/graph/ops/loss.ts';
import { matmul } from '../../../engine/graph/ops/matmul.ts';
import { layerNorm, rmsNorm } from '../../../engine/graph/ops/normalisation.ts';
import { attentionOf } from '../cases/attention.ts';
import { addedAt, gathered, picked, scattered } from '../cases/gather.ts';
import { crossEntropyOf } from '../cases/loss.ts';
import { normalised } from '../cases/normalisation.ts';
import { map, product, range, swapped } from '../dense.ts';
import { type DrawnOperation, rankOf, simple } from './operation.ts';
import type { Entry, Pool } from './pool.ts';

/** What is not empty: no product over nothing (`matmul`), no look-up in a table without rows. */
const isFull = ({ value }: Entry): boolean => value.data.length > 0;

const matrix = (pool: Pool): Entry =>
  pool.any((entry) => rankOf(entry) === 2 && isFull(entry)) ?? pool.floats(pool.shape(2));

/** Now and then a value with itself. */
const matmulUse: DrawnOperation<{ transA: boolean; transB: boolean; quarters: number }> = {
  draw: (pool) => {
    const { random } = pool;
    const a = pool.any((entry) => rankOf(entry) > 1 && isFull(entry)) ?? pool.floats(pool.shape(2));
    const quarters = random.pick([4, 4, 1, -3]);
    if (random.chance(0.3)) {
      const transA = random.chance(0.5);
      return { inputs: [a, a], attributes: { transA, transB: !transA, quarters } };
    }
    const [transA, transB] = [random.chance(0.5), random.chance(0.5)];
    const leading = a.tensor.shape.slice(0, -2).map((dim) => (random.chance(0.3) ? 1 : dim));
    const inner = a.tensor.shape.at(transA ? -2 : -1)!;
    const columns = pool.dim();
    const matrixShape = transB ? [columns, inner] : [inner, columns];
    const b = pool.floats([...leading.slice(random.below(leading.length + 1)), ...matrixShape], -1, 1);
    return [a, b].every(isFull) ? { inputs: [a, b], attributes: { transA, transB, quarters } } : undefined;
  },
  build: ([a, b], { transA, transB, quarters }) => [matmul(a!, b!, { transA, transB, alpha: quarters / 4 })],
  reference: ([a, b], { transA, transB, quarters }) => {
    const whole = product(transA ? swapped(a!) : a!, transB ? swapped(b!) : b!);
    return [map((value) => (value * quarters) / 4, whole)];
  },
};

/** A new shape of rank 0 to 2. */
const anyShape = (pool: Pool): Shape => pool.shape(pool.random.below(3));

const gatherUse = simple(
  (pool) => {
    const table = matrix(pool);
    const [count] = table.value.shape;
    return count === 0 ? undefined : [table, pool.indices(anyShape(pool), count!)];
  },
  gather,
  (table, indices) => gathered(table!, indices!),
);

const scatterRowsUse: DrawnOperation<{ shape: Shape }> = {
  draw: (pool) => {
    const x = matrix(pool);
    const [count, width] = x.tensor.shape;
    const rows = pool.knownDim();
    const extent = pool.extentOf(rows);
    if (extent === 0) return undefined;
    return { inputs: [pool.indices([count!], extent), x], attributes: { shape: [rows, width!] } };
  },
  build: ([indices, x], { shape }) => [scatterRows(indices!, x!, shape)],
  reference: ([indices, x], { shape }) => [scattered(indices!, x!, shape)],
};

/** A matrix with a column number for each row. */
function withColumns(pool: Pool): readonly [Entry, Entry] | undefined {
  const x = matrix(pool);
  const columns = x.value.shape[1]!;
  return columns === 0 ? undefined : [x, pool.indices([x.tensor.shape[0]!, 1], columns)];
}

const addAtUse = simple(
  (pool) => {
    const [x, columns] = withColumns(pool) ?? [];
    return x && columns && [x, columns, pool.floats(columns.tensor.shape)];
  },
  addAt,
  (x, columns, values) => addedAt(x!, columns!, values!),
);

const EPSILON = 0.125;

/** What a layer norm can take: a last axis of fixed width, and vectors as wide. */
function withVectors(pool: Pool, count: number): Entry[] {
  const isWide = ({ tensor, value }: Entry) => typeof tensor.shape.at(-1) === 'number' && value.shape.at(-1)! > 1;
  const x = pool.any(isWide) ?? pool.floats([pool.dim(), 3]);
  return [x, ...range(count).map(() => pool.floats([x.tensor.shape.at(-1)!]))];
}

const attentionUse: DrawnOperation<{ scaled: boolean }> = {
  draw: (pool) => {
    const { random } = pool;
    const [batch, heads] = [pool.dim(), random.pick([1, 2])];
    const [queries, keys, width, valueWidth] = [pool.dim(), pool.dim(), random.pick([1, 2, 3]), random.pick([1, 2])];
    const q = pool.any((entry) => rankOf(entry) === 4 && isFull(entry)) ?? pool.floats([batch, heads, queries, width]);
    const [ownBatch, ownHeads, ownQueries, ownWidth] = q.tensor.shape;
    const k = pool.floats([ownBatch!, ownHeads!, keys, ownWidth!]);
    const v = random.chance(0.2) ? k : pool.floats([ownBatch!, ownHeads!, keys, valueWidth]);
    const biasShape = [ownBatch!, ownHeads!, ownQueries!, keys].map((dim) => (random.chance(0.4) ? 1 : dim));
    const bias = random.chance(0.7) ? [pool.floats(biasShape)] : [];
    const isUsable = [q, k, v].every(isFull);
    return isUsable ? { inputs: [q, k, v, ...bias], attributes: { scaled: random.chance(0.5) } } : undefined;
  },
  build: ([q, k, v, bias], { scaled }) => [
    attention(q!, k!, v!, { scale: scaled ? 0.5 : 1, ...(bias === undefined ? {} : { bias }) }),
  ],
  reference: ([q, k, v, bias], { scaled }) => [attentionOf(q!, k!, v!, scaled ? 0.5 : 1, bias)],
};

export const productUses = {
  MatMul: matmulUse,
  Gather: gatherUse,
  ScatterRows: scatterRowsUse,
  GatherElements: simple(withColumns, pick, (x, columns) => picked(x!, columns!)),
  ScatterElements: addAtUse,
  RmsNorm: simple(
    (pool) => withVectors(pool, 1),
    (x, scale) => rmsNorm(x!, scale!, EPSILON),
    (x, scale) => map((u, w) => u * w, normalised(x!, false, EPSILON), scale!),
  ),
  LayerNorm: simple(
    (pool) => withVectors(pool, 2),
    (x, scale, shift) => layerNorm(x!, scale!, shift!, EPSILON),
    (x, scale, shift) => map((u, w, b) => u * w + b, normalised(x!, true, EPSILON), scale!, shift!),
  ),
  Attention: attentionUse,
  CrossEntropy: simple(
    (pool) => {
      const logits = matrix(pool);
      const [rows] = logits.tensor.shape;
      const classes = logits.value.shape[1]!;
      return classes === 0 ? undefined : [logits, pool.indices([rows!], classes), pool.floats([rows!], 0, 1)];
    },
    (logits, labels, weights) => crossEntropy(logits!, labels!, weights!).loss,
    (logits, labels, weights) => crossEntropyOf(logits!, labels!, weights!),
  ),
};
