/** A folder as open_clip publishes it, from the model library to visual tokens. */
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readImageTowerConfig } from '../../engine/models/clip/image-tower.ts';
import { readResnetConfig } from '../../engine/models/clip/resnet-config.ts';
import { openVision } from '../../engine/service/open-model.ts';
import { encodePictures } from '../../engine/service/visual-features.ts';
import { ImageEncoder, type VisualChoice, visualShape } from '../../engine/vision-language/image-encoder.ts';
import { addModel, findModel } from '../../engine/weights/library.ts';
import { describeModel } from '../../engine/weights/model-info.ts';
import { refusal, rejection } from '../common/refusal.ts';
import { golden, hashedPixels, relativeDifference } from './reference.ts';

const resnet = golden<{ parameters: number }>('clip-resnet-7x7');
const [CONFIG, WEIGHTS] = ['open_clip_config.json', 'open_clip_model.safetensors'];

let root: string;
let home: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'dept-resnet-'));
  home = join(root, 'home');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function published(files: Readonly<Record<string, unknown>> = {}): string {
  const folder = join(root, 'RN');
  mkdirSync(folder);
  for (const name of [CONFIG, WEIGHTS]) cpSync(join(resnet.folder, name), join(folder, name));
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), JSON.stringify(content));
  return folder;
}

describe('in the model library', () => {
  test("its weights are open_clip's; what timm keeps beside them stays behind", async () => {
    const timm = { 'config.json': { architecture: 'resnet50_clip' }, 'model.safetensors': 'of timm', 'vocab.json': {} };
    const { kind, dtype, parameters, folder } = await addModel(home, published(timm));
    expect({ kind, dtype, parameters }).toEqual({
      kind: 'clip',
      dtype: 'F32',
      parameters: resnet.reference.parameters,
    });
    expect(readdirSync(folder).sort()).toEqual(['config.json', CONFIG, WEIGHTS, 'vocab.json']);
    expect(findModel(home, 'RN')).toBe(folder);
    expect(findModel(home, resnet.folder)).toBe(resnet.folder);
  });

  test('float16 weights', () => {
    const half = golden<{ parameters: number }>('clip-resnet-9x9');
    expect(describeModel(half.folder)).toMatchObject({ dtype: 'F16', parameters: half.reference.parameters });
  });

  test("a config.json of Hugging Face's goes first", () => {
    const folder = published({ 'config.json': { model_type: 'clip' } });
    expect(() => describeModel(folder)).toThrow(expect.objectContaining({ code: 'not-found' })); // no model.safetensors
    expect(readImageTowerConfig(folder)).toMatchObject({ vision: { patchSize: 32 } });
  });

  test('without its own weights it is incomplete', async () => {
    const folder = published({ 'pytorch_model.bin': 'of timm', 'model.safetensors': 'of timm' });
    rmSync(join(folder, WEIGHTS));
    await expect(addModel(home, folder)).rejects.toMatchObject({
      code: 'bad-input',
      details: { got: `no ${WEIGHTS}` },
    });
  });

  test.each([
    ['a tower with other layers', { layers: 'many', width: 768, patch_size: 32 }, /vision_cfg.layers "many"/],
    ["timm's image tower", { timm_model_name: 'convnext_base', image_size: 256 }, /no vision_cfg.layers/],
  ])('%s is refused', async (_title, vision_cfg, got) => {
    const folder = published({ [CONFIG]: { model_cfg: { embed_dim: 512, vision_cfg } } });
    expect((await rejection(addModel(home, folder))).toRecord()).toEqual({
      code: 'unsupported',
      message: "This image tower is not read in open_clip's layout",
      path: join(folder, CONFIG),
      expected: 'a ResNet or a vision transformer of CLIP, with vision_cfg.layers',
      got: expect.stringMatching(got),
      remedy: expect.stringContaining('RN101'),
    });
    expect(existsSync(join(home, 'models', 'RN'))).toBe(false);
  });
});

describe('its config', () => {
  const read = (change: object) => {
    const vision_cfg = { image_size: 224, layers: [3, 4, 6, 3], width: 64, patch_size: null, ...change };
    return readResnetConfig(published({ [CONFIG]: { model_cfg: { embed_dim: 1024, vision_cfg } } }));
  };

  test('RN50 has heads of 64', () => {
    expect(read({})).toEqual({
      projectionWidth: 1024,
      vision: { imageSize: 224, blocks: [3, 4, 6, 3], width: 64, heads: 32 },
    });
  });

  test.each([
    ['three layers', { layers: [3, 4, 6] }, /layers/],
    ['an odd width', { width: 63 }, /width/],
    ['heads that do not divide the width', { head_width: 60 }, /head_width/],
    ['a picture that five halvings do not divide', { image_size: 240 }, /image_size/],
    ['a picture that is not square', { image_size: [224, 288] }, /image_size/],
    ['a field that makes another tower of it', { timm_model_name: 'resnet50' }, /timm_model_name/],
  ])('%s', (_title, change, got) => {
    const { code, details } = refusal(() => read(change));
    expect(code).toBe('bad-file');
    expect(details.got).toMatch(got);
  });
});

