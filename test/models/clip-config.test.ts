import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import {
  type ClipConfig,
  patchCount,
  readClipConfig,
  type TransformerConfig,
} from '../../engine/models/clip/config.ts';
import { compared, pinned } from '../fidelity/compared.ts';

interface Tower {
  readonly hidden_size: number;
  readonly intermediate_size: number;
  readonly num_hidden_layers: number;
  readonly num_attention_heads: number;
  readonly hidden_act: TransformerConfig['activation'];
  readonly layer_norm_eps: number;
}

interface Case {
  readonly name: string;
  readonly config: object;
  readonly read: {
    readonly projection_dim: number;
    readonly vision: Tower & { readonly image_size: number; readonly patch_size: number };
    readonly text: Tower & {
      readonly vocab_size: number;
      readonly max_position_embeddings: number;
      readonly eos_token_id: number;
    };
  };
}

const file = new URL('../golden/clip-configs.json', import.meta.url);
const { cases } = JSON.parse(readFileSync(file, 'utf8')) as { cases: Case[] };

function read(config: object): ClipConfig {
  const folder = mkdtempSync(join(tmpdir(), 'dept-clip-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, 'config.json'), JSON.stringify(config));
  return readClipConfig(folder);
}

const tower = (published: Tower): TransformerConfig => ({
  width: published.hidden_size,
  feedForwardWidth: published.intermediate_size,
  layers: published.num_hidden_layers,
  heads: published.num_attention_heads,
  activation: published.hidden_act,
  epsilon: published.layer_norm_eps,
});

compared(
  {
    area: 'CLIP',
    what: 'config.json as published over the years',
    against: pinned('transformers'),
    measure: 'identical',
    allowed: 0,
  },
  (differences) => {
    for (const { name, config, read: wanted } of cases) {
      const { projection_dim, vision, text } = wanted;
      const own = read(config);
      differences.same(own.projectionWidth, projection_dim, name);
      const pictures = { ...tower(vision), imageSize: vision.image_size, patchSize: vision.patch_size };
      differences.same(own.vision, pictures, `${name}: vision`);
      const captions = { ...tower(text), vocabularySize: text.vocab_size, positions: text.max_position_embeddings };
      differences.same(own.text, { ...captions, eosId: text.eos_token_id }, `${name}: text`);
    }
  },
);

test('patches are counted as the convolution makes them', () => {
  const count = (image_size: number, patch_size: number) =>
    patchCount(read({ model_type: 'clip', vision_config: { image_size, patch_size } }));
  expect(count(224, 14)).toBe(256);
  expect(count(224, 15)).toBe(196);
});

describe('refused, by the name of the field, is', () => {
  test.each([
    ['a vision model alone', { model_type: 'clip_vision_model', hidden_size: 768 }, 'model_type'],
    ['an activation of another kind', { vision_config: { hidden_act: 'gelu_new' } }, 'vision_config.hidden_act'],
    ['a picture of four channels', { vision_config: { num_channels: 4 } }, 'vision_config.num_channels'],
    ['an oblong patch', { vision_config: { patch_size: [16, 32] } }, 'vision_config.patch_size'],
    ['a patch larger than the picture', { vision_config: { image_size: 16 } }, 'vision_config.patch_size'],
    [
      'a width that the heads do not divide',
      { text_config: { num_attention_heads: 7 } },
      'text_config.num_attention_heads',
    ],
    ['more than one end of text', { text_config: { eos_token_id: [1, 2] } }, 'text_config.eos_token_id'],
    ['no projection', { projection_dim: null }, 'projection_dim'],
  ])('%s', (_name, config, field) => {
    const details = expect.objectContaining({ got: expect.stringContaining(`at ${field}`) });
    const failure = { code: 'bad-file', details };
    expect(() => read({ model_type: 'clip', ...config })).toThrow(expect.objectContaining(failure));
  });
});
