/** Gradients of random graphs over all operations: against central differences in float64, and against torch. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { gradient } from '../../engine/graph/gradient.ts';
import { allOperations } from '../../engine/graph/ops/index.ts';
import { compared, pinned } from '../fidelity/compared.ts';
import { relativeDifference } from '../models/reference.ts';
import { roundingOperations } from './cases/index.ts';
import { centralDifferences, range } from './dense.ts';
import { feedOf } from './feeds.ts';
import type { GraphDescription } from './random/description.ts';
import { drawGraph } from './random/draw.ts';
import { buildGraph, inputValues, lossName, referenceLoss } from './random/graph.ts';
import { runGraph } from './run-graph.ts';

/** Of the largest of a graph's loss and gradients; float32 holds seven digits. */
const TOLERANCE = 1e-5;
const [BLOCKS, PER_BLOCK] = [10, 25];
const seedsOf = (block: number) => range(PER_BLOCK).map((i) => block * PER_BLOCK + i);

const trainedInputs = ({ inputs }: GraphDescription) => inputs.filter(({ trained }) => trained);

/** The loss and its gradient by every trained input, one after the other, as ONNX Runtime computes them. */
async function differentiate(description: GraphDescription): Promise<number[]> {
  const tensors = buildGraph(description);
  const loss = tensors.get(lossName(description))!;
  const trained = trainedInputs(description).map(({ name }) => tensors.get(name)!);
  const gradients = gradient(loss, trained).map((tensor, i) => [`gradient.${i}`, tensor]);
  const values = inputValues(description);
  const feeds = description.inputs.map(({ name, type }) => [name, feedOf(values.get(name)!, type)]);
  const results = await runGraph({ loss, ...Object.fromEntries(gradients) }, Object.fromEntries(feeds));
  trained.forEach(({ id }, i) => {
    const { name } = trainedInputs(description)[i]!;
    expect(results[`gradient.${i}`]!.shape, `${name}, tensor ${id}`).toEqual(values.get(name)!.shape);
  });
  return Object.values(results).flatMap(({ data }) => Array.from(data, Number));
}

function differences(description: GraphDescription): number[] {
  const { loss, moved } = referenceLoss(description);
  const values = inputValues(description);
  const gradients = trainedInputs(description).map(({ name }) =>
    centralDifferences((value) => moved(name, value), values.get(name)!),
  );
  return [loss, ...gradients.flatMap((numbers) => [...numbers])];
}

test.each(range(BLOCKS))('gradients equal central differences, block %d', async (block) => {
  for (const seed of seedsOf(block)) {
    const description = drawGraph('differences', seed);
    const difference = relativeDifference(await differentiate(description), differences(description));
    expect(difference, `graph ${seed}`).toBeLessThan(TOLERANCE);
  }
});

test('every operation with a gradient is drawn, often', () => {
  const counts = new Map<string, number>();
  for (const seed of range(BLOCKS).flatMap(seedsOf)) {
    for (const { operation } of drawGraph('differences', seed).steps) {
      counts.set(operation, (counts.get(operation) ?? 0) + 1);
    }
  }
  const differentiable = allOperations.filter((operation) => operation.gradient !== 'none').map(({ name }) => name);
  // what Recomputed computes is up to its part: it has cases only
  const seldom = differentiable.filter((name) => (counts.get(name) ?? 0) < BLOCKS);
  expect(seldom).toEqual([...roundingOperations, 'Recomputed']);
});

const read = <T>(name: string): T =>
  JSON.parse(readFileSync(new URL(`../golden/graphs/${name}.json`, import.meta.url), 'utf8')) as T;

interface Expected {
  readonly graphs: readonly {
    readonly loss: number;
    readonly gradients: Readonly<Record<string, readonly number[]>>;
  }[];
}

compared(
  {
    area: 'Operations',
    what: 'losses of random graphs over all operations and their gradients',
    against: pinned('torch'),
    measure: 'relative',
    allowed: 5e-6,
  },
  async (found) => {
    const { graphs } = read<Expected>('expected');
    for (const [i, description] of read<GraphDescription[]>('drawn').entries()) {
      const { loss, gradients } = graphs[i]!;
      const expected = [loss, ...trainedInputs(description).flatMap(({ name }) => gradients[name]!)];
      found.values(await differentiate(description), expected, `graph ${i}`);
    }
  },
);
