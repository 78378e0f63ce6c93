import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32, deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { describe, expect, onTestFinished, test } from 'vitest';
import { Random } from '../../engine/common/random.ts';
import {
  type ImagePreprocessing,
  preprocessImage,
  preprocessingFromConfig,
  readImageSize,
} from '../../engine/vision-language/image-preprocessing.ts';
import { golden, relativeDifference } from '../models/reference.ts';

/** Gives back bytes: value * 255. */
const plain = (cropSize: number, more: Partial<ImagePreprocessing> = {}): ImagePreprocessing => ({
  resize: 'squash',
  size: cropSize,
  cropSize,
  interpolation: 'bicubic',
  mean: [0, 0, 0],
  std: [1 / 255, 1 / 255, 1 / 255],
  ...more,
});

/** Grey waves and noise. */
function photo(width: number, height: number) {
  const random = new Random('photo', width, height);
  const data = Uint8Array.from(
    { length: width * height * 3 },
    (_, i) => 128 + 90 * Math.sin(i / 17) + random.between(0, 30),
  );
  return sharp(data, { raw: { width, height, channels: 3 } });
}

interface Case {
  readonly name: string;
  readonly image: string;
  readonly config: object;
}
const reference = golden<{ cases: Case[] }>('images');

test.each(reference.reference.cases)("$name: equal to CLIP's own image processor", async ({ name, image, config }) => {
  const settings = preprocessingFromConfig(config, 'as-published');
  const pixels = await preprocessImage(join(reference.folder, image), settings);
  expect(relativeDifference(pixels, reference.expected(name))).toBeLessThan(1e-6);
});

test('values are normalised per channel', async () => {
  const image = sharp({ create: { width: 5, height: 5, channels: 3, background: { r: 255, g: 0, b: 51 } } });
  const settings = plain(2, { mean: [0.5, 0.25, 0.1], std: [0.5, 0.5, 0.2] });
  const values = await preprocessImage(await image.png().toBuffer(), settings);
  const planes = [1, 1, 1, 1, -0.5, -0.5, -0.5, -0.5, 0.5, 0.5, 0.5, 0.5];
  expect(values).toBeInstanceOf(Float32Array);
  planes.forEach((value, i) => {
    expect(values[i]).toBeCloseTo(value, 6);
  });
});

describe('every kind of image becomes sRGB', () => {
  const colour = (background: object, channels: 3 | 4 = 3) =>
    sharp({ create: { width: 8, height: 8, channels, background } });
  const green = { r: 20, g: 160, b: 80 };
  const kinds: [string, () => Promise<Buffer>, number[], number][] = [
    ['palette PNG', () => colour(green).png({ palette: true }).toBuffer(), [20, 160, 80], 0],
    ['16-bit PNG', () => colour(green).toColourspace('rgb16').png().toBuffer(), [20, 160, 80], 0],
    ['grey PNG', () => colour({ r: 77, g: 77, b: 77 }).toColourspace('b-w').png().toBuffer(), [77, 77, 77], 0],
    ['WebP', () => colour(green).webp({ lossless: true }).toBuffer(), [20, 160, 80], 0],
    ['GIF', () => colour(green).gif().toBuffer(), [20, 160, 80], 4],
    ['JPEG', () => colour(green).jpeg({ quality: 100 }).toBuffer(), [20, 160, 80], 3],
    ['CMYK JPEG', () => colour(green).toColourspace('cmyk').jpeg({ quality: 100 }).toBuffer(), [20, 160, 80], 40],
    [
      'clear PNG',
      () =>
        colour({ ...green, alpha: 0 }, 4)
          .png()
          .toBuffer(),
      [255, 255, 255],
      0,
    ],
    ['half-clear PNG', () => colour({ r: 0, g: 0, b: 200, alpha: 0.5 }, 4).png().toBuffer(), [127, 127, 227], 1],
    [
      'half-clear grey PNG',
      () => colour({ r: 0, g: 0, b: 0, alpha: 0.5 }, 4).toColourspace('b-w').png().toBuffer(),
      [127, 127, 127],
      1,
    ],
  ];
  test.each(kinds)('%s', async (_name, encode, expected, tolerance) => {
    const values = await preprocessImage(await encode(), plain(4));
    expect(values).toHaveLength(48);
    const gaps = Array.from(values, (value, i) => Math.abs(value - expected[Math.floor(i / 16)]!));
    expect(Math.max(...gaps)).toBeLessThanOrEqual(tolerance + 1e-3);
  });
});

test('an image is turned as its EXIF data say, and measured so', async () => {
  const turned = await photo(60, 40).withMetadata({ orientation: 6 }).png().toBuffer();
  const upright = await photo(60, 40).rotate(90).png().toBuffer();
  expect(await readImageSize(turned)).toEqual({ width: 40, height: 60 });
  for (const settings of [plain(20), plain(20, { resize: 'shortest-edge' })]) {
    expect(await preprocessImage(turned, settings)).toEqual(await preprocessImage(upright, settings));
  }
});

