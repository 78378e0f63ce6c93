import { expect, test } from 'vitest';
import { Random } from '../../../engine/common/random.ts';
import { captions } from '../../../engine/data/scenes/captions.ts';
import { corpusSentence } from '../../../engine/data/scenes/corpus.ts';
import { description } from '../../../engine/data/scenes/descriptions.ts';
import { questions } from '../../../engine/data/scenes/questions.ts';
import { pretrainingScenes, sampleScene } from '../../../engine/data/scenes/scene.ts';
import { commonWords, punctuation, vocabularyWords, wordsOf } from '../../../engine/data/scenes/vocabulary.ts';

const own = new Set(vocabularyWords());
const all = new Set([...own, ...commonWords]);

test('words are lower case and listed once', () => {
  expect(own.size).toBe(vocabularyWords().length);
  expect(new Set(commonWords).size).toBe(commonWords.length);
  for (const word of all) expect(word).toMatch(/^[a-z0-9]+$/);
  expect(commonWords.length).toBeGreaterThan(1000);
});

test('the scenes are told in words of the vocabulary only', () => {
  const unknown = new Set<string>();
  for (let i = 0; i < 1500; i += 1) {
    const random = new Random('told', i);
    const scene = sampleScene(random, pretrainingScenes);
    const texts = [
      ...captions(scene, random, 3, { variety: 'wide' }),
      ...questions(scene, random, 5, 'wide').flatMap(({ question, answers }) => [question, ...answers]),
      description(scene, random, 'wide'),
    ];
    for (const word of texts.flatMap(wordsOf)) if (!own.has(word)) unknown.add(word);
  }
  expect([...unknown]).toEqual([]);
});

test('corpus sentences use the vocabulary, the common words and known marks only', () => {
  for (let i = 0; i < 3000; i += 1) {
    const text = corpusSentence(new Random('corpus', i));
    expect(text).not.toMatch(/[{}]|undefined/);
    expect(wordsOf(text).filter((word) => !all.has(word))).toEqual([]);
    expect(
      text.match(/[^a-z0-9 ]/g)?.filter((mark) => !(punctuation as readonly string[]).includes(mark)) ?? [],
    ).toEqual([]);
  }
});
