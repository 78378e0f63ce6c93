import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32, deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { describe, expect, onTestFinished, test } from 'vitest';
import { decodeImage, readImageSize } from '../../engine/vision-language/image-decoding.ts';
import { photo } from './pictures.ts';

describe('every kind of image becomes sRGB', () => {
  const colour = (background: object, channels: 3 | 4 = 3) =>
    sharp({ create: { width: 8, height: 8, channels, background } });
  const green = { r: 20, g: 160, b: 80 };
  const clear = () => colour({ ...green, alpha: 0 }, 4);
  const kinds: [string, () => Promise<Buffer>, number[], number][] = [
    ['palette PNG', () => colour(green).png({ palette: true }).toBuffer(), [20, 160, 80], 0],
    ['16-bit PNG', () => colour(green).toColourspace('rgb16').png().toBuffer(), [20, 160, 80], 0],
    ['grey PNG', () => colour({ r: 77, g: 77, b: 77 }).toColourspace('b-w').png().toBuffer(), [77, 77, 77], 0],
    ['WebP', () => colour(green).webp({ lossless: true }).toBuffer(), [20, 160, 80], 0],
    ['GIF', () => colour(green).gif().toBuffer(), [20, 160, 80], 4],
    ['JPEG', () => colour(green).jpeg({ quality: 100 }).toBuffer(), [20, 160, 80], 3],
    ['clear PNG, with what lies under it', () => clear().png().toBuffer(), [20, 160, 80], 0],
    ['clear GIF, with nothing under it', () => clear().gif().toBuffer(), [0, 0, 0], 0],
    ['half-clear PNG', () => colour({ r: 0, g: 0, b: 200, alpha: 0.5 }, 4).png().toBuffer(), [0, 0, 200], 0],
  ];
  test.each(kinds)('%s', async (_name, encode, expected, tolerance) => {
    const { data, width, height } = await decodeImage(await encode());
    expect([width, height, data.length]).toEqual([8, 8, 192]);
    const gaps = Array.from(data, (value, i) => Math.abs(value - expected[i % 3]!));
    expect(Math.max(...gaps)).toBeLessThanOrEqual(tolerance);
  });
});

test('an image is turned as its EXIF data say, and measured so', async () => {
  const turned = await photo(60, 40).withMetadata({ orientation: 6 }).png().toBuffer();
  const upright = await photo(60, 40).rotate(90).png().toBuffer();
  expect(await readImageSize(turned)).toEqual({ width: 40, height: 60 });
  expect(await decodeImage(turned)).toEqual(await decodeImage(upright));
});

describe('refused are', () => {
  const folder = () => {
    const path = mkdtempSync(join(tmpdir(), 'dept-image-'));
    onTestFinished(() => rmSync(path, { recursive: true, force: true }));
    return path;
  };

  test('a missing file', async () => {
    const path = join(folder(), 'none.png');
    await expect(decodeImage(path)).rejects.toMatchObject({ code: 'not-found', details: { path } });
    await expect(readImageSize(path)).rejects.toMatchObject({ code: 'not-found' });
  });

  test('a file that is no image', async () => {
    const path = join(folder(), 'text.png');
    writeFileSync(path, 'hello');
    await expect(decodeImage(path)).rejects.toMatchObject({ code: 'bad-file', details: { path } });
  });

  test('an image cut short', async () => {
    const png = await photo(64, 64).png().toBuffer();
    await expect(decodeImage(png.subarray(0, 2000))).rejects.toMatchObject({ code: 'bad-file' });
    const jpeg = await photo(64, 64).jpeg().toBuffer();
    await expect(decodeImage(jpeg.subarray(0, 1000))).rejects.toMatchObject({ code: 'bad-file' });
  });

  test('an image that unpacks to more than 100 million pixels', async () => {
    const failure = { code: 'bad-file', details: { got: expect.stringMatching(/pixel limit/) } };
    await expect(decodeImage(pngClaiming(16000, 6500))).rejects.toMatchObject(failure);
    await expect(readImageSize(pngClaiming(16000, 6500))).rejects.toMatchObject(failure);
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
