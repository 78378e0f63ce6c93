import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { readOpenClipPreprocessing } from '../../engine/vision-language/open-clip-preprocessing.ts';
import { preprocessingFromConfig, readPreprocessing } from '../../engine/vision-language/preprocessing-config.ts';
import { compared, pinned } from '../fidelity/compared.ts';
import { golden } from '../models/reference.ts';

interface Case {
  readonly name: string;
  readonly config: object;
  readonly read: {
    readonly size: { readonly shortest_edge?: number; readonly height?: number; readonly width?: number };
    readonly crop: number | null;
    readonly resample: number;
    readonly normalises: boolean;
    readonly mean: number[];
    readonly std: number[];
  };
}

const { reference } = golden<{ configs: readonly Case[] }>('images');

compared(
  {
    area: 'Image preprocessing',
    what: 'preprocessor_config.json as published over the years',
    against: pinned('transformers'),
    measure: 'identical',
    allowed: 0,
  },
  (differences) => {
    for (const { name, config, read } of reference.configs) {
      const { size, crop, resample, normalises, mean, std } = read;
      const edge = (size.shortest_edge ?? size.height)!;
      expect(size.width).toBe(size.height);
      const wanted = {
        resize: size.shortest_edge === undefined ? 'squash' : 'shortest-edge',
        size: edge,
        cropSize: crop ?? edge,
        interpolation: { 2: 'bilinear', 3: 'bicubic' }[resample],
        mean: normalises ? mean : [0, 0, 0],
        std: normalises ? std : [1, 1, 1],
      };
      differences.same(preprocessingFromConfig(config, 'as-published'), wanted, name);
    }
  },
);

/** A CLIP's as it was first published. */
const clip = {
  crop_size: 224,
  do_center_crop: true,
  do_normalize: true,
  do_resize: true,
  feature_extractor_type: 'CLIPFeatureExtractor',
  image_mean: [0.48145466, 0.4578275, 0.40821073],
  image_std: [0.26862954, 0.26130258, 0.27577711],
  resample: 3,
  size: 224,
};

test('squashing takes the size of the crop, or of the image where nothing is cropped', () => {
  const constants = { mean: clip.image_mean, std: clip.image_std, interpolation: 'bicubic' };
  const squash = { resize: 'squash', size: 224, cropSize: 224, ...constants };
  expect(preprocessingFromConfig(clip)).toEqual(squash);
  expect(preprocessingFromConfig({ ...clip, size: { shortest_edge: 256 } })).toEqual(squash);
  expect(preprocessingFromConfig({ ...clip, size: 336, do_center_crop: false })).toEqual({
    ...squash,
    size: 336,
    cropSize: 336,
  });
});

describe('refused is', () => {
  test.each([
    ['what is not an object', 'squash', 5, 'expected object'],
    ['an oblong size', 'squash', { ...clip, size: { height: 224, width: 336 } }, 'size'],
    ['a size by both edges', 'squash', { ...clip, size: { shortest_edge: 224, longest_edge: 448 } }, 'size'],
    ['no size', 'squash', { ...clip, size: null }, 'size'],
    ['a crop without a size', 'squash', { ...clip, crop_size: null }, 'crop_size'],
    ['an unknown resampling', 'squash', { ...clip, resample: 1 }, 'resample'],
    ['no resizing', 'squash', { ...clip, do_resize: false }, 'do_resize'],
    ['another rescaling', 'squash', { ...clip, rescale_factor: 1 / 127.5 }, 'rescale_factor'],
    ['a padded picture', 'squash', { ...clip, do_pad: true }, 'do_pad'],
    ['two means', 'squash', { ...clip, image_mean: [0, 0] }, 'image_mean'],
    ['another processor', 'squash', { ...clip, image_processor_type: 'SiglipImageProcessor' }, 'image_processor_type'],
    ['a crop larger than the image', 'as-published', { ...clip, crop_size: 256 }, undefined],
    ['no crop of an oblong image', 'as-published', { ...clip, do_center_crop: false }, undefined],
  ] as const)('%s', (_name, resize, config, field) => {
    const got = field === undefined ? {} : { got: expect.stringContaining(field) };
    const details = expect.objectContaining({ path: 'there', ...got });
    const failure = expect.objectContaining({ code: 'bad-config', details });
    expect(() => preprocessingFromConfig(config, resize, 'there')).toThrow(failure);
  });
});

