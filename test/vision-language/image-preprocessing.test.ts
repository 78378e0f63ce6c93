import { createHash } from 'node:crypto';
import { extname, join } from 'node:path';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { readClipConfig } from '../../engine/models/clip/config.ts';
import { ImageEncoder } from '../../engine/vision-language/image-encoder.ts';
import { type ImagePreprocessing, preprocessImage } from '../../engine/vision-language/image-preprocessing.ts';
import { preprocessingFromConfig } from '../../engine/vision-language/preprocessing-config.ts';
import { type Box, type Interpolation, resample } from '../../engine/vision-language/resample.ts';
import { readSafetensorsHeader, readTensor } from '../../engine/weights/safetensors.ts';
import { compared, pinned } from '../fidelity/compared.ts';
import { golden } from '../models/reference.ts';
import { noise } from './pictures.ts';

interface Case {
  readonly name: string;
  readonly image: string;
  readonly config?: object;
}

interface Resized {
  readonly from: readonly [number, number];
  readonly to: readonly [number, number];
  readonly interpolation: Interpolation;
  readonly sha256: string;
}

const { reference, folder, names, expected } = golden<{
  published: object;
  cases: readonly Case[];
  resized: readonly Resized[];
}>('images');
const tensors = readSafetensorsHeader(join(folder, 'expected.safetensors'));

const subject = {
  area: 'Image preprocessing',
  against: `${pinned('transformers')} with ${pinned('pillow')}`,
} as const;
const levels = { ...subject, measure: 'absolute' } as const;

const settingsOf = ({ config }: Case): ImagePreprocessing =>
  preprocessingFromConfig(config ?? reference.published, 'as-published');

/** The bytes before they are normalised. */
async function bytesOf(entry: Case): Promise<Float32Array> {
  const plain = { ...settingsOf(entry), mean: [0, 0, 0], std: [1 / 255, 1 / 255, 1 / 255] };
  return (await preprocessImage(join(folder, entry.image), plain)).map(Math.round);
}

/** The cases of files with these endings, but for a GIF's clear pixels, of which see below. */
function casesOf(...endings: readonly string[]): readonly Case[] {
  return reference.cases.filter(({ image }) => endings.includes(extname(image)) && image !== 'clear.gif');
}

const kinds = [
  { what: 'JPEG in levels of 255: eight EXIF orientations, grey, CMYK, progressive', endings: ['.jpg'], allowed: 0 },
  {
    what: 'PNG, GIF and TIFF in levels of 255: palette, alpha, 1 and 16 bit, interlaced, 1 x 1, 3 x 400',
    endings: ['.png', '.gif', '.tiff'],
    allowed: 0,
  },
  { what: 'WebP in levels of 255: lossy, lossless, alpha', endings: ['.webp'], allowed: 0 },
  { what: 'AVIF in levels of 255: its decoder smooths colours in another way', endings: ['.avif'], allowed: 20 },
];
for (const { what, endings, allowed } of kinds) {
  compared({ ...levels, what, allowed }, async (differences) => {
    for (const entry of casesOf(...endings)) {
      const wanted = readTensor(tensors, entry.name) as Uint8Array;
      differences.values(await bytesOf(entry), wanted, `${entry.name} ${entry.image}`);
    }
  });
}

compared({ ...subject, what: 'normalised values', measure: 'relative', allowed: 0 }, async (differences) => {
  for (const entry of reference.cases.filter(({ name }) => names.includes(`${name}.values`))) {
    const pixels = await preprocessImage(join(folder, entry.image), settingsOf(entry));
    differences.values(pixels, expected(`${entry.name}.values`), entry.image);
  }
});

compared(
  {
    area: subject.area,
    what: 'resizing from and to 1 to 4,266 pixels, every byte',
    against: pinned('pillow'),
    measure: 'identical',
    allowed: 0,
  },
  (differences) => {
    for (const { from, to, interpolation, sha256 } of reference.resized) {
      const { data } = resample(noise(...from), ...to, interpolation);
      const label = `${from.join(' x ')} to ${to.join(' x ')}, ${interpolation}`;
      differences.same(createHash('sha256').update(data).digest('hex'), sha256, label);
    }
  },
);