describe('refused are', () => {
  const folder = () => {
    const path = mkdtempSync(join(tmpdir(), 'dept-image-'));
    onTestFinished(() => rmSync(path, { recursive: true, force: true }));
    return path;
  };

  test('a missing file', async () => {
    const path = join(folder(), 'none.png');
    await expect(preprocessImage(path, plain(4))).rejects.toMatchObject({ code: 'not-found', details: { path } });
    await expect(readImageSize(path)).rejects.toMatchObject({ code: 'not-found' });
  });

  test('a file that is no image', async () => {
    const path = join(folder(), 'text.png');
    writeFileSync(path, 'hello');
    await expect(preprocessImage(path, plain(4))).rejects.toMatchObject({ code: 'bad-file', details: { path } });
    const byEdge = plain(4, { resize: 'shortest-edge' });
    await expect(preprocessImage(path, byEdge)).rejects.toMatchObject({ code: 'bad-file', details: { path } });
  });

  test('an image cut short', async () => {
    const png = await photo(64, 64).png().toBuffer();
    await expect(preprocessImage(png.subarray(0, 2000), plain(4))).rejects.toMatchObject({ code: 'bad-file' });
    const jpeg = await photo(64, 64).jpeg().toBuffer();
    await expect(preprocessImage(jpeg.subarray(0, 1000), plain(4))).rejects.toMatchObject({ code: 'bad-file' });
  });

  test('an image that unpacks to more than 100 million pixels', async () => {
    const failure = { code: 'bad-file', details: { got: expect.stringMatching(/pixel limit/) } };
    await expect(preprocessImage(pngClaiming(16000, 6500), plain(4))).rejects.toMatchObject(failure);
    await expect(readImageSize(pngClaiming(16000, 6500))).rejects.toMatchObject(failure);
  });

  test('a strip that would become too long where the shorter edge counts', async () => {
    const strip = await photo(20000, 1).png().toBuffer();
    const byEdge = plain(224, { resize: 'shortest-edge' });
    await expect(preprocessImage(strip, byEdge)).rejects.toMatchObject({ code: 'bad-file' });
    expect(await preprocessImage(strip, plain(4))).toHaveLength(48);
  });
});

/** A PNG whose header claims a size and whose content is nearly nothing. */
function pngClaiming(width: number, height: number): Buffer {
  const chunk = (type: string, data: Buffer): Buffer => {
    const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
    const ends = Buffer.alloc(8);
    ends.writeUInt32BE(data.length, 0);
    ends.writeUInt32BE(crc32(body), 4);
    return Buffer.concat([ends.subarray(0, 4), body, ends.subarray(4)]);
  };
  const header = Buffer.from([0, 0, 0, 0, 0, 0, 0, 0, 8, 2, 0, 0, 0]); // 8 bits, RGB
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const content = chunk('IDAT', deflateSync(Buffer.alloc(1000)));
  return Buffer.concat([signature, chunk('IHDR', header), content, chunk('IEND', Buffer.alloc(0))]);
}

describe('a published config', () => {
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
  const newer = {
    ...clip,
    crop_size: { height: 224, width: 224 },
    size: { shortest_edge: 256 },
    do_rescale: true,
    rescale_factor: 0.00392156862745098,
  };
  const siglip = {
    size: { height: 384, width: 384 },
    resample: 2,
    image_mean: [0.5, 0.5, 0.5],
    image_std: [0.5, 0.5, 0.5],
  };

  test('of any generation is understood, squashed or as published', () => {
    const constants = { mean: clip.image_mean, std: clip.image_std, interpolation: 'bicubic' };
    const squash = { resize: 'squash', size: 224, cropSize: 224, ...constants };
    expect(preprocessingFromConfig(clip)).toEqual(squash);
    expect(preprocessingFromConfig(newer)).toEqual(squash);
    expect(preprocessingFromConfig({})).toEqual(squash);
    expect(preprocessingFromConfig(clip, 'as-published')).toEqual({ ...squash, resize: 'shortest-edge' });
    expect(preprocessingFromConfig(newer, 'as-published')).toEqual({ ...squash, resize: 'shortest-edge', size: 256 });
    expect(preprocessingFromConfig(siglip, 'as-published')).toEqual({
      ...{ resize: 'squash', size: 384, cropSize: 384, interpolation: 'bilinear' },
      ...{ mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] },
    });
    expect(preprocessingFromConfig({ ...clip, do_normalize: false })).toMatchObject({
      mean: [0, 0, 0],
      std: [1, 1, 1],
    });
  });

  test.each([
    ['not an object', 'squash', 5],
    ['an oblong size', 'squash', { ...clip, size: { height: 224, width: 336 } }],
    ['an unknown resampling', 'squash', { ...clip, resample: 1 }],
    ['no resizing', 'squash', { ...clip, do_resize: false }],
    ['another rescaling', 'squash', { ...clip, rescale_factor: 1 / 127.5 }],
    ['two means', 'squash', { ...clip, image_mean: [0, 0] }],
    ['a crop larger than the image', 'as-published', { ...clip, crop_size: 256 }],
    ['no crop', 'as-published', { ...clip, do_center_crop: false }],
  ] as const)('with %s is refused', (_name, resize, config) => {
    expect(() => preprocessingFromConfig(config, resize)).toThrow(expect.objectContaining({ code: 'bad-config' }));
  });
});
