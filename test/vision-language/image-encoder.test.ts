/** Visual tokens: adaptive max pooling, and the patch states of a chosen layer against transformers. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readClipConfig } from '../../engine/models/clip/config.ts';
import { adaptiveMaxPool, ImageEncoder } from '../../engine/vision-language/image-encoder.ts';
import { rejection } from '../common/refusal.ts';
import { golden, relativeDifference } from '../models/reference.ts';

describe('adaptive max pooling', () => {
  const values = (side: number, width: number): Float32Array =>
    Float32Array.from({ length: side * side * width }, (_, i) => Math.sin(1 + i * i));

  test('7 to 6 is a 2 x 2 max pool with stride 1', () => {
    const [side, width] = [7, 3];
    const tokens = values(side, width);
    const expected: number[] = [];
    for (let y = 0; y < 6; y += 1) {
      for (let x = 0; x < 6; x += 1) {
        for (let k = 0; k < width; k += 1) {
          const corners = [0, 1].flatMap((dy) => [0, 1].map((dx) => tokens[((y + dy) * side + x + dx) * width + k]!));
          expected.push(Math.max(...corners));
        }
      }
    }
    expect([...adaptiveMaxPool(tokens, side, width, 6)]).toEqual(expected);
  });

  test('5 to 3: cells of 2, 3 and 2, which overlap', () => {
    const tokens = Float32Array.from({ length: 25 }, (_, i) => i);
    expect([...adaptiveMaxPool(tokens, 5, 1, 3)]).toEqual([6, 8, 9, 16, 18, 19, 21, 23, 24]);
    expect([
      ...adaptiveMaxPool(
        tokens.map((value) => -value),
        5,
        1,
        3,
      ),
    ]).toEqual([-0, -1, -3, -5, -6, -8, -15, -16, -18]);
  });

  test('a grid that divides evenly is cut into blocks', () => {
    const tokens = Float32Array.from({ length: 16 }, (_, i) => i);
    expect([...adaptiveMaxPool(tokens, 4, 1, 2)]).toEqual([5, 7, 13, 15]);
  });

  test('to the same side changes nothing, to 1 is the maximum of all', () => {
    const tokens = values(5, 2);
    expect(adaptiveMaxPool(tokens, 5, 2, 5)).toEqual(tokens);
    const largest = [0, 1].map((k) => Math.max(...tokens.filter((_, i) => i % 2 === k)));
    expect([...adaptiveMaxPool(tokens, 5, 2, 1)]).toEqual(largest);
  });

  test('every value of the result stands in the grid, and the largest survives', () => {
    const sizes = fc
      .integer({ min: 1, max: 9 })
      .chain((side) => fc.tuple(fc.constant(side), fc.integer({ min: 1, max: side })));
    fc.assert(
      fc.property(sizes, ([side, pool]) => {
        const tokens = values(side, 1);
        const pooled = adaptiveMaxPool(tokens, side, 1, pool);
        expect(pooled.length).toBe(pool * pool);
        expect(pooled.every((value) => tokens.includes(value))).toBe(true);
        expect(Math.max(...pooled)).toBe(Math.max(...tokens));
      }),
    );
  });
});

describe('the image encoder', () => {
  const clip = golden<{ inputs: { input_ids: number[][] } }>('clip-tiny');
  const config = readClipConfig(clip.folder);
  const { imageSize, width, layers } = config.vision;
  const area = 3 * imageSize * imageSize;
  const pixels = clip.expected('input.pixel_values');
  const pictures = Array.from({ length: pixels.length / area }, (_, i) => pixels.subarray(i * area, (i + 1) * area));
  const create = (layer: number | 'last', pool: number | null = null) =>
    ImageEncoder.create({ checkpoint: clip.checkpoint(), config, layer, pool, threads: 1 });

  /** Patch states of a picture after a layer: the golden states without the class token. */
  function patches(picture: number, layer: number): Float32Array {
    const states = clip.expected(`expected.vision.hidden.${layer}`);
    const size = states.length / pictures.length;
    return states.slice(picture * size + width, (picture + 1) * size);
  }

  test.each([
    { layer: 1, golden: 1 },
    { layer: 2, golden: 2 },
    { layer: 'last', golden: layers },
  ] as const)('tokens of layer $layer', async ({ layer, golden: expected }) => {
    const encoder = await create(layer);
    expect([encoder.tokens, encoder.width, encoder.imageSize]).toEqual([9, width, imageSize]);
    const encoded = await encoder.encode(pictures);
    await encoder.release();
    encoded.forEach(({ tokens }, i) => {
      expect(relativeDifference(tokens, patches(i, expected)), `picture ${i}`).toBeLessThan(1e-5);
    });
  });

  test('pooled tokens', async () => {
    const encoder = await create('last', 2);
    expect(encoder.tokens).toBe(4);
    const encoded = await encoder.encode(pictures);
    await encoder.release();
    encoded.forEach(({ tokens }, i) => {
      const expected = adaptiveMaxPool(patches(i, layers), 3, width, 2);
      expect(relativeDifference(tokens, expected), `picture ${i}`).toBeLessThan(1e-5);
    });
  });

  test("CLIP's embedding, whatever the layer of the tokens", async () => {
    const encoder = await create(1);
    const encoded = await encoder.encode(pictures);
    await encoder.release();
    const all = encoded.flatMap(({ embedding }) => [...embedding]);
    expect(relativeDifference(all, clip.expected('expected.vision.projected'))).toBeLessThan(1e-5);
  });

  test.each([
    { layer: 0, pool: null, path: 'vision.layer' },
    { layer: 3, pool: null, path: 'vision.layer' },
    { layer: 'last', pool: 4, path: 'vision.pool' },
  ] as const)('refuses layer $layer with pool $pool', async ({ layer, pool, path }) => {
    const { code, details } = await rejection(create(layer, pool));
    expect({ code, path: details.path }).toEqual({ code: 'bad-config', path });
  });
});
