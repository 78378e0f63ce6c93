import { describe, expect, test } from 'vitest';
import { Random } from '../../../engine/common/random.ts';
import { caption, captions } from '../../../engine/data/scenes/captions.ts';
import { backgroundWords, description, objectWords } from '../../../engine/data/scenes/descriptions.ts';
import { fill, listed, plural, reworded } from '../../../engine/data/scenes/language.ts';
import { pretrainingScenes, sampleScene, sampleScenes } from '../../../engine/data/scenes/scene.ts';
import { sceneOf, thing, threeThings } from './hand-made.ts';

describe('language', () => {
  test('articles, plurals and lists', () => {
    expect(fill('is there a {thing}?', { thing: 'orange oval' })).toBe('is there an orange oval?');
    expect(['red cross', 'box', 'star', 'berry', 'knife'].map(plural)).toEqual([
      'red crosses',
      'boxes',
      'stars',
      'berries',
      'knives',
    ]);
    expect(listed(['a', 'b', 'c'])).toBe('a, b and c');
  });

  test('rewording keeps number and article', () => {
    const random = new Random('reword');
    const texts = new Set(Array.from({ length: 300 }, () => reworded(random, 'a cyan star and two crosses')));
    expect(texts).toContain('an aqua star and two crosses');
    expect(texts).toContain('a cyan star and two plus signs');
  });
});

describe('captions', () => {
  test('are different, and say colour and shape of everything', () => {
    for (let i = 0; i < 200; i += 1) {
      const scene = sampleScene(new Random('scene', i), sampleScenes);
      const texts = captions(scene, new Random('caption', i), 5, { variety: 'moderate' });
      expect(new Set(texts).size).toBe(5);
      for (const text of texts) {
        expect(text).not.toMatch(/[{}]|undefined|\ba [aeiou]/);
        for (const { colour, shape } of scene.objects) {
          expect(text).toContain(colour);
          expect(text).toContain(shape);
        }
      }
    }
  });

  test('count what is the same', () => {
    const twins = sceneOf(
      thing('red', 'star', 0.2, 0.2),
      thing('red', 'star', 0.7, 0.7),
      thing('blue', 'cross', 0.8, 0.2),
    );
    const options = { variety: 'moderate', mention: { size: false, place: false, ground: false } } as const;
    const texts = Array.from({ length: 40 }, (_, i) => caption(twins, new Random(i), options));
    expect(texts.some((text) => text.includes('two red stars and a blue cross'))).toBe(true);
  });

  test('mention what they are asked to', () => {
    for (let i = 0; i < 50; i += 1) {
      const mention = { size: true, place: true, ground: true };
      const text = caption(threeThings, new Random(i), { variety: 'moderate', mention });
      for (const word of ['small red star', 'medium red circle', 'large blue square', 'yellow'])
        expect(text).toContain(word);
      expect(text).toMatch(/(top|upper) left/);
    }
  });
});

describe('descriptions', () => {
  test('words of one shape and of the background', () => {
    expect(objectWords(threeThings.objects[1]!)).toEqual(['small', 'red', 'star', 'top', 'right', 'c6', 'r1']);
    expect(backgroundWords(threeThings)).toEqual(['background', 'yellow']);
  });

  test('are complete', () => {
    for (let i = 0; i < 200; i += 1) {
      const scene = sampleScene(new Random('scene', i), pretrainingScenes);
      const text = description(scene, new Random('description', i), 'moderate');
      expect(text).toContain(scene.background.colour);
      for (const { size, colour, shape } of scene.objects) {
        expect(text).toMatch(new RegExp(`${size} (hollow )?${colour} ${shape}`));
      }
    }
  });
});
