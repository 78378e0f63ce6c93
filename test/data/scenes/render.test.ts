import { describe, expect, test } from 'vitest';
import { Random } from '../../../engine/common/random.ts';
import { pictureSize, renderScene } from '../../../engine/data/scenes/render.ts';
import { pretrainingScenes, sampleScene } from '../../../engine/data/scenes/scene.ts';
import { shapes } from '../../../engine/data/scenes/shapes.ts';
import { sceneOf, thing, threeThings } from './hand-made.ts';

/** The pixel at (x, y) in 0..1. */
function at(pixels: Uint8Array, x: number, y: number, size = pictureSize): number[] {
  const start = (Math.floor(y * size) * size + Math.floor(x * size)) * 3;
  return [...pixels.subarray(start, start + 3)];
}

const yellow = [255, 255, 0];
const red = [255, 0, 0];
const blue = [0, 0, 255];

describe('renderScene', () => {
  test('paints each shape in its colour at its centre and leaves the rest', () => {
    const pixels = renderScene(threeThings);
    expect(pixels).toHaveLength(64 * 64 * 3);
    expect(at(pixels, 0.2, 0.2)).toEqual(red);
    expect(at(pixels, 0.8, 0.2)).toEqual(red);
    expect(at(pixels, 0.5, 0.75)).toEqual(blue);
    expect(at(pixels, 0.5, 0.4)).toEqual(yellow);
    expect(at(pixels, 0.02, 0.98)).toEqual(yellow);
  });

  test('draws at any size', () => {
    const pixels = renderScene(threeThings, 160);
    expect(pixels).toHaveLength(160 * 160 * 3);
    expect(at(pixels, 0.5, 0.75, 160)).toEqual(blue);
  });

  test('a ring and a hollow square are empty inside', () => {
    const ring = renderScene(sceneOf(thing('red', 'ring', 0.5, 0.5, { radius: 0.4 })));
    expect(at(ring, 0.5, 0.5)).toEqual(yellow);
    expect(at(ring, 0.5, 0.5 - 0.33)).toEqual(red);
    const square = renderScene(sceneOf(thing('red', 'square', 0.5, 0.5, { radius: 0.4, finish: 'hollow' })));
    expect(at(square, 0.5, 0.5)).toEqual(yellow);
    expect(at(square, 0.5 - 0.26, 0.5)).toEqual(red);
  });

  test('a turned rectangle stands upright', () => {
    const long = { radius: 0.4, aspect: 0.4 };
    const lying = renderScene(sceneOf(thing('red', 'rectangle', 0.5, 0.5, long)));
    const standing = renderScene(sceneOf(thing('red', 'rectangle', 0.5, 0.5, { ...long, rotation: Math.PI / 2 })));
    expect(at(lying, 0.2, 0.5)).toEqual(red);
    expect(at(lying, 0.5, 0.2)).toEqual(yellow);
    expect(at(standing, 0.5, 0.2)).toEqual(red);
    expect(at(standing, 0.2, 0.5)).toEqual(yellow);
  });

  test.each(shapes)('%s covers a fair part of its circle and nothing outside', (shape) => {
    const pixels = renderScene(sceneOf(thing('red', shape, 0.5, 0.5, { radius: 0.4, aspect: 0.6 })));
    let inside = 0;
    for (let i = 0; i < 64 * 64; i += 1) {
      const away = Math.hypot((i % 64) + 0.5 - 32, Math.floor(i / 64) + 0.5 - 32);
      if (pixels[i * 3 + 1]! < 128) inside += 1;
      if (away > 0.4 * 64 + 1.5) expect(pixels[i * 3 + 1]).toBe(255);
    }
    const share = inside / (Math.PI * (0.4 * 64) ** 2);
    expect(share).toBeGreaterThan(0.3);
    expect(share).toBeLessThanOrEqual(1.02);
  });

  test('is a pure function of the scene, noise included', () => {
    const scenes = Array.from({ length: 20 }, (_, i) => sampleScene(new Random('noise', i), pretrainingScenes));
    expect(scenes.some(({ grain }) => grain > 0)).toBe(true);
    for (const scene of scenes) expect(renderScene(scene)).toEqual(renderScene(structuredClone(scene)));
  });
});