describe('as a source of visual tokens', () => {
  const config = readResnetConfig(resnet.folder);
  const pixels = hashedPixels(2 * 3 * 224 ** 2);
  const pictures = [pixels.subarray(0, 3 * 224 ** 2), pixels.subarray(3 * 224 ** 2)];
  const encoder = (choice: VisualChoice) =>
    ImageEncoder.create({ checkpoint: resnet.checkpoint(), config, threads: 1, ...choice });

  test('layer 4, pooled to 6 x 6', async () => {
    const last = await encoder({ layer: 'last', pool: 6 });
    expect([last.tokens, last.width, last.imageSize]).toEqual([36, 64, 224]);
    const encoded = await last.encode(pictures);
    await last.release();
    const [tokens, embeddings] = [
      encoded.flatMap((one) => [...one.tokens]),
      encoded.flatMap((one) => [...one.embedding]),
    ];
    expect(relativeDifference(tokens, resnet.expected('expected.pooled'))).toBeLessThan(1e-5);
    expect(relativeDifference(embeddings, resnet.expected('expected.embedding'))).toBeLessThan(1e-5);
  });

  test('layer 3 has smaller cells and more of them', async () => {
    const third = await encoder({ layer: 3, pool: null });
    expect([third.tokens, third.width]).toEqual([196, 32]);
    const [first] = await third.encode(pictures);
    await third.release();
    const grid = resnet.expected('expected.layer3'); // [2, 32, 4, 4]: every fourth row and column
    const own = Array.from({ length: 32 * 16 }, (_, i) => {
      const [channel, row, column] = [Math.floor(i / 16), 4 * (Math.floor(i / 4) % 4), 4 * (i % 4)];
      return first!.tokens[(row * 14 + column) * 32 + channel]!;
    });
    expect(relativeDifference(own, grid.subarray(0, 32 * 16))).toBeLessThan(1e-5);
  });

  test.each([
    { layer: 5, pool: null, path: 'vision.layer' },
    { layer: 4, pool: 8, path: 'vision.pool' },
  ] as const)('refuses layer $layer with pool $pool', ({ layer, pool, path }) => {
    const { code, details } = refusal(() => visualShape(config, { layer, pool }));
    expect({ code, path: details.path }).toEqual({ code: 'bad-config', path });
  });

  test('from a picture in a file, prepared as its config says and squashed', async () => {
    const folder = join(root, 'grey');
    cpSync(resnet.folder, folder, { recursive: true });
    const { model_cfg } = JSON.parse(readFileSync(join(folder, CONFIG), 'utf8')) as { model_cfg: unknown };
    const preprocess_cfg = { mean: [0.5, 0.4, 0.3], std: [0.1, 0.2, 0.3], interpolation: 'bilinear' };
    writeFileSync(join(folder, CONFIG), JSON.stringify({ model_cfg, preprocess_cfg }));
    const vision = openVision(home, { model: folder, layer: 'last', pool: 6, resize: 'squash' }, 1);
    expect([vision.tokens, vision.width]).toEqual([36, 64]);
    expect(vision.preprocessing).toEqual({
      resize: 'squash',
      size: 224,
      cropSize: 224,
      interpolation: 'bilinear',
      mean: [0.5, 0.4, 0.3],
      std: [0.1, 0.2, 0.3],
    });
    const other = openVision(home, { model: resnet.folder, layer: 'last', pool: 6, resize: 'squash' }, 1);
    expect(other.preprocessing).toMatchObject({ interpolation: 'bicubic', mean: [0.48145466, 0.4578275, 0.40821073] });
    expect(other.fingerprint).not.toBe(vision.fingerprint);

    const picture = join(root, 'red.png');
    await sharp({ create: { width: 30, height: 20, channels: 3, background: 'red' } })
      .png()
      .toFile(picture);
    const area = 224 ** 2;
    const red = Float32Array.from({ length: 3 * area }, (_, i) => [5, -2, -1][Math.floor(i / area)]!);
    const direct = await encoder({ layer: 'last', pool: 6 });
    const [expected] = await direct.encode([red]);
    await direct.release();
    const encoded: Float32Array[] = [];
    for await (const tokens of encodePictures(vision, [picture], {})) encoded.push(tokens);
    expect(encoded).toHaveLength(1);
    expect(relativeDifference(encoded[0]!, expected!.tokens)).toBeLessThan(1e-5);
  });
});
