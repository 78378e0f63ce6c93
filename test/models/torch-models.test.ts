/** Models whose weights were written by torch.save: read where they lie, whole and in shards, in every precision. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openT5 } from '../../engine/models/t5/open.ts';
import { openCheckpoint } from '../../engine/weights/checkpoint.ts';
import { addModel } from '../../engine/weights/library.ts';
import { describeModel } from '../../engine/weights/model-info.ts';
import { refusal } from '../common/refusal.ts';
import { compared, pinned } from '../fidelity/compared.ts';
import { golden } from './reference.ts';
import { forward, t5Case } from './t5-case.ts';

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'dept-torch-models-'));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** A golden model's folder with its weights as torch.save writes them in the place of its own. */
function saved(name: string): string {
  const folder = join(root, name);
  cpSync(fileURLToPath(new URL(`../golden/torch-models/${name}`, import.meta.url)), folder, { recursive: true });
  cpSync(join(golden(name).folder, 'config.json'), join(folder, 'config.json'));
  return folder;
}

compared(
  {
    area: 'T5',
    against: pinned('transformers'),
    measure: 'relative',
    what: 'weights from torch.save, float32, float16 in 2 shards, bfloat16 in 3: states of every layer, logits',
    allowed: 1e-4,
  },
  async (differences) => {
    for (const name of ['t5-tiny', 't5-float16', 't5-bfloat16']) {
      const t5 = t5Case(name);
      const copy = { ...t5, ...openT5(saved(name)) };
      expect(copy.config).toEqual(t5.config);
      const results = await forward(copy);
      for (const [own, { data }] of results) {
        differences.values(data as Float32Array, t5.expected(own), `${name} ${own}`);
      }
    }
  },
);

test('the same tensors and parameters as in safetensors; tied copies count once', () => {
  for (const name of ['t5-tiny', 't5-float16', 't5-bfloat16', 'clip-tiny']) {
    const folder = saved(name);
    const [torch, safetensors] = [openCheckpoint(folder), openCheckpoint(golden(name).folder)];
    for (const tensor of safetensors.names()) {
      const { dtype, shape } = safetensors.tensor(tensor);
      expect(torch.tensor(tensor)).toMatchObject({ dtype, shape });
      if (dtype !== 'I64') expect(torch.floats(tensor)).toEqual(safetensors.floats(tensor));
    }
    const { parameters, dtype } = describeModel(golden(name).folder);
    expect(describeModel(folder)).toMatchObject({ parameters, dtype });
  }
});

test('they are taken into the library, and stay behind where the model has safetensors', async () => {
  const folder = saved('t5-float16');
  writeFileSync(join(folder, 'tokenizer.json'), '{}');
  const files = (await addModel(join(root, 'home'), folder, 'shards')).files.map(({ name }) => name);
  const shards = ['pytorch_model-00001-of-00002.bin', 'pytorch_model-00002-of-00002.bin'];
  expect(files.sort()).toEqual(['config.json', ...shards, 'pytorch_model.bin.index.json', 'tokenizer.json']);
  cpSync(join(golden('t5-float16').folder, 'model.safetensors'), join(folder, 'model.safetensors'));
  const both = (await addModel(join(root, 'home'), folder, 'both')).files.map(({ name }) => name);
  expect(both).not.toEqual(expect.arrayContaining([expect.stringMatching(/\.bin$/)]));
});

test('a shard that is missing, and an index that leads out of the folder', () => {
  const folder = saved('t5-bfloat16');
  rmSync(join(folder, 'pytorch_model-00002-of-00003.bin'));
  expect(refusal(() => openCheckpoint(folder))).toMatchObject({ code: 'not-found' });
  const path = join(folder, 'pytorch_model.bin.index.json');
  writeFileSync(path, readFileSync(path, 'utf8').replaceAll('pytorch_model-00002', '../pytorch_model-00002'));
  expect(refusal(() => openCheckpoint(folder))).toMatchObject({ code: 'bad-file', details: { path } });
});
