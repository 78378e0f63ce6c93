import { describe, expect, test } from 'vitest';
import { openDataset } from '../../engine/data/dataset.ts';
import { answers, Workplace } from './fixtures.ts';

const question = (question_id: number, image_id: number, text = `what is ${question_id}?`) => ({
  question_id,
  image_id,
  question: text,
});
const annotation = (question_id: number, ...texts: string[]) => ({
  question_id,
  image_id: 1,
  question_type: 'what is',
  answer_type: 'other',
  multiple_choice_answer: texts[0],
  answers: answers(...texts),
});

describe('VQA v2', () => {
  test('questions meet their annotations in whichever order, images by all of the usual names', async () => {
    const place = new Workplace();
    place.images('images/COCO_train2014_000000000007.jpg', 'images/000000000008.jpg', 'images/9.png');
    const questions = place.write('v2_train2014_questions.json', {
      questions: [question(70, 7), question(80, 8), question(90, 9), question(71, 7)],
    });
    const annotations = place.write('v2_train2014_annotations.json', {
      annotations: [annotation(71, 'a', 'b'), annotation(90, 'Two '), annotation(80, 'c'), annotation(70, 'd', 'd')],
    });
    const report = await place.import([annotations, questions]);
    expect(report).toMatchObject({
      sources: [{ format: 'vqa-v2', files: [questions, annotations], split: 'train' }],
      parts: [{ task: 'vqa', split: 'train', items: 4 }],
      refused: { total: 0, byCode: {} },
    });
    using dataset = openDataset(place.home, 'set');
    expect([...dataset.questions('train')].map(({ id, answers }) => [id, ...answers])).toEqual([
      ['70', 'd', 'd'],
      ['80', 'c'],
      ['90', 'Two '],
      ['71', 'a', 'b'],
    ]);
    expect(dataset.questionAt('train', 2)).toEqual({
      id: '90',
      imageId: 'train/9',
      question: 'what is 90?',
      answers: ['Two '],
      questionType: 'what is',
      answerType: 'other',
    });
    expect(dataset.image('train/7').path).toBe(place.path('images/COCO_train2014_000000000007.jpg'));
    expect([...dataset.images('train')].map(({ key }) => key)).toEqual(['7', '8', '9']);
  });

  test('every record that cannot be used is refused by name', async () => {
    const place = new Workplace();
    place.images('images/1.png');
    place.write('images/2.png', 'this is no image');
    const questions = place.write('questions.json', {
      questions: [
        question(10, 1),
        question(10, 1, 'the same id again'),
        question(11, 1, '  '),
        question(12, 404),
        question(13, 2),
        question(14, 1),
        question(15, 1),
        question(16, 1),
        { question_id: 17, image_id: 1 },
        { question_id: 18, image_id: 1, question: 5 },
        'not even an object',
      ],
    });
    const annotations = place.write('annotations.json', {
      annotations: [
        ...[10, 11, 12, 13].map((id) => annotation(id, 'x')),
        annotation(10, 'again'),
        annotation(15),
        { question_id: 16, answers: 'yes' },
        annotation(99, 'x'),
      ],
    });
    const report = await place.import([questions, annotations]);
    expect(place.refused()).toEqual([
      'annotation 10: duplicate-id',
      'annotation 15: no-answers',
      'annotation 16: malformed',
      'question 10: duplicate-id',
      'question 11: empty-question',
      'question 12: missing-image',
      'question 13: unreadable-image',
      'question 14: no-annotation',
      'question 15: no-annotation',
      'question 16: no-annotation',
      'question 17: malformed',
      'question 18: malformed',
      'question on line 1: malformed',
      'annotation 99: no-question',
    ]);
    expect(report.refused).toMatchObject({
      total: 14,
      byCode: { malformed: 4, 'no-annotation': 3, 'duplicate-id': 2, 'unreadable-image': 1 },
    });
    expect(report.refused.examples[2]).toEqual({
      item: 'annotation 16',
      file: annotations,
      line: 1,
      code: 'malformed',
      reason: 'answers: Invalid input: expected array, received string',
    });
    expect(report.dataset.splits).toEqual({ train: { images: 1, captions: 0, questions: 1, answered: 1 } });
  });

  test('questions alone have no references', async () => {
    const place = new Workplace();
    place.images('images/1.png');
    const report = await place.import(place.write('test_questions.json', { questions: [question(1, 1)] }));
    expect(report.dataset.splits).toEqual({ test: { images: 1, captions: 0, questions: 1, answered: 0 } });
    using dataset = openDataset(place.home, 'set');
    expect(dataset.questionAt('test', 0)).toEqual({ id: '1', imageId: 'test/1', question: 'what is 1?', answers: [] });
  });

  test('images that nobody looked into are taken as they are', async () => {
    const place = new Workplace();
    place.write('images/1.png', 'this is no image');
    const questions = place.write('questions.json', { questions: [question(1, 1)] });
    const report = await place.import(questions, { checkImages: false });
    expect(report.refused.total).toBe(0);
    using dataset = openDataset(place.home, 'set');
    expect(dataset.image('train/1')).not.toHaveProperty('width');
  });
});

describe("VL-T5's form", () => {
  test('gives the questions of COCO images', async () => {
    const place = new Workplace();
    place.images('coco/val2014/COCO_val2014_000000000042.jpg');
    const record = { img_id: 'COCO_val2014_000000000042', sent: 'how many?', label: { '2': 1 } };
    const file = place.write('karpathy_test.json', [
      { ...record, question_id: 42001, answers: answers('2', '3'), question_type: 'how many', answer_type: 'number' },
      { ...record, question_id: 42002, answers: [] },
      { ...record, question_id: 42003, answers: undefined },
      { ...record, question_id: 42004, answers: answers('1'), img_id: 'COCO_val2014_000000000043' },
    ]);
    const report = await place.import(file, { images: place.path('coco') });
    expect(report.sources[0]).toMatchObject({ format: 'vlt5-vqa', split: 'test' });
    expect(place.refused()).toEqual([
      'question 42002: no-answers',
      'question 42003: malformed',
      'question 42004: missing-image',
    ]);
    using dataset = openDataset(place.home, 'set');
    expect(dataset.questionAt('test', 0)).toEqual({
      id: '42001',
      imageId: 'test/42',
      question: 'how many?',
      answers: ['2', '3'],
      questionType: 'how many',
      answerType: 'number',
    });
  });
});
