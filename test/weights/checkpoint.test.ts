import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openCheckpoint } from '../../engine/weights/checkpoint.ts';
import { type TensorToWrite, writeSafetensors } from '../../engine/weights/safetensors.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'dept-checkpoint-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const ramp = (length: number, start = 0): TensorToWrite => ({
  dtype: 'F32',
  shape: [length],
  data: Float32Array.from({ length }, (_, i) => start + i),
});

function writeIndex(folder: string, weightMap: Record<string, string>): void {
  writeFileSync(join(folder, 'model.safetensors.index.json'), JSON.stringify({ metadata: {}, weight_map: weightMap }));
}

function single(name: string, tensors: Record<string, TensorToWrite>): string {
  const folder = join(root, name);
  writeSafetensors(join(folder, 'model.safetensors'), tensors, { format: 'pt' });
  return folder;
}

function sharded(name: string): string {
  const folder = join(root, name);
  writeSafetensors(join(folder, 'model-1.safetensors'), { small: ramp(3) });
  writeSafetensors(join(folder, 'model-2.safetensors'), { large: ramp(5000, 7) });
  writeIndex(folder, { large: 'model-2.safetensors', small: 'model-1.safetensors' });
  return folder;
}

test('one file and shards give the same tensors and the same fingerprint', () => {
  const one = openCheckpoint(single('one', { small: ramp(3), large: ramp(5000, 7) }));
  const two = openCheckpoint(sharded('two'));
  for (const checkpoint of [one, two]) {
    expect([...checkpoint.names()].sort()).toEqual(['large', 'small']);
    expect(checkpoint.has('small')).toBe(true);
    expect(checkpoint.has('toString')).toBe(false);
    expect(checkpoint.floats('small')).toEqual(Float32Array.of(0, 1, 2));
    expect(checkpoint.floats('small', 1)).toEqual(Float32Array.of(1));
    expect(checkpoint.tensor('large')).toMatchObject({ name: 'large', dtype: 'F32', shape: [5000], byteLength: 20000 });
  }
  expect(one.files).toHaveLength(1);
  expect(two.files).toHaveLength(2);
  expect(two.tensor('large').file.path).toBe(join(two.folder, 'model-2.safetensors'));
  expect(one.fingerprint()).toMatch(/^[0-9a-f]{64}$/);
  expect(two.fingerprint()).toBe(one.fingerprint());
});

test('the fingerprint changes with values, names, types and shapes', () => {
  const data = new Float32Array(12);
  const prints = [
    single('a', { x: { dtype: 'F32', shape: [12], data } }),
    single('b', { x: { dtype: 'F32', shape: [3, 4], data } }),
    single('c', { y: { dtype: 'F32', shape: [12], data } }),
    single('d', { x: { dtype: 'I32', shape: [12], data: new Int32Array(12) } }),
    single('e', { x: { dtype: 'F32', shape: [12], data: data.with(11, 1) } }),
    single('f', { x: ramp(5000) }),
    single('g', { x: ramp(5000, 1) }),
  ].map((folder) => openCheckpoint(folder).fingerprint());
  expect(new Set(prints).size).toBe(prints.length);
});

test('an unknown tensor and an empty folder are named', () => {
  const folder = single('a', { x: ramp(1) });
  expect(() => openCheckpoint(folder).tensor('y')).toThrow(
    expect.objectContaining({ code: 'not-found', message: expect.stringContaining("'y'") }),
  );
  const empty = join(root, 'empty');
  mkdirSync(empty);
  writeFileSync(join(empty, 'tf_model.h5'), '');
  expect(() => openCheckpoint(empty)).toThrow(expect.objectContaining({ code: 'not-found' }));
});

test('a bad index is refused', () => {
  const folder = sharded('shards');
  const cases: [weightMap: Record<string, string>, code: string][] = [
    [{ small: '../shards/model-1.safetensors' }, 'bad-file'],
    [{ small: '..\\model-1.safetensors' }, 'bad-file'],
    [{ small: '' }, 'bad-file'],
    [{ small: '..' }, 'bad-file'],
    [{ small: 'model-1\0.safetensors' }, 'bad-file'],
    [{ small: 'model-2.safetensors' }, 'bad-file'],
    [{ small: 'model-3.safetensors' }, 'not-found'],
  ];
  for (const [weightMap, code] of cases) {
    writeIndex(folder, weightMap);
    expect(() => openCheckpoint(folder)).toThrow(expect.objectContaining({ code }));
  }
  for (const text of ['{', '{"weight_map":[]}', '{"weight_map":{"a":1}}']) {
    writeFileSync(join(folder, 'model.safetensors.index.json'), text);
    expect(() => openCheckpoint(folder)).toThrow(expect.objectContaining({ code: 'bad-file' }));
  }
});
