import { describe, expect, test } from 'vitest';
import { Random } from '../../../engine/common/random.ts';
import { colours, contrast, shadeOf } from '../../../engine/data/scenes/colours.ts';
import { contrastGroup, differences } from '../../../engine/data/scenes/contrast.ts';
import { pretrainingScenes, sampleScene, sampleScenes, shapesOf } from '../../../engine/data/scenes/scene.ts';

const presets = [
  ['sample', sampleScenes],
  ['pretraining', pretrainingScenes],
] as const;

describe.each(presets)('%s scenes', (_, options) => {
  const scenes = Array.from({ length: 500 }, (_, i) => sampleScene(new Random('scene', i), options));

  test('the same key gives the same scene, another key another', () => {
    expect(sampleScene(new Random('scene', 3), options)).toEqual(scenes[3]);
    expect(sampleScene(new Random('scene', 4), options)).not.toEqual(scenes[3]);
  });

  test('shapes lie inside the picture and apart from each other', () => {
    for (const { objects } of scenes) {
      for (const [i, { x, y, radius }] of objects.entries()) {
        expect(Math.min(x, y) - radius).toBeGreaterThanOrEqual(0);
        expect(Math.max(x, y) + radius).toBeLessThanOrEqual(1);
        for (const other of objects.slice(0, i)) {
          expect(Math.hypot(x - other.x, y - other.y)).toBeGreaterThan(radius + other.radius);
        }
      }
    }
  });

  test('no shape has the name or the shade of the background', () => {
    for (const { objects, background } of scenes) {
      for (const { colour, rgb } of objects) {
        expect(colour).not.toBe(background.colour);
        expect(contrast(rgb, background.rgb)).toBeGreaterThan(60);
      }
    }
  });

  test('every colour, shape and number of shapes occurs', () => {
    const objects = scenes.flatMap((scene) => scene.objects);
    expect(new Set(objects.map(({ colour }) => colour)).size).toBe(colours.length);
    expect(new Set(objects.map(({ shape }) => shape)).size).toBe(shapesOf(options.variety).length);
    expect(new Set(scenes.map((scene) => scene.objects.length)).size).toBe(options.objects.length);
  });
});

test('shades of different names are never alike', () => {
  const random = new Random('shades');
  const drawn = colours.map((colour) => Array.from({ length: 60 }, () => shadeOf(random, colour)));
  for (const [i, own] of drawn.entries()) {
    for (const other of drawn.slice(0, i)) {
      const nearest = Math.min(...own.flatMap((a) => other.map((b) => contrast(a, b))));
      expect(nearest).toBeGreaterThan(20);
    }
  }
});

describe('contrast groups', () => {
  test.each(differences)('differ in one respect: %s', (difference) => {
    for (let i = 0; i < 60; i += 1) {
      const { scenes, mention } = contrastGroup(new Random('group', i), pretrainingScenes, 4, difference);
      expect(scenes.length).toBeGreaterThan(1);
      expect(Object.keys(mention)).toHaveLength(1);
      const looks = scenes.map(({ objects, background }) => {
        const told = objects.map(({ colour, shape, x, y }) => [
          colour,
          shape,
          ...(difference === 'place' ? [x, y] : []),
        ]);
        return JSON.stringify([told.map(String).sort(), difference === 'background' ? background.colour : '']);
      });
      expect(new Set(looks).size).toBe(scenes.length);
      if (difference !== 'place') {
        const places = scenes.map(({ objects }) => JSON.stringify(objects.map(({ x, y, radius }) => [x, y, radius])));
        expect(new Set(places).size).toBe(1);
      }
    }
  });
});
