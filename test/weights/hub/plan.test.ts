/** Which files are chosen from repositories as they are published, and what is said of those that are of no use. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { planDownload } from '../../../engine/weights/hub/plan.ts';
import { hubAt } from './hub.ts';
import { type Files, StandIn } from './stand-in.ts';

let standIn: StandIn;
beforeAll(async () => {
  standIn = await StandIn.start();
});
afterEach(() => {
  standIn.listing = undefined;
});
afterAll(() => standIn[Symbol.asyncDispose]());

const signal = new AbortController().signal;
const plan = (repo: string) => planDownload(hubAt(standIn), { repo }, signal);

async function chosen(files: Files, repo = 'me/model'): Promise<string[]> {
  standIn.add(repo, files);
  return (await plan(repo)).files.map(({ name }) => name);
}

const t5 = { 'config.json': '{"model_type":"t5"}', 'tokenizer.json': '{}', 'tokenizer_config.json': '{}' };
const clip = { 'config.json': '{"model_type":"clip"}', 'preprocessor_config.json': '{}' };
const openClip = '{"model_cfg":{"vision_cfg":{"layers":[3,4,23,3]}}}';
const papers = { 'README.md': '# A model', LICENSE: 'MIT', '.gitattributes': '' };
const indexOf = (...shards: string[]): string =>
  JSON.stringify({ weight_map: Object.fromEntries(shards.map((shard, i) => [`t${i}`, shard])) });

describe('chosen', () => {
  test('of a T5: safetensors before all other forms; folders and other tools are left out', async () => {
    const files = {
      ...t5,
      ...papers,
      'generation_config.json': '{}',
      'spiece.model': 'pieces',
      'model.safetensors': 'w',
      'model.fp16.safetensors': 'w',
      'pytorch_model.bin': 'w',
      'tf_model.h5': 'w',
      'flax_model.msgpack': 'w',
      'rust_model.ot': 'w',
      'onnx/model.onnx': 'w',
    };
    expect(await chosen(files)).toEqual([
      'config.json',
      'model.safetensors',
      'tokenizer.json',
      'tokenizer_config.json',
      'generation_config.json',
      'README.md',
      'LICENSE',
    ]);
  });

  test('shards with their index, each once; of two forms the first', async () => {
    const files = {
      ...t5,
      'model.safetensors.index.json': indexOf('a-1.safetensors', 'a-2.safetensors', 'a-1.safetensors'),
      'a-1.safetensors': '1',
      'a-2.safetensors': '2',
      'pytorch_model.bin': 'w',
    };
    const names = await chosen(files);
    expect(names.slice(1, 4)).toEqual(['model.safetensors.index.json', 'a-1.safetensors', 'a-2.safetensors']);
    expect(names).not.toContain('pytorch_model.bin');
    const bin = { 'pytorch_model.bin.index.json': indexOf('p-1.bin'), 'p-1.bin': '1', 'tf_model.h5': 'w' };
    expect((await chosen({ ...t5, ...bin })).slice(1, 3)).toEqual(['pytorch_model.bin.index.json', 'p-1.bin']);
  });

  test('of a T5 v1.1, which is published without tokenizer.json, its SentencePiece model', async () => {
    const files = { 'config.json': t5['config.json'], 'pytorch_model.bin': 'w', 'spiece.model': 'pieces' };
    expect(await chosen(files)).toEqual(['config.json', 'pytorch_model.bin', 'spiece.model']);
  });

  test('of a CLIP, in either layout', async () => {
    const files = { ...clip, 'tokenizer.json': '{}', 'vocab.json': '{}', 'pytorch_model.bin': 'w' };
    expect(await chosen(files)).toEqual(['config.json', 'pytorch_model.bin', 'preprocessor_config.json']);
    const timm = {
      'config.json': '{"architecture":"resnet101_clip"}',
      'open_clip_config.json': openClip,
      'open_clip_model.safetensors': 'w',
      'open_clip_pytorch_model.bin': 'w',
      'model.safetensors': 'of timm: the image tower alone',
    };
    expect(await chosen(timm)).toEqual(['config.json', 'open_clip_config.json', 'open_clip_model.safetensors']);
  });
});

describe('of no use, and why', () => {
  const refused: readonly (readonly [what: string, files: Files, error: object])[] = [
    [
      'another kind',
      { 'config.json': '{"model_type":"bert"}', 'model.safetensors': '' },
      { details: { got: "'bert'" } },
    ],
    ['no configuration', { 'model.gguf': '' }, { message: expect.stringContaining('no configuration') }],
    ['nothing at all', {}, { details: { got: 'no files' } }],
    [
      'other forms of weights only',
      { ...t5, 'tf_model.h5': '', 'flax_model.msgpack': '' },
      { details: { got: 'tf_model.h5, flax_model.msgpack' } },
    ],
    [
      'no tokenizer',
      { 'config.json': t5['config.json'], 'model.safetensors': '' },
      { message: expect.stringContaining('It lacks tokenizer.json') },
    ],
    ['no preprocessing', { 'config.json': clip['config.json'], 'model.safetensors': '' }, { code: 'unsupported' }],
    [
      'an image tower of another kind',
      { 'open_clip_config.json': '{"model_cfg":{"vision_cfg":{}}}' },
      { code: 'unsupported' },
    ],
    [
      'a configuration that is none',
      { ...t5, 'config.json': '{' },
      { code: 'bad-file', details: { path: expect.stringMatching(/^http.*\/config\.json$/) } },
    ],
  ];
  test.each(refused)('%s', async (_what, files, error) => {
    standIn.add('me/model', files);
    await expect(plan('me/model')).rejects.toMatchObject({
      details: { path: expect.stringContaining(standIn.endpoint) },
    });
    await expect(plan('me/model')).rejects.toMatchObject(error);
  });

  test.each([
    '../a.safetensors',
    'a/b.safetensors',
    'a\\b.safetensors',
    'CON.safetensors',
    'a.exe',
    'gone.safetensors',
    'C:a.safetensors',
  ])('an index that names %s', async (shard) => {
    standIn.add('me/model', { ...t5, 'model.safetensors.index.json': indexOf(shard), 'a.exe': '', [shard]: '' });
    if (shard === 'gone.safetensors') {
      standIn.add('me/model', { ...t5, 'model.safetensors.index.json': indexOf(shard) });
    }
    await expect(plan('me/model')).rejects.toMatchObject({ code: expect.stringMatching(/^(bad-file|unsupported)$/) });
  });

  test('a configuration of gigabytes is not read', async () => {
    standIn.add('me/model', { ...t5, 'config.json': Buffer.alloc(2 ** 20 + 1, ' ') }, { lfsFrom: 2 ** 30 });
    await expect(plan('me/model')).rejects.toMatchObject({
      code: 'network-failed',
      details: { expected: 'at most 1048576 bytes' },
    });
  });
});

describe('a listing', () => {
  const answer = (body: unknown): void => {
    standIn.listing = (response) => void response.end(typeof body === 'string' ? body : JSON.stringify(body));
  };
  const sha = 'a'.repeat(40);
  const file = (name: string, rest: object = {}) => ({ rfilename: name, size: 1, blobId: sha, ...rest });

  test.each([
    ['a page', '<html>'],
    ['no commit', { id: 'me/model', siblings: [] }],
    ['a commit that climbs', { id: 'me/model', sha: '../../x', siblings: [] }],
    ['a name that climbs', { id: '../model', sha, siblings: [] }],
    ['a size below zero', { id: 'me/model', sha, siblings: [file('config.json', { size: -1 })] }],
    ['a size that is no number', { id: 'me/model', sha, siblings: [file('config.json', { size: '9' })] }],
  ])('that is none: %s', async (_what, body) => {
    standIn.add('me/model', t5);
    answer(body);
    await expect(plan('me/model')).rejects.toMatchObject({
      code: 'network-failed',
      message: 'The hub lists the model in a way that is not understood',
    });
  });

  test('without end is cut off', async () => {
    standIn.add('me/model', t5);
    answer(' '.repeat(17 * 2 ** 20));
    await expect(plan('me/model')).rejects.toMatchObject({ details: { expected: 'at most 16777216 bytes' } });
  });

  test('a file without a digest counts as not there', async () => {
    standIn.add('me/model', t5);
    answer({ id: 'me/model', sha, siblings: [file('config.json', { blobId: undefined }), file('model.safetensors')] });
    await expect(plan('me/model')).rejects.toMatchObject({
      message: expect.stringContaining('no configuration'),
      details: { got: 'model.safetensors' },
    });
  });
});

test('the golden model of this repository as its listing says it', async () => {
  const config = readFileSync(join(import.meta.dirname, '..', '..', 'golden', 't5-tiny', 'config.json'));
  standIn.add('me/model', { ...t5, 'config.json': config, 'model.safetensors': 'w' }, { licence: 'apache-2.0' });
  expect(await plan('me/model')).toMatchObject({
    kind: 't5',
    licence: 'apache-2.0',
    files: expect.arrayContaining([
      expect.objectContaining({
        name: 'config.json',
        size: config.length,
        digest: expect.objectContaining({ kind: 'git' }),
      }),
    ]),
  });
});
