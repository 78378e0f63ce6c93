import { describe, expect, test } from 'vitest';
import { Random } from '../../../engine/common/random.ts';
import { colours } from '../../../engine/data/scenes/colours.ts';
import { askOne, type Question, questions, questionTypeOf } from '../../../engine/data/scenes/questions.ts';
import {
  pretrainingScenes,
  type Scene,
  type SceneObject,
  sampleScene,
  sizeWords,
} from '../../../engine/data/scenes/scene.ts';
import { shapes, shapeTraits } from '../../../engine/data/scenes/shapes.ts';
import { sceneOf, thing, threeThings } from './hand-made.ts';

/** Every question drawn for a scene in many tries, by its text (with one word for the picture). */
function allQuestions(scene: Scene): Map<string, Question> {
  const found = new Map<string, Question>();
  for (let i = 0; i < 20_000; i += 1) {
    const random = new Random('ask', i);
    const type = random.pick(['yes/no', 'number', 'other'] as const);
    const question = askOne(scene, random, type);
    if (question !== undefined) found.set(question.question.replace(/photo|picture/, 'image'), question);
  }
  return found;
}

/** Reads a noun phrase word by word, apart from the generator's own code. */
function fitting(scene: Scene, phrase: string): SceneObject[] {
  const words = phrase.split(' ').map((word) => word.replace(/^crosses$/, 'cross').replace(/s$/, ''));
  const named = (all: readonly string[], word: string): string | undefined =>
    all.find((name) => name === word || name.replace(/s$/, '') === word);
  return scene.objects.filter((object) =>
    words.every((word) => {
      const size = named(sizeWords, word);
      const colour = named(colours, word);
      const shape = named(shapes, word);
      if (size !== undefined) return object.size === size;
      if (colour !== undefined) return object.colour === colour;
      if (shape !== undefined) return object.shape === shape;
      expect(['shape', 'object', 'thing']).toContain(word);
      return true;
    }),
  );
}

describe('questions on a scene made by hand', () => {
  const asked = allQuestions(threeThings);
  const expected: readonly (readonly [string, string])[] = [
    ['is there a circle?', 'yes'],
    ['is there no circle?', 'no'],
    ['is there not a star?', 'no'],
    ['does the image not contain a circle?', 'no'],
    ['is no green shape present?', 'yes'],
    ['is the circle red?', 'yes'],
    ['is the blue object a square?', 'yes'],
    ['is the background yellow?', 'yes'],
    ['is the star smaller than the square?', 'yes'],
    ['are there three shapes?', 'yes'],
    ['is there only one shape?', 'no'],
    ['how many shapes are there?', '3'],
    ['how many red shapes are there?', '2'],
    ['how many stars are there?', '1'],
    ['what color is the square?', 'blue'],
    ['what shape is the blue object?', 'square'],
    ['what shape is blue?', 'square'],
    ['what color is the background?', 'yellow'],
    ['where is the circle?', 'top left'],
    ['what size is the star?', 'small'],
    ['what shape is in the top left corner?', 'circle'],
    ['which shape is larger, the star or the square?', 'square'],
    ['what shape is right of the square?', 'star'],
  ];

  test.each(expected)('%s %s', (question, answer) => {
    expect(asked.get(question)?.answer).toBe(answer);
  });

  test('nothing is asked that leaves a doubt', () => {
    const texts = [...asked.keys()];
    expect(texts).not.toContain('what color is the shape?'); // three shapes
    expect(texts).not.toContain('what shape is the red object?'); // two red ones
    expect(texts).not.toContain('is there a rectangle?'); // a square is one, too
    expect(texts).not.toContain('what shape is above the square?'); // two of them
  });

  test('all of one kind: still something to ask', () => {
    const twins = sceneOf(thing('red', 'star', 0.2, 0.2), thing('red', 'star', 0.7, 0.7));
    const about = allQuestions(twins);
    expect(about.get('what color are the stars?')?.answer).toBe('red');
    expect(about.get('are both shapes the same color?')?.answer).toBe('yes');
    expect(questions(twins, new Random(1), 10)).toHaveLength(10);
  });
});