test.each<[from: [number, number], to: [number, number], box: Box]>([
  [[64, 48], [37, 29], { left: 5, top: 3, width: 20, height: 24 }],
  [[20, 48], [37, 29], { left: 8, top: 2, width: 20, height: 20 }], // as wide as the image was
  [[37, 29], [37, 29], { left: 1, top: 0, width: 30, height: 28 }],
  [[16, 90], [33, 29], { left: 0, top: 9, width: 33, height: 20 }],
])('of %j at %j only what is in the box %j, the same bytes', (from, to, box) => {
  const image = noise(...from);
  const whole = resample(image, ...to, 'bicubic');
  const { data, width, height } = resample(image, ...to, 'bicubic', box);
  expect([width, height]).toEqual([box.width, box.height]);
  const rows = Array.from({ length: height }, (_, y) => {
    const start = ((box.top + y) * whole.width + box.left) * 3;
    return [...whole.data.subarray(start, start + 3 * width)];
  });
  expect([...data]).toEqual(rows.flat());
});

/** Embeddings of the tiny CLIP, from the files on; the reference's are rows of one tensor. */
async function compareEmbeddings(
  entries: readonly Case[],
  compare: (own: Float32Array, wanted: Float32Array, label: string) => void,
): Promise<void> {
  const clip = golden('clip-patch8');
  const config = readClipConfig(clip.folder);
  const options = { checkpoint: clip.checkpoint(), config, layer: 'last', pool: null, threads: 1 } as const;
  const encoder = await ImageEncoder.create(options);
  const pictures = await Promise.all(
    entries.map((entry) => preprocessImage(join(folder, entry.image), settingsOf(entry))),
  );
  const wanted = expected('embeddings');
  const width = config.projectionWidth;
  (await encoder.encode(pictures)).forEach(({ embedding }, i) => {
    const row = reference.cases.indexOf(entries[i]!);
    compare(embedding, wanted.subarray(row * width, (row + 1) * width), entries[i]!.image);
  });
  await encoder.release();
}

compared(
  {
    ...subject,
    what: "CLIP's embedding, from the file on: JPEG, PNG, GIF, TIFF, WebP",
    measure: 'relative',
    allowed: 1e-5,
  },
  (differences) =>
    compareEmbeddings(casesOf('.jpg', '.png', '.gif', '.tiff', '.webp'), (...values) => differences.values(...values)),
);

compared(
  { ...subject, what: "CLIP's embedding, from the file on: AVIF", measure: 'relative', allowed: 0.05 },
  (differences) => compareEmbeddings(casesOf('.avif'), (...values) => differences.values(...values)),
);

test("a GIF's clear pixels are black, its others as in the reference", async () => {
  const entry = reference.cases.find(({ image, config }) => image === 'clear.gif' && config !== undefined)!;
  const { cropSize } = settingsOf(entry);
  const wanted = readTensor(tensors, entry.name) as Uint8Array;
  const own = await bytesOf(entry);
  const { data, info } = await sharp(join(folder, entry.image))
    .extractChannel('alpha')
    .raw()
    .toBuffer({ resolveWithObject: true });
  const [left, top] = [(info.width - cropSize) / 2, (info.height - cropSize) / 2];
  const isClear = Array.from(own, (value, i) => {
    const [y, x] = [Math.floor(i / cropSize) % cropSize, i % cropSize];
    const clear = data[(top + y) * info.width + left + x] === 0;
    expect(value).toBe(clear ? 0 : wanted[i]!);
    return clear;
  });
  expect(new Set(isClear)).toEqual(new Set([true, false]));
});

test('values are normalised per channel', async () => {
  const image = sharp({ create: { width: 5, height: 5, channels: 3, background: { r: 255, g: 0, b: 51 } } });
  const constants = { mean: [0.5, 0.25, 0.1], std: [0.5, 0.5, 0.2] };
  const settings = { resize: 'squash', size: 2, cropSize: 2, interpolation: 'bicubic', ...constants } as const;
  const values = await preprocessImage(await image.png().toBuffer(), settings);
  const planes = [1, 1, 1, 1, -0.5, -0.5, -0.5, -0.5, 0.5, 0.5, 0.5, 0.5];
  expect(values).toBeInstanceOf(Float32Array);
  planes.forEach((value, i) => {
    expect(values[i]).toBeCloseTo(value, 6);
  });
});

test('a strip that would become too long where the shorter edge counts is refused', async () => {
  const strip = await sharp({ create: { width: 20000, height: 1, channels: 3, background: 'red' } })
    .png()
    .toBuffer();
  const byEdge = preprocessingFromConfig({}, 'as-published');
  await expect(preprocessImage(strip, byEdge)).rejects.toMatchObject({ code: 'bad-file' });
  expect(await preprocessImage(strip, preprocessingFromConfig({}))).toHaveLength(3 * 224 * 224);
});
