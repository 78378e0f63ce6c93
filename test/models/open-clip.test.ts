/** CLIPs of two transformers under OpenAI's and open_clip's names: the same numbers, and no byte of the file moved. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readImageTowerConfig } from '../../engine/models/clip/image-tower.ts';
import { readOpenClipConfig } from '../../engine/models/clip/open-clip-config.ts';
import { describeModel } from '../../engine/weights/model-info.ts';
import { underHuggingFaceNames } from '../../engine/weights/open-clip-names.ts';
import { refusal } from '../common/refusal.ts';
import { compared } from '../fidelity/compared.ts';
import { clipEmbeddings } from './clip-embeddings.ts';
import { golden } from './reference.ts';

interface Reference {
  readonly inputs: { readonly input_ids: number[][] };
  readonly parameters: number;
}

const names = ['open-clip-vit', 'open-clip-vit-float16'];
const CONFIG = 'open_clip_config.json';

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'dept-open-clip-'));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

compared(
  {
    area: 'CLIP',
    against: 'open_clip_torch 3.3.0',
    measure: 'relative',
    what: "ViT and text under OpenAI's names, from safetensors and torch.save: patch tokens of every layer, embeddings",
    allowed: 1e-5,
  },
  async (differences) => {
    for (const name of names) {
      const model = golden<Reference>(name);
      expect(readImageTowerConfig(model.folder)).toEqual(readOpenClipConfig(model.folder));
      const results = await clipEmbeddings(model.folder, model.reference.inputs.input_ids);
      expect(model.names.map((own) => own.replace('expected.', ''))).toEqual(Object.keys(results).sort());
      for (const [own, values] of Object.entries(results)) {
        differences.values(values, model.expected(`expected.${own}`), `${name} ${own}`);
      }
    }
  },
);

test('every weight counts once, however it is named', () => {
  const models = names.map((name) => golden<Reference>(name));
  expect(models.map(({ folder }) => describeModel(folder).parameters)).toEqual(
    models.map(({ reference }) => reference.parameters),
  );
  expect(models.map(({ folder }) => describeModel(folder).dtype)).toEqual(['F32', 'F16']);
});

test('queries, keys and values are row blocks of the fused tensor; a ResNet keeps its names', () => {
  const info = (name: string, shape: number[], offset = 0) => ({
    name,
    shape,
    dtype: 'F16' as const,
    offset,
    byteLength: 2 * shape.reduce((product, size) => product * size, 1),
  });
  const fused = info('visual.transformer.resblocks.7.attn.in_proj_weight', [6, 5], 100);
  const self = 'vision_model.encoder.layers.7.self_attn';
  expect(underHuggingFaceNames([info('visual.class_embedding', [5]), fused]).slice(1)).toEqual(
    ['q', 'k', 'v'].map((letter, i) => info(`${self}.${letter}_proj.weight`, [2, 5], 100 + 20 * i)),
  );
  const resnet = [info('visual.conv1.weight', [4, 3, 3, 3]), info('transformer.resblocks.0.ln_1.weight', [8])];
  expect(underHuggingFaceNames(resnet)).toEqual(resnet);
});

test.each([
  ['heads that do not divide the width', { head_width: 60 }, /head_width/],
  ['patches larger than the picture', { patch_size: 256 }, /patch_size/],
  ['a picture that is not square', { image_size: [224, 288] }, /image_size/],
  ['layer scale', { ls_init_value: 1e-5 }, /ls_init_value/],
  ['a field that makes another tower of it', { pos_embed_type: 'sin_cos_2d' }, /pos_embed_type/],
])('%s is refused', (title, change, got) => {
  const folder = join(root, title);
  mkdirSync(folder);
  const file = JSON.parse(readFileSync(join(golden(names[0]!).folder, CONFIG), 'utf8'));
  Object.assign(file.model_cfg.vision_cfg, { width: 64 }, change);
  writeFileSync(join(folder, CONFIG), JSON.stringify(file));
  const { code, details } = refusal(() => readOpenClipConfig(folder));
  expect(code).toBe('bad-file');
  expect(details.got).toMatch(got);
});