describe('of a model folder', () => {
  function folderWith(files: Readonly<Record<string, object>>): string {
    const folder = mkdtempSync(join(tmpdir(), 'dept-preprocessing-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), JSON.stringify(content));
    return folder;
  }

  test('the newer file goes first where it has the settings', () => {
    const older = { 'preprocessor_config.json': clip };
    const newer = { image_processor: { ...clip, resample: 2 }, processor_class: 'CLIPProcessor' };
    const interpolation = (files: Readonly<Record<string, object>>): string =>
      readPreprocessing(folderWith(files), 224, 'squash').interpolation;
    expect(interpolation(older)).toBe('bicubic');
    expect(interpolation({ ...older, 'processor_config.json': newer })).toBe('bilinear');
    expect(interpolation({ 'processor_config.json': newer })).toBe('bilinear');
    expect(interpolation({ ...older, 'processor_config.json': { processor_class: 'CLIPProcessor' } })).toBe('bicubic');
  });

  test('squashed, or as published: by the shorter edge, and the middle of it', () => {
    const folder = folderWith({ 'preprocessor_config.json': clip });
    expect(readPreprocessing(folder, 224, 'squash')).toMatchObject({ resize: 'squash', size: 224, cropSize: 224 });
    const published = { resize: 'shortest-edge', size: 224, cropSize: 224 };
    expect(readPreprocessing(folder, 224, 'as-published')).toMatchObject(published);
  });

  test.each([
    [{}, 'shortest-edge'],
    [{ resize_mode: 'shortest' }, 'shortest-edge'],
    [{ resize_mode: 'squash' }, 'squash'],
  ])("open_clip's %j as published: %s", (preprocess_cfg, resize) => {
    const folder = folderWith({ 'open_clip_config.json': { preprocess_cfg } });
    const rest = { size: 288, cropSize: 288, interpolation: 'bicubic', mean: clip.image_mean, std: clip.image_std };
    expect(readOpenClipPreprocessing(folder, 288, 'as-published')).toEqual({ resize, ...rest });
    expect(readOpenClipPreprocessing(folder, 288, 'squash')).toEqual({ resize: 'squash', ...rest });
  });

  test("open_clip's padded pictures are refused as published, and squashed otherwise", () => {
    const folder = folderWith({ 'open_clip_config.json': { preprocess_cfg: { resize_mode: 'longest' } } });
    const details = expect.objectContaining({ path: join(folder, 'open_clip_config.json') });
    const failure = expect.objectContaining({ code: 'bad-config', details });
    expect(() => readOpenClipPreprocessing(folder, 224, 'as-published')).toThrow(failure);
    expect(readOpenClipPreprocessing(folder, 224, 'squash')).toMatchObject({ resize: 'squash' });
  });

  test('refused are pictures of another size than the model takes', () => {
    const folder = folderWith({ 'preprocessor_config.json': { ...clip, size: 336, crop_size: undefined } });
    const details = expect.objectContaining({ got: '224 pixels', path: join(folder, 'preprocessor_config.json') });
    expect(() => readPreprocessing(folder, 336, 'squash')).toThrow(
      expect.objectContaining({ code: 'bad-config', details }),
    );
  });

  test('missing is the file', () => {
    expect(() => readPreprocessing(folderWith({}), 224, 'squash')).toThrow(
      expect.objectContaining({ code: 'not-found' }),
    );
  });
});
