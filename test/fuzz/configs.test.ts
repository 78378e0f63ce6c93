/** The JSON files beside weights, changed: settings that hold together, or a refusal that names the file. */
import { readFileSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beforeEach, describe, expect } from 'vitest';
import { readAdapterConfig } from '../../engine/adapters/adapter-config.ts';
import { readGenerationDefaults } from '../../engine/decoding/generation-config.ts';
import { patchCount } from '../../engine/models/clip/config.ts';
import { readImageTowerConfig } from '../../engine/models/clip/image-tower.ts';
import { readT5Config } from '../../engine/models/t5/config.ts';
import { weightsOfClip, weightsOfT5 } from '../../engine/service/needed-weights.ts';
import { readOpenClipPreprocessing } from '../../engine/vision-language/open-clip-preprocessing.ts';
import { readPreprocessing } from '../../engine/vision-language/preprocessing-config.ts';
import { bundledModelsFolder } from '../../engine/weights/bundled.ts';
import { elementCount } from '../../engine/weights/dtypes.ts';
import { readShardIndex } from '../../engine/weights/layout.ts';
import { missingFiles, modelKind } from '../../engine/weights/model-info.ts';
import { deptConfig, promptConfig } from '../adapters/small-adapters.ts';
import { damagedJson } from './damage.ts';
import { ScratchFolder } from './folder.ts';
import { hunt } from './hunt.ts';

const scratch = new ScratchFolder();
const folder = scratch.path;
const names = ['config.json', 'generation_config.json', 'preprocessor_config.json', 'open_clip_config.json'];
beforeEach(() => {
  for (const name of names) rmSync(`${folder}/${name}`, { force: true });
});

const json = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'));
const golden = (path: string): unknown => json(fileURLToPath(new URL(`../golden/${path}`, import.meta.url)));
const t5 = [
  golden('t5-tiny/config.json'),
  golden('t5-gated/config.json'),
  json(`${bundledModelsFolder()}/scenes-t5/config.json`),
];
const clip = [golden('clip-tiny/config.json'), json(`${bundledModelsFolder()}/scenes-clip/config.json`)];
const openClip = [golden('open-clip-vit/open_clip_config.json'), golden('clip-resnet-7x7/open_clip_config.json')];

/** Every tensor that the configuration asks for has a size that is a number, and listing them comes to an end. */
function checkWeights(needed: ReturnType<typeof weightsOfT5>): void {
  for (const [name, shape] of needed) expect(elementCount(shape), name).toBeGreaterThan(0);
}

describe('config.json of', () => {
  hunt('a T5', {
    runs: 150,
    inputs: damagedJson(t5),
    read: (text) => {
      scratch.write('config.json', text);
      modelKind(folder);
      missingFiles(folder);
      checkWeights(weightsOfT5(readT5Config(folder)));
    },
  });
  hunt('a CLIP', {
    runs: 150,
    inputs: damagedJson(clip),
    read: (text) => {
      scratch.write('config.json', text);
      modelKind(folder);
      missingFiles(folder);
      const config = readImageTowerConfig(folder);
      checkWeights(weightsOfClip(config));
      if ('text' in config) expect(patchCount(config)).toBeGreaterThan(0);
    },
  });
});

hunt('open_clip_config.json', {
  runs: 150,
  inputs: damagedJson(openClip),
  read: (text) => {
    scratch.write('open_clip_config.json', text);
    modelKind(folder);
    missingFiles(folder);
    checkWeights(weightsOfClip(readImageTowerConfig(folder)));
    expect(readOpenClipPreprocessing(folder, 32, 'squash').cropSize).toBe(32);
  },
});

const generation = {
  length_penalty: 0.8,
  early_stopping: true,
  min_length: 3,
  no_repeat_ngram_size: 2,
  repetition_penalty: 1.2,
  forced_eos_token_id: [1],
  forced_bos_token_id: 0,
  eos_token_id: 1,
  decoder_start_token_id: 0,
  do_sample: false,
  bad_words_ids: null,
};
hunt('generation_config.json', {
  runs: 150,
  inputs: damagedJson([generation]),
  read: (text) => {
    scratch.write('config.json', JSON.stringify(t5[0]));
    scratch.write('generation_config.json', text);
    for (const value of Object.values(readGenerationDefaults(folder, readT5Config(folder)))) {
      expect(['number', 'boolean', 'string']).toContain(typeof value);
    }
  },
});

hunt('preprocessor_config.json', {
  runs: 150,
  inputs: damagedJson([json(`${bundledModelsFolder()}/scenes-clip/preprocessor_config.json`)]),
  read: (text) => {
    scratch.write('preprocessor_config.json', text);
    const { mean, std, cropSize } = readPreprocessing(folder, 64, 'squash');
    expect(cropSize).toBe(64);
    expect([mean, std].map(({ length }) => length)).toEqual([3, 3]);
    for (const deviation of std) expect(deviation).toBeGreaterThan(0);
  },
});

hunt('the index of shards', {
  runs: 100,
  inputs: damagedJson([{ metadata: {}, weight_map: { a: 'one.safetensors', b: 'two.safetensors' } }]),
  read: (text) => {
    for (const file of Object.values(readShardIndex(scratch.write('model.safetensors.index.json', text)))) {
      expect(file).toMatch(/^[^/\\]+$/);
    }
  },
});

hunt('adapter_config.json', {
  runs: 100,
  inputs: damagedJson([deptConfig, promptConfig]),
  read: (text) => {
    scratch.write('adapter_config.json', text);
    expect(readAdapterConfig(folder).num_virtual_tokens).toBeLessThanOrEqual(1_000_000);
  },
});