describe('questions on drawn scenes', () => {
  const drawn = Array.from({ length: 1500 }, (_, i) => {
    const random = new Random('drawn', i);
    const scene = sampleScene(random, pretrainingScenes);
    return { scene, asked: questions(scene, random, 5) };
  });
  const pairs = drawn.flatMap(({ scene, asked }) => asked.map((question) => ({ scene, ...question })));

  test('existence, checked by reading the question again', () => {
    let checked = 0;
    for (const { scene, question, answer } of pairs) {
      const there =
        /^(?:is there|does the \w+ contain|does the \w+ show|is|are there any) an? (.+?)(?: present| in the \w+)?\?$/;
      const phrase = there.exec(question)?.[1];
      if (phrase === undefined || phrase.includes('missing')) continue;
      expect([question, answer]).toEqual([question, fitting(scene, phrase).length > 0 ? 'yes' : 'no']);
      checked += 1;
    }
    expect(checked).toBeGreaterThan(300);
  });

  test('absence, checked by reading the question again', () => {
    let checked = 0;
    for (const { scene, question, answer } of pairs) {
      const missing =
        /^(?:is there not an?|is there no|is no|does the \w+ not contain an?) (.+?)(?: present| in the \w+)?\?$/;
      const phrase = missing.exec(question)?.[1];
      if (phrase === undefined) continue;
      expect([question, answer]).toEqual([question, fitting(scene, phrase).length > 0 ? 'no' : 'yes']);
      checked += 1;
    }
    expect(checked).toBeGreaterThan(150);
  });

  test('numbers, checked by reading the question again', () => {
    for (const { scene, question, answer } of pairs.filter(({ answerType }) => answerType === 'number')) {
      const phrase = /^(?:how many|what number of) (.+?) (?:are|do|can|does) /.exec(question)![1]!;
      expect([question, answer]).toEqual([question, String(fitting(scene, phrase).length)]);
    }
  });

  test('relations, checked by reading the question again', () => {
    let checked = 0;
    for (const { scene, question, answer } of pairs) {
      const relation =
        /^is the (.+?) (?:to the )?(left of|right of|above|over|higher than|below|under|lower than) the (.+)\?$/;
      const [, first, word, second] = relation.exec(question) ?? [];
      if (first === undefined) continue;
      const [[a], [b]] = [fitting(scene, first), fitting(scene, second!)];
      const across = /left|right/.test(word!);
      const ahead = across ? a!.x < b!.x : a!.y < b!.y;
      expect([question, answer]).toEqual([question, ahead === /left|above|over|higher/.test(word!) ? 'yes' : 'no']);
      checked += 1;
    }
    expect(checked).toBeGreaterThan(50);
  });

  test('colours and shapes are asked of one thing only', () => {
    let checked = 0;
    for (const { scene, question, answer } of pairs) {
      const phrase = /^what (?:color|shape) is the (\w+(?: \w+){0,2})\?$/.exec(question)?.[1];
      if (phrase === undefined || phrase === 'background') continue;
      const found = fitting(scene, phrase);
      expect([question, found.length]).toEqual([question, 1]);
      expect([found[0]!.colour, found[0]!.shape]).toContain(answer);
      checked += 1;
    }
    expect(checked).toBeGreaterThan(300);
  });

  test('no question about a shape that some would call otherwise', () => {
    for (const { scene, question, answer } of pairs) {
      const shape = /^(?:is there|does the \w+ contain) an? (\w+)\?$/.exec(question)?.[1];
      const traits = shapes.find((name) => name === shape);
      if (traits === undefined) continue;
      const doubtful = scene.objects.some((object) => shapeTraits[traits].doubtful.includes(object.shape));
      expect([question, answer, doubtful]).toEqual([question, answer, false]);
    }
  });

  test('yes and no are equally common, negations too', () => {
    for (const negated of [true, false]) {
      const answers = pairs.filter(({ question, answerType }) => {
        return answerType === 'yes/no' && /\b(no|not|missing)\b/.test(question) === negated;
      });
      const yes = answers.filter(({ answer }) => answer === 'yes').length;
      expect(answers.length).toBeGreaterThan(500);
      expect(yes / answers.length).toBeGreaterThan(0.45);
      expect(yes / answers.length).toBeLessThan(0.55);
    }
  });

  test('seven of ten people give the truth, and the types are those of VQA', () => {
    for (const { question, answer, answers, questionType } of pairs) {
      expect(answers).toHaveLength(10);
      expect(answers.filter((one) => one === answer).length).toBeGreaterThanOrEqual(7);
      expect(questionType === 'none of the above' || question.startsWith(questionType)).toBe(true);
    }
    expect(questionTypeOf('what color is the circle?')).toBe('what color is the');
    expect(questionTypeOf('is there a teal shape in the image?')).toBe('is there a');
  });
});
