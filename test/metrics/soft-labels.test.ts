/** Training targets from people's answers. */
import { expect, test } from 'vitest';
import { buildAnswerVocabulary, softLabels } from '../../engine/metrics/soft-labels.ts';

const answers = ['red', 'red', 'Red', 'blue', 'blue', 'blue', 'green', 'green', 'green', 'green'];

test('an answer counts by how many gave that very string', () => {
  expect([...softLabels(answers)]).toEqual([
    ['red', 0.6],
    ['Red', 0.3],
    ['blue', 0.9],
    ['green', 1],
  ]);
  expect(softLabels(new Array(10).fill('yes'))).toEqual(new Map([['yes', 1]]));
});

test('answers outside the vocabulary are left out, to the last one', () => {
  expect([...softLabels(answers, new Set(['blue']))]).toEqual([['blue', 0.9]]);
  expect(softLabels(answers, new Set(['black'])).size).toBe(0);
});

test('the vocabulary holds normalised answers that occur often enough', () => {
  const given = ['Two', '2', 'a dog', 'Dog.', 'dog', 'cat'];
  expect(buildAnswerVocabulary(given, 2)).toEqual(['2', 'dog']);
  expect(buildAnswerVocabulary(given, 3)).toEqual(['dog']);
  expect(buildAnswerVocabulary(new Array(9).fill('yes'))).toEqual(['yes']);
  expect(buildAnswerVocabulary(new Array(8).fill('yes'))).toEqual([]);
});
