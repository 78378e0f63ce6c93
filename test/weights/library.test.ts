import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { bundledModelsFolder } from '../../engine/weights/bundled.ts';
import { addModel, findModel, listModels, removeModel, showModel } from '../../engine/weights/library.ts';
import { type TensorToWrite, writeSafetensors } from '../../engine/weights/safetensors.ts';

let root: string;
let home: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'dept-library-'));
  home = join(root, 'home');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const zeros = (...shape: number[]): TensorToWrite => ({
  dtype: 'F32',
  shape,
  data: new Float32Array(shape.reduce((a, b) => a * b, 1)),
});

interface Content {
  config?: unknown;
  tensors?: Record<string, TensorToWrite>;
  files?: readonly string[];
}

function modelFolder(
  folder: string,
  { config = { model_type: 't5' }, tensors, files = ['tokenizer.json'] }: Content = {},
): string {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'config.json'), JSON.stringify(config));
  writeSafetensors(join(folder, 'model.safetensors'), tensors ?? { 'shared.weight': zeros(10, 4) });
  for (const file of files) writeFileSync(join(folder, file), '{}');
  return folder;
}

test('a model is added, shown, listed, found and removed', async () => {
  const source = modelFolder(join(root, 't5-tiny'), {
    files: ['tokenizer.json', 'LICENSE', 'spiece.model', 'pytorch_model.bin', '.gitattributes'],
  });
  mkdirSync(join(source, 'onnx'));
  const added = await addModel(home, source);
  expect(added).toMatchObject({ name: 't5-tiny', kind: 't5', parameters: 40, dtype: 'F32', bundled: false });
  expect(added.folder).toBe(join(home, 'models', 't5-tiny'));
  expect(readdirSync(added.folder).sort()).toEqual([
    'LICENSE',
    'config.json',
    'model.safetensors',
    'spiece.model',
    'tokenizer.json',
  ]);
  expect(added.size).toBe(added.files.reduce((sum, { name }) => sum + statSync(join(added.folder, name)).size, 0));
  expect(listModels(home)).toEqual({ models: [added], broken: [] });
  expect(findModel(home, 't5-tiny')).toBe(added.folder);

  rmSync(source, { recursive: true });
  expect(showModel(home, 't5-tiny')).toEqual(added);
  removeModel(home, 't5-tiny');
  expect(listModels(home).models).toEqual([]);
  expect(readdirSync(join(home, 'models'))).toEqual([]);
});

// Windows lets only administrators make symbolic links.
test.skipIf(process.platform === 'win32')('a download cache of symbolic links becomes plain files', async () => {
  const blobs = modelFolder(join(root, 'blobs'));
  const snapshot = join(root, 'snapshot');
  mkdirSync(snapshot);
  for (const file of readdirSync(blobs)) symlinkSync(join(blobs, file), join(snapshot, file));
  symlinkSync(join(blobs, 'gone'), join(snapshot, 'gone.json'));
  const { folder } = await addModel(home, snapshot, 'cached');
  rmSync(blobs, { recursive: true });
  expect(showModel(home, 'cached').files).toHaveLength(3);
  expect(readdirSync(folder)).toHaveLength(3);
});

test('shards are taken along with their index', async () => {
  const source = join(root, 'large');
  modelFolder(source);
  rmSync(join(source, 'model.safetensors'));
  writeSafetensors(join(source, 'part-1.safetensors'), { a: zeros(2) });
  writeSafetensors(join(source, 'part-2.safetensors'), { b: zeros(3) });
  writeSafetensors(join(source, 'unused.safetensors'), { c: zeros(3) });
  const index = { weight_map: { a: 'part-1.safetensors', b: 'part-2.safetensors' } };
  writeFileSync(join(source, 'model.safetensors.index.json'), JSON.stringify(index));
  const added = await addModel(home, source);
  expect(added.parameters).toBe(5);
  expect(existsSync(join(added.folder, 'part-2.safetensors'))).toBe(true);
  expect(existsSync(join(added.folder, 'unused.safetensors'))).toBe(false);
});

test('a CLIP as transformers 5 saves it, with processor_config.json alone', async () => {
  const folder = modelFolder(join(root, 'newer'), { config: { model_type: 'clip' }, files: ['processor_config.json'] });
  expect(await addModel(home, folder)).toMatchObject({ name: 'newer', kind: 'clip' });
});

