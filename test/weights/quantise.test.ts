/** Matrices as int8: both sides within half a step of the weights, made once, and an outline without them. */
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readT5Config } from '../../engine/models/t5/config.ts';
import { openT5 } from '../../engine/models/t5/open.ts';
import { isT5Matrix } from '../../engine/models/t5/quantised-backbone.ts';
import type { Checkpoint } from '../../engine/weights/checkpoint.ts';
import { quantiseColumns, quantisedCheckpoint, quantisedOutline } from '../../engine/weights/quantise.ts';
import { readTensor, type TensorToWrite, writeSafetensors } from '../../engine/weights/safetensors.ts';
import { golden } from '../models/reference.ts';

let folder: string;
let quantised: Checkpoint;
const original = golden('t5-gated').checkpoint();
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'dept-quantise-'));
  quantised = quantisedCheckpoint(original, isT5Matrix, folder);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const matrices = original.names().filter(isT5Matrix);

test('a column is divided by a 64th of its largest value; one of zeros stays', () => {
  const weights = Float32Array.of(1, -4, 0, -2, 3, 0);
  const { values, scales } = quantiseColumns(weights, { inner: 2, columns: 3, step: 3, stride: 1 });
  expect([...scales]).toEqual([2 / 64, 4 / 64, 1]);
  expect([...values]).toEqual([32, -64, 0, -64, 48, 0]);
});

test('all linear maps of both stacks are matrices but W_k and W_v of cross-attention; nothing else is', () => {
  const { encoderLayers, decoderLayers } = readT5Config(original.folder);
  expect(matrices).toHaveLength(encoderLayers * (4 + 3) + decoderLayers * (4 + 2 + 3));
  const others = original.names().filter((name) => !isT5Matrix(name));
  expect(
    others.filter(
      (name) => !/norm|shared|embed_tokens|relative_attention_bias|lm_head|EncDecAttention\.[kv]\./.test(name),
    ),
  ).toEqual([]);
  for (const name of others) expect(quantised.floats(name), name).toEqual(original.floats(name));
});

test('both sides are within half a step of the weight', () => {
  for (const name of matrices) {
    const [out, width] = original.tensor(name).shape as [number, number];
    const weights = original.floats(name);
    for (const side of ['forward', 'backward'] as const) {
      const { file, shape } = quantised.tensor(`${name}.${side}`);
      expect(shape).toEqual(side === 'forward' ? [width, out] : [out, width]);
      const values = readTensor(file, `${name}.${side}`) as Int8Array;
      const scales = quantised.floats(`${name}.${side}.scales`);
      for (let o = 0; o < out; o += 1) {
        for (let i = 0; i < width; i += 1) {
          const [value, scale] =
            side === 'forward' ? [values[i * out + o]!, scales[o]!] : [values[o * width + i]!, scales[i]!];
          if (Math.abs(value * scale - weights[o * width + i]!) > 0.5001 * scale) expect.fail(`${name} ${o} ${i}`);
        }
      }
    }
  }
});

test('it is made once, and anew for other weights', () => {
  const { path } = quantised.files[0]!;
  const { ino } = statSync(path);
  expect(statSync(quantisedCheckpoint(original, isT5Matrix, folder).files[0]!.path).ino).toBe(ino);
  const other = quantisedCheckpoint(golden('t5-tiny').checkpoint(), isT5Matrix, folder);
  expect(other.files[0]!.path).not.toBe(path);
});

test('a word embedding that goes by another name in the file is found by the usual one', () => {
  const own = join(folder, 'renamed');
  const tensors = original.names().map((name): [string, TensorToWrite] => {
    const { shape } = original.tensor(name);
    const stored = name === 'shared.weight' ? 'decoder.embed_tokens.weight' : name;
    return [stored, { dtype: 'F32', shape, data: original.floats(name) }];
  });
  mkdirSync(own);
  writeSafetensors(join(own, 'model.safetensors'), Object.fromEntries(tensors));
  copyFileSync(join(original.folder, 'config.json'), join(own, 'config.json'));
  const { checkpoint } = openT5(own);
  const embedding = quantisedCheckpoint(checkpoint, isT5Matrix, folder).floats('shared.weight');
  expect(embedding).toEqual(original.floats('shared.weight'));
});

test('the outline has the same types and shapes', () => {
  const outline = quantisedOutline(original);
  for (const name of quantised.names().filter((each) => /\.(forward|backward)/.test(each))) {
    const { dtype, shape } = quantised.tensor(name);
    expect(outline.tensor(name), name).toMatchObject({ dtype, shape });
  }
});
