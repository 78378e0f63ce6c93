/** The published file formats, whole and broken. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readCaptionFiles, readVqaFiles } from '../../engine/metrics/official-files.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'dept-official-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function file(name: string, content: unknown): string {
  const path = join(root, name);
  writeFileSync(path, JSON.stringify(content));
  return path;
}

const badFile = (path: string, got: string) =>
  expect.objectContaining({
    code: 'bad-file',
    details: expect.objectContaining({ path, got: expect.stringContaining(got) }),
  });

describe('COCO captions', () => {
  const annotations = [
    { id: 1, image_id: 9, caption: 'a red bus' },
    { id: 2, image_id: 4, caption: 'a cat' },
    { id: 3, image_id: 9, caption: 'a bus' },
  ];
  const read = (
    predictions: unknown,
    references: unknown = { images: [{ id: 4 }, { id: 9 }, { id: 5 }], annotations },
  ) =>
    readCaptionFiles({
      references: file('references.json', references),
      predictions: file('predictions.json', predictions),
    });

  test('images come in the order of the annotation file, with all their captions', () => {
    const predictions = [
      { image_id: 9, caption: 'bus' },
      { image_id: '4', caption: 'cat' },
    ];
    expect(read(predictions)).toEqual({
      items: [
        { id: '4', prediction: 'cat', references: ['a cat'] },
        { id: '9', prediction: 'bus', references: ['a red bus', 'a bus'] },
      ],
      withoutPrediction: 0,
    });
  });

  test('images without a prediction are counted and left out', () => {
    expect(read([{ image_id: 9, caption: 'bus' }])).toMatchObject({ items: [{ id: '9' }], withoutPrediction: 1 });
  });

  test.each([
    ['an image predicted twice', [9, 4, 9], '9'],
    ['an image without references', [5], '5'],
    ['an image not listed', [9, 77], '77'],
  ])('%s is refused', (_, images, got) => {
    const predictions = images.map((image_id) => ({ image_id, caption: 'x' }));
    expect(() => read(predictions)).toThrow(badFile(join(root, 'predictions.json'), got));
  });

  test('a caption of an image not listed is refused', () => {
    const references = { images: [{ id: 4 }], annotations };
    expect(() => read([], references)).toThrow(badFile(join(root, 'references.json'), '9'));
  });

  test.each([
    ['no list', { image_id: 9, caption: 'x' }, 'array'],
    ['no caption', [{ image_id: 9 }], '[0].caption'],
    ['a caption that is no text', [{ image_id: 9, caption: 5 }], '[0].caption'],
    ['no image', [{ caption: 'x' }], '[0].image_id'],
  ])('%s is refused', (_, predictions, got) => {
    expect(() => read(predictions)).toThrow(badFile(join(root, 'predictions.json'), got));
  });

  test('of many mistakes a few are shown', () => {
    const predictions = Array.from({ length: 1000 }, (_, i) => ({ image_id: i + 100, caption: 'x' }));
    expect(() => read(predictions)).toThrow(badFile(join(root, 'predictions.json'), '104 and 995 more'));
  });

  test('a missing file is refused', () => {
    const paths = { references: join(root, 'no.json'), predictions: join(root, 'no.json') };
    expect(() => readCaptionFiles(paths)).toThrow(expect.objectContaining({ code: 'not-found' }));
  });
});

describe('VQA v2', () => {
  const questions = [2, 1].map((question_id) => ({ question_id, image_id: 1, question: 'what?' }));
  const annotations = [1, 2].map((question_id) => ({
    question_id,
    image_id: 1,
    answer_type: 'other',
    question_type: 'what',
    multiple_choice_answer: 'red',
    answers: [1, 2].map((answer_id) => ({ answer: `red ${question_id}`, answer_confidence: 'yes', answer_id })),
  }));
  const predictions = [
    { question_id: 1, answer: 'red' },
    { question_id: 2, answer: 'blue' },
  ];
  const read = (changes: { questions?: unknown; annotations?: unknown; predictions?: unknown } = {}) =>
    readVqaFiles({
      questions: file('questions.json', { questions: changes.questions ?? questions }),
      annotations: file('annotations.json', { annotations: changes.annotations ?? annotations }),
      predictions: file('predictions.json', changes.predictions ?? predictions),
    });

  test('questions come in the order of the question file', () => {
    const common = { answerType: 'other', questionType: 'what' };
    expect(read()).toEqual([
      { id: '2', prediction: 'blue', answers: ['red 2', 'red 2'], ...common },
      { id: '1', prediction: 'red', answers: ['red 1', 'red 1'], ...common },
    ]);
  });

  test('types may be missing', () => {
    const bare = annotations.map(({ question_id, answers }) => ({ question_id, answers }));
    expect(read({ annotations: bare })[0]).toEqual({ id: '2', prediction: 'blue', answers: ['red 2', 'red 2'] });
  });

  test.each([
    ['a question without prediction', 'predictions', predictions.slice(1), '1'],
    ['a prediction without question', 'predictions', [...predictions, { question_id: 8, answer: 'x' }], '8'],
    ['a question predicted twice', 'predictions', [...predictions, predictions[0]], '1'],
    ['a question without annotation', 'annotations', annotations.slice(1), '1'],
    ['an annotation without question', 'annotations', [...annotations, { ...annotations[0], question_id: 8 }], '8'],
    ['an annotation without answers', 'annotations', [{ question_id: 1, answers: [] }], 'answers'],
    ['a question asked twice', 'questions', [...questions, questions[0]], '2'],
  ])('%s is refused', (_, name, content, got) => {
    expect(() => read({ [name]: content })).toThrow(badFile(join(root, `${name}.json`), got));
  });
});