describe('what cannot be added', () => {
  test('incomplete models, with every missing file named', async () => {
    const folder = join(root, 'x');
    await expect(addModel(home, folder)).rejects.toMatchObject({ code: 'not-found' });
    mkdirSync(folder);
    const got = (text: string) => ({ code: 'bad-input', details: { got: text } });
    await expect(addModel(home, folder)).rejects.toMatchObject(got('no config.json, no model.safetensors'));
    writeFileSync(join(folder, 'config.json'), '{"model_type":"t5"}');
    await expect(addModel(home, folder)).rejects.toMatchObject(got('no model.safetensors, no tokenizer.json'));
    modelFolder(folder, { config: { model_type: 'clip' } });
    await expect(addModel(home, folder)).rejects.toMatchObject(got('no preprocessor_config.json'));
    expect(existsSync(join(home, 'models'))).toBe(false);
  });

  test('other kinds, broken weights, bad names, names that are taken', async () => {
    const other = modelFolder(join(root, 'bert'), { config: { model_type: 'bert' } });
    await expect(addModel(home, other)).rejects.toMatchObject({ code: 'unsupported', details: { got: "'bert'" } });
    const broken = modelFolder(join(root, 'broken'));
    writeFileSync(join(broken, 'model.safetensors'), 'version https');
    await expect(addModel(home, broken)).rejects.toMatchObject({ code: 'bad-file' });
    const good = modelFolder(join(root, 'good'));
    await expect(addModel(home, good, '../good')).rejects.toMatchObject({ code: 'bad-input' });
    await addModel(home, good);
    await expect(addModel(home, good)).rejects.toMatchObject({ code: 'already-exists' });
    expect(readdirSync(join(home, 'models'))).toEqual(['good']);
  });
});

test('bundled models are found by name, hidden by installed ones, and stay', async () => {
  const bundled = join(root, 'bundled');
  modelFolder(join(bundled, 'tiny'));
  modelFolder(join(bundled, 'other'));
  expect(findModel(home, 'tiny', bundled)).toBe(join(bundled, 'tiny'));
  expect(() => removeModel(home, 'tiny')).toThrow(expect.objectContaining({ code: 'not-found' }));
  await addModel(home, join(bundled, 'tiny'));
  const list = listModels(home, bundled).models.map(({ name, bundled }) => [name, bundled]);
  expect(list).toEqual([
    ['other', true],
    ['tiny', false],
  ]);
});

test('a path is a model too; a name that is neither gets the nearest one', async () => {
  const folder = modelFolder(join(root, 'somewhere'));
  expect(findModel(home, folder)).toBe(folder);
  await addModel(home, folder, 't5-small');
  expect(() => findModel(home, 't5-smal')).toThrow(
    expect.objectContaining({ code: 'not-found', details: { expected: 't5-small', remedy: "Use 't5-small'." } }),
  );
});

test('a broken model in the library is listed with its reason', () => {
  modelFolder(join(home, 'models', 'good'));
  mkdirSync(join(home, 'models', 'empty'));
  const { models, broken } = listModels(home);
  expect(models.map(({ name }) => name)).toEqual(['good']);
  expect(broken).toMatchObject([{ name: 'empty', error: { code: 'not-found' } }]);
});

describe('parameter count', () => {
  const count = (content: Content): number => showModel(home, modelFolder(join(root, 'm'), content)).parameters;
  const copies = {
    'encoder.embed_tokens.weight': zeros(10, 4),
    'decoder.embed_tokens.weight': zeros(10, 4),
    'lm_head.weight': zeros(10, 4),
    'encoder.final_layer_norm.weight': zeros(4),
  };

  test('copies of a tied embedding count once, with or without the shared name', () => {
    expect(count({ tensors: copies })).toBe(44);
    expect(count({ tensors: { ...copies, 'shared.weight': zeros(10, 4) } })).toBe(44);
  });

  test('an untied head counts, as published and as transformers 5 saves it', () => {
    for (const untied of [
      { tie_word_embeddings: false },
      { tie_word_embeddings: true, scale_decoder_outputs: false },
    ]) {
      const config = { model_type: 't5', ...untied };
      expect(count({ config, tensors: { ...copies, 'shared.weight': zeros(10, 4) } })).toBe(84);
    }
  });

  test('buffers and unused tensors do not count; scalars do', () => {
    const unused = 'decoder.block.0.layer.1.EncDecAttention.relative_attention_bias.weight';
    expect(count({ tensors: { 'shared.weight': zeros(10, 4), [unused]: zeros(32, 2) } })).toBe(40);
    const ids: TensorToWrite = { dtype: 'I64', shape: [1, 50], data: new BigInt64Array(50) };
    const tensors = { logit_scale: zeros(), 'vision_model.embeddings.position_ids': ids };
    expect(count({ config: { model_type: 'clip' }, tensors })).toBe(1);
  });

  test('the type is that of most parameters', () => {
    const half: TensorToWrite = { dtype: 'F16', shape: [100], data: new Float16Array(100) };
    const folder = modelFolder(join(root, 'm'), { tensors: { a: half, b: zeros(3) } });
    expect(showModel(home, folder)).toMatchObject({ dtype: 'F16', parameters: 103 });
  });
});

test('the bundled models lie under assets', () => {
  expect(bundledModelsFolder().replaceAll('\\', '/')).toMatch(/\/assets\/models$/);
});
