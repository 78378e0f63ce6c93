/** CLIPs as OpenAI published them: one file, a program with its weights, and no configuration. */
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readOpenClipConfig } from '../../engine/models/clip/open-clip-config.ts';
import { readResnetConfig } from '../../engine/models/clip/resnet-config.ts';
import { checkModel } from '../../engine/service/model-check.ts';
import { openCheckpoint } from '../../engine/weights/checkpoint.ts';
import { addModel } from '../../engine/weights/library.ts';
import { configOfWeights } from '../../engine/weights/openai-config.ts';
import { readTensor, type SafetensorsFile, writeSafetensors } from '../../engine/weights/safetensors.ts';
import { readTorchHeader } from '../../engine/weights/torch-file.ts';
import { rejection } from '../common/refusal.ts';
import { compared } from '../fidelity/compared.ts';
import published from '../golden/clip-resnet-published.json' with { type: 'json' };
import { clipEmbeddings } from './clip-embeddings.ts';
import { golden } from './reference.ts';

interface Reference {
  readonly versions: { readonly open_clip_torch: string };
  readonly inputs: { readonly input_ids: number[][] };
  readonly parameters: number;
}

const vit = golden<Reference>('openai-vit');
const file = join(vit.folder, 'ViT-tiny.pt');

let root: string;
let home: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'dept-openai-'));
  home = join(root, 'home');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

compared(
  {
    area: 'CLIP',
    against: `open_clip_torch ${vit.reference.versions.open_clip_torch}`,
    measure: 'relative',
    what: "ViT in a file as OpenAI's own, a TorchScript archive: patch tokens of every layer, embeddings",
    allowed: 1e-5,
  },
  async (differences) => {
    const { folder, parameters, dtype } = await addModel(home, file);
    expect({ parameters, dtype }).toEqual({ parameters: vit.reference.parameters, dtype: 'F16' });
    const results = await clipEmbeddings(folder, vit.reference.inputs.input_ids);
    expect(vit.names.map((own) => own.replace('expected.', ''))).toEqual(Object.keys(results).sort());
    for (const [own, values] of Object.entries(results)) {
      differences.values(values, vit.expected(`expected.${own}`), own);
    }
  },
);

test('it goes into the library as it is, beside the configuration that follows from it, and passes the check', async () => {
  const { name, folder } = await addModel(home, file);
  expect(name).toBe('ViT-tiny');
  expect(readdirSync(folder).sort()).toEqual(['open_clip_config.json', 'open_clip_pytorch_model.bin']);
  expect(readFileSync(join(folder, 'open_clip_pytorch_model.bin'))).toEqual(readFileSync(file));
  const tower = { layers: 1, width: 64, feedForwardWidth: 256, heads: 1, activation: 'quick_gelu', epsilon: 1e-5 };
  expect(readOpenClipConfig(folder)).toEqual({
    projectionWidth: 12,
    transposedProjections: true,
    vision: { ...tower, imageSize: 12, patchSize: 4 },
    text: { ...tower, vocabularySize: 30, positions: 8, eosId: 29 },
  });
  expect(await checkModel(home, name)).toMatchObject({ kind: 'clip', passed: true });
});

test('the same weights as a bare state dict in safetensors', async () => {
  const torch = readTorchHeader(file);
  const bare = join(root, 'bare.safetensors');
  const tensors = [...torch.tensors.values()].map(({ name, dtype, shape }) => {
    return [name, { dtype, shape, data: readTensor(torch, name) }] as const;
  });
  writeSafetensors(bare, Object.fromEntries(tensors));
  const [{ folder }, { folder: original }] = [await addModel(home, bare, 'mine'), await addModel(home, file)];
  expect(readdirSync(folder).sort()).toEqual(['open_clip_config.json', 'open_clip_model.safetensors']);
  expect(openCheckpoint(folder).fingerprint()).toBe(openCheckpoint(original).fingerprint());
});

/** Weights of these shapes, as far as the configuration goes. */
function described(shapes: Readonly<Record<string, readonly number[]>>): SafetensorsFile {
  const tensors = Object.entries(shapes).map(([name, shape]) => {
    return [name, { name, dtype: 'F16' as const, shape, offset: 0, byteLength: 0 }] as const;
  });
  return { path: 'some.pt', metadata: {}, tensors: new Map(tensors) };
}

const textShapes = (width: number, layers: number): Record<string, readonly number[]> => ({
  positional_embedding: [77, width],
  'token_embedding.weight': [49408, width],
  'ln_final.weight': [width],
  ...Object.fromEntries(Array.from({ length: layers }, (_, i) => [`transformer.resblocks.${i}.ln_1.weight`, [width]])),
});

test.each(['RN50', 'RN101', 'RN50x4'] as const)('%s: its published configuration follows from its weights', (name) => {
  const { model_cfg } = published.models[name];
  const { vision_cfg, text_cfg, embed_dim } = model_cfg;
  const { layers, width, image_size } = vision_cfg;
  const blocks = layers.flatMap((count, layer) =>
    Array.from({ length: count }, (_, i) => [
      `visual.layer${layer + 1}.${i}.conv1.weight`,
      [width * 2 ** layer, 1, 1, 1],
    ]),
  );
  const own = configOfWeights(
    described({
      ...Object.fromEntries(blocks),
      'visual.attnpool.positional_embedding': [(image_size / 32) ** 2 + 1, 32 * width],
      text_projection: [text_cfg.width, embed_dim],
      ...textShapes(text_cfg.width, text_cfg.layers),
    }),
  );
  const folder = (config: object): string => {
    const place = mkdtempSync(join(root, 'config-'));
    writeFileSync(join(place, 'open_clip_config.json'), JSON.stringify(config));
    return place;
  };
  expect(readResnetConfig(folder(own))).toEqual(readResnetConfig(folder({ model_cfg })));
  expect(own).toMatchObject({ model_cfg: { embed_dim, text_cfg } });
});

test('weights of which the activation is not certain, and those of another model, are refused with the way out', async () => {
  const bare = join(root, 'bare.safetensors');
  const openClip = golden('open-clip-vit-float16').folder;
  cpSync(join(openClip, 'open_clip_model.safetensors'), bare);
  expect((await rejection(addModel(home, bare))).toRecord()).toMatchObject({
    code: 'bad-input',
    expected: 'the tensor input_resolution',
    remedy: expect.stringContaining('Put the file into a folder with the configuration'),
  });
  const t5 = join(golden('t5-tiny').folder, 'model.safetensors');
  expect((await rejection(addModel(home, t5))).toRecord()).toMatchObject({
    code: 'bad-input',
    message: expect.stringContaining('holds no CLIP'),
    path: t5,
  });
  expect((await rejection(addModel(home, join(root, 'gone.pt')))).code).toBe('not-found');
});
