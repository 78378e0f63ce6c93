import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { featureFolder, IMAGES_PER_SHARD, openFeatureCache } from '../../engine/data/feature-cache.ts';
import { readSafetensorsHeader, writeSafetensors } from '../../engine/weights/safetensors.ts';

let home: string;
let folder: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'dept-features-'));
  folder = featureFolder(home, 'abc', 'scenes');
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const shape = { tokens: 3, width: 4 };
const open = () => openFeatureCache(home, 'abc', 'scenes', shape);
/** Values that fp16 holds exactly, and that differ between images. */
const tokensOf = (image: number): Float32Array => Float32Array.from({ length: 12 }, (_, i) => (image % 1000) + i / 16);
const images = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, i) => ({ key: `image ${from + i}`, data: tokensOf(from + i) }));

test('what was written is read back, by the cache that wrote it and by one that opens later', () => {
  const cache = open();
  expect(cache.missing(['image 0', 'image 1', 'image 0'])).toEqual(['image 0', 'image 1']);
  cache.write(images(0, 2));
  cache.write(images(2, 5));
  for (const reader of [cache, open()]) {
    expect(reader.size).toBe(5);
    expect(reader.missing(['image 5', 'image 1'])).toEqual(['image 5']);
    const batch = new Float32Array(36).fill(-1);
    reader.read('image 4', batch, 0);
    reader.read('image 1', batch, 24);
    expect(batch.subarray(0, 12)).toEqual(tokensOf(4));
    expect([...batch.subarray(12, 24)]).toEqual(Array(12).fill(-1));
    expect(batch.subarray(24)).toEqual(tokensOf(1));
    reader.close();
    reader.read('image 0', batch, 12);
    expect(batch.subarray(12, 24)).toEqual(tokensOf(0));
    reader.close();
  }
});

test('large writes are split into shards of plain safetensors', () => {
  open().write(images(0, IMAGES_PER_SHARD + 1));
  const shapes = readdirSync(folder).map(
    (name) => [...readSafetensorsHeader(join(folder, name)).tensors.values()][0]!.shape,
  );
  expect(shapes.map(([count]) => count).sort((a, b) => a! - b!)).toEqual([1, IMAGES_PER_SHARD]);
  expect(open().size).toBe(IMAGES_PER_SHARD + 1);
});

test('two caches of one folder do not overwrite each other', () => {
  const one = open();
  const two = open();
  one.write(images(0, 3));
  two.write(images(2, 5));
  expect(open().size).toBe(5);
});

test('more shards than may be open at once', () => {
  const cache = open();
  for (let i = 0; i < 70; i += 1) cache.write(images(i, i + 1));
  const reader = open();
  const into = new Float32Array(12);
  for (const i of [...Array(70).keys(), 0, 69, 1]) {
    reader.read(`image ${i}`, into, 0);
    expect(into).toEqual(tokensOf(i));
  }
  reader.close();
});

test('what cannot be stored is refused, and nothing is written', () => {
  const cache = open();
  const refused = (code: string) => expect.objectContaining({ code });
  expect(() => cache.write([{ key: 'a', data: new Float32Array(11) }])).toThrow(refused('shape-mismatch'));
  for (const value of [1e5, Number.NaN, Number.NEGATIVE_INFINITY]) {
    expect(() => cache.write([{ key: 'a', data: new Float32Array(12).fill(value) }])).toThrow(refused('bad-input'));
  }
  cache.write([{ key: 'a', data: new Float32Array(12).fill(-65504) }]);
  expect(open().size).toBe(1);
  expect(() => cache.read('b', new Float32Array(12), 0)).toThrow(refused('not-found'));
  expect(() => openFeatureCache(home, 'abc', '../scenes', shape)).toThrow(refused('bad-input'));
});

test('damaged and foreign shards are named, with the way out', () => {
  open().write(images(0, 1));
  const path = join(folder, readdirSync(folder)[0]!);
  const refused = expect.objectContaining({
    code: 'bad-file',
    details: expect.objectContaining({ path, remedy: expect.stringContaining('Delete the file') }),
  });
  expect(() => openFeatureCache(home, 'abc', 'scenes', { tokens: 3, width: 5 })).toThrow(refused);
  writeFileSync(path, readFileSync(path).subarray(0, -1));
  expect(open).toThrow(refused);
  const data = new Float16Array(12);
  writeSafetensors(path, { visual_tokens: { dtype: 'F16', shape: [1, 3, 4], data } });
  expect(open).toThrow(refused);
  writeSafetensors(path, { other: { dtype: 'F16', shape: [1, 3, 4], data } }, { keys: '["a"]' });
  expect(open).toThrow(refused);
});

test('what a killed process left half-written is cleaned up', () => {
  open().write(images(0, 1));
  writeFileSync(join(folder, `0000.safetensors.${2 ** 31 - 2}.tmp`), 'half');
  expect(open().size).toBe(1);
  expect(readdirSync(folder)).toHaveLength(1);
});
