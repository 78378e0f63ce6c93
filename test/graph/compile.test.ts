/** Compilation: weights by reference, symbolic extents read from the inputs, one name for one value. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { compile } from '../../engine/graph/compile.ts';
import { addDims, multiplyDims, named } from '../../engine/graph/dim.ts';
import { add, exp, multiply, sumAll } from '../../engine/graph/ops/elementwise.ts';
import { matmul } from '../../engine/graph/ops/matmul.ts';
import { rmsNorm } from '../../engine/graph/ops/normalisation.ts';
import {
  concat,
  expand,
  pad,
  reshape,
  reshapeWeight,
  slice,
  transpose,
  zeros,
} from '../../engine/graph/ops/structure.ts';
import { constant, input, type StoredTensor, stored } from '../../engine/graph/sources.ts';
import type { Tensor } from '../../engine/graph/tensor.ts';
import { decodeModel } from '../../engine/onnx/decode.ts';
import { Session, type Value } from '../../engine/runtime/session.ts';
import { readSafetensorsHeader, writeSafetensors } from '../../engine/weights/safetensors.ts';
import { runGraph } from './run-graph.ts';

const folder = mkdtempSync(join(tmpdir(), 'dept-compile-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const [batch, text] = [named('batch'), named('text')];
const floats = (shape: readonly number[], ...values: number[]): Value => ({ data: Float32Array.from(values), shape });
const counted = (...shape: number[]): Value => {
  return floats(shape, ...Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => i));
};

const nodesOf = (outputs: Record<string, Tensor>) => decodeModel(compile(outputs).model).graph.nodes;

test('a weight is read from its place in a safetensors file and is not in the model', async () => {
  const path = join(folder, 'model.safetensors');
  const first = Float32Array.from({ length: 3000 }, (_, i) => i);
  const second = Float32Array.of(1, 0, 0, 2, 0, 3);
  writeSafetensors(path, {
    first: { dtype: 'F32', shape: [3000], data: first },
    second: { dtype: 'F32', shape: [3, 2], data: second },
  });
  const weight = (name: string): Tensor => {
    const { shape, offset, byteLength } = readSafetensorsHeader(path).tensors.get(name)!;
    return stored({ name, type: 'float32', shape, file: path, offset, length: byteLength });
  };
  const y = matmul(input('x', 'float32', [batch, 3]), weight('second'));
  const total = sumAll(add(weight('first'), weight('first'))); // twice the same place is one weight
  const graph = compile({ y, total });
  expect(graph.weightsFolder).toBe(folder);
  expect(graph.model.byteLength).toBeLessThan(1000);
  const results = await runGraph({ y, total }, { x: floats([1, 3], 1, 10, 100) });
  expect(results.y).toEqual(floats([1, 2], 1, 320));
  expect(results.total!.data[0]).toBe(3000 * 2999);
});

test('a weight under another shape is read from the same place, without a node; other values are reshaped', async () => {
  const path = join(folder, 'model.safetensors');
  writeSafetensors(path, { w: { dtype: 'F32', shape: [2, 3], data: Float32Array.of(1, 2, 3, 4, 5, 6) } });
  const { shape, offset, byteLength } = readSafetensorsHeader(path).tensors.get('w')!;
  const w = stored({ name: 'w', type: 'float32', shape, file: path, offset, length: byteLength });
  const [flat, tall] = [reshapeWeight(w, [1, 6]), reshapeWeight(w, [3, 2])];
  const x = input('x', 'float32', [1, 3]);
  const y = matmul(matmul(x, tall), reshapeWeight(flat, [2, 3]));
  const fed = matmul(reshapeWeight(x, [3, 1]), flat);
  expect(nodesOf({ y, again: reshapeWeight(w, [3, 2]) }).map(({ op }) => op)).not.toContain('Reshape');
  const results = await runGraph({ y, fed }, { x: floats([1, 3], 1, 10, 100) });
  expect(results.y).toEqual(floats([1, 3], 1 * 531 + 4 * 642, 2 * 531 + 5 * 642, 3 * 531 + 6 * 642));
  expect((results.fed!.data as Float32Array).slice(-6)).toEqual(Float32Array.of(100, 200, 300, 400, 500, 600));
});

test('names: two inputs, an input and an output, weights of two places', () => {
  const x = input('x', 'float32', [2]);
  expect(() => compile({ y: add(x, input('x', 'float32', [2])) })).toThrow('Two values of one graph are named "x"');
  expect(() => compile({ x: add(x, x) })).toThrow('Two values of one graph are named "x"');
  const place: StoredTensor = { name: 'w', type: 'float32', shape: [2], file: '/a/one', offset: 0, length: 8 };
  const sum = (other: StoredTensor): Tensor => add(stored(place), stored(other));
  expect(() => compile({ y: sum({ ...place, offset: 8 }) })).toThrow('Two values of one graph are named "w"');
  expect(() => compile({ y: sum({ ...place, name: 'v', file: '/b/one' }) })).toThrow('weights from two folders');
});

test('one graph runs at every extent, zero among them', async () => {
  const x = input('x', 'float32', [batch, text, 6]);
  const y = input('y', 'float32', [batch, 2, 6]);
  const joined = concat([x, y], 1);
  const length = addDims(text, 2);
  const heads = transpose(reshape(joined, [batch, length, 3, 2]), [0, 2, 1, 3]);
  const outputs = {
    flat: reshape(joined, [multiplyDims(batch, length), 6]),
    back: reshape(transpose(heads, [0, 2, 1, 3]), [batch, length, 6]),
    tail: slice(joined, 1, text, length),
    padded: pad(x, 1, text, addDims(multiplyDims(text, text), -1, 1)),
    zeros: zeros([multiplyDims(batch, 2), addDims(text, 1)]),
  };
  const session = await Session.create(compile(outputs), { threads: 1 });
  for (const [b, t] of [
    [2, 3],
    [1, 1],
    [3, 0],
    [0, 2],
  ] as const) {
    const feeds = { x: counted(b, t, 6), y: counted(b, 2, 6) };
    const { flat, back, tail, padded, zeros: none } = await session.run(feeds);
    expect(flat!.shape).toEqual([b * (t + 2), 6]);
    expect(back!.shape).toEqual([b, t + 2, 6]);
    expect(back!.data).toEqual(flat!.data);
    expect(tail).toEqual(feeds.y);
    expect(padded!.shape).toEqual([b, 2 * t + t * t, 6]);
    expect(none!.shape).toEqual([2 * b, t + 1]);
    expect(none!.data.every((value) => value === 0)).toBe(true);
  }
  await session.release();
});

test('a fixed extent of 0 is 0, whatever the optimiser makes of it', async () => {
  const x = input('x', 'float32', [batch, 1]);
  const none = expand(exp(x), [batch, 0]);
  const outputs = { none: exp(none), swapped: exp(reshape(none, [0, batch])), padded: pad(none, 1, 0, 2) };
  const { none: y, swapped, padded } = await runGraph(outputs, { x: counted(3, 1) });
  expect([y!.shape, swapped!.shape]).toEqual([
    [3, 0],
    [0, 3],
  ]);
  expect(padded).toEqual(floats([3, 2], 0, 0, 0, 0, 0, 0));
});

test('each extent and each shape is computed once', () => {
  const x = input('x', 'float32', [batch, text, 6]);
  const shape = [batch, 3, multiplyDims(text, 2)];
  const nodes = nodesOf({ y: add(reshape(x, shape), reshape(multiply(x, x), shape)), n: zeros(shape) });
  expect(nodes.filter(({ op }) => op === 'Shape')).toHaveLength(2);
  expect(nodes.filter(({ op }) => op === 'Concat')).toHaveLength(1);
});

test('an extent that no input has as an axis of its own is named', () => {
  const x = input('x', 'float32', [batch, addDims(text, 1)]);
  expect(() => compile({ y: slice(x, 1, 0, text) })).toThrow('No graph input has an axis "text"');
});

test('only what the outputs need is in the graph', () => {
  const [x, unused] = [input('x', 'float32', [4]), input('unused', 'float32', [4])];
  multiply(x, unused);
  const graph = compile({ y: add(x, x) });
  expect([...graph.inputs.keys()]).toEqual(['x']);
  expect(graph.nodeCount).toBe(2); // the sum, and the output's name
});

test('a composite is its body; sources can be outputs', async () => {
  const x = input('x', 'float32', [batch, 4]);
  const y = rmsNorm(x, constant([1, 1, 1, 1], [4]), 1e-6);
  expect(nodesOf({ y, again: y }).map(({ op }) => op)).toEqual([
    'SimplifiedLayerNormalization',
    'Identity',
    'Identity',
  ]);
  const results = await runGraph({ same: x, two: constant(2) }, { x: counted(1, 4) });
  expect(results).toEqual({ same: counted(1, 4), two: floats([], 2) });
});
