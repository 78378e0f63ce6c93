/** VQA accuracy in both variants, for one answer and for a set. */
import { describe, expect, test } from 'vitest';
import { scoreVqa, type VqaItem, type VqaVariant, vqaAccuracy } from '../../engine/metrics/vqa-accuracy.ts';
import { compared } from '../fidelity/compared.ts';
import { haveOracles, readOracle } from './oracles.ts';

interface Oracle {
  readonly accuracy: readonly { answers: string[]; prediction: string; official: number; vlt5: number }[];
}

/** Ten answers: `count` of the first, the rest of the second. */
const ten = (first: string, count: number, second = 'other'): string[] =>
  Array.from({ length: 10 }, (_, i) => (i < count ? first : second));

for (const [variant, field, against] of [
  ['vl-t5', 'vlt5', 'the evaluator of VL-T5'],
  ['official', 'official', 'the VQA evaluator a013f00'],
] as const) {
  compared(
    { area: 'VQA accuracy', what: '37 answers', against, measure: 'absolute', allowed: 1e-12, skip: !haveOracles },
    (differences) => {
      const { accuracy } = readOracle<Oracle>('vqa_eval_oracle.json');
      expect(accuracy).toHaveLength(37);
      for (const { answers, prediction, [field]: expected } of accuracy) {
        differences.values(vqaAccuracy(prediction, answers, variant), expected, `${prediction} (${variant})`);
      }
    },
  );
}

test.each([
  [0, 0],
  [1, 0.3],
  [2, 0.6],
  [3, 0.9],
  [4, 1],
  [10, 1],
])('%i of ten agree: %f', (count, score) => {
  expect(vqaAccuracy('red', ten('red', count), 'vl-t5')).toBeCloseTo(score, 12);
});

test('where all ten agree, one variant normalises the prediction and the other nothing', () => {
  expect(vqaAccuracy('Yes.', ten('yes', 10), 'vl-t5')).toBe(1);
  expect(vqaAccuracy('Yes.', ten('yes', 10), 'official')).toBe(0);
  expect(vqaAccuracy(' yes\n', ten('yes', 10), 'official')).toBe(1);
});

test("people's numbers and articles are normalised in the official variant only", () => {
  expect(vqaAccuracy('2', ten('two', 5, 'three'), 'official')).toBe(1);
  expect(vqaAccuracy('2', ten('two', 5, 'three'), 'vl-t5')).toBe(0);
});

describe('a set', () => {
  const items: VqaItem[] = [
    { id: '1', prediction: 'yes', answers: ten('yes', 10), answerType: 'yes/no', questionType: 'is the' },
    { id: '2', prediction: 'no', answers: ten('yes', 10), answerType: 'yes/no', questionType: 'is the' },
    { id: '3', prediction: 'red', answers: ten('red', 1), answerType: 'other', questionType: 'what color' },
  ];

  test.each<VqaVariant>(['vl-t5', 'official'])('is scored in percent, and by type (%s)', (variant) => {
    expect(scoreVqa(items, variant)).toEqual({
      accuracy: 43.33,
      perAnswerType: { 'yes/no': 50, other: 30 },
      perQuestionType: { 'is the': 50, 'what color': 30 },
      perItem: [
        { id: '1', score: 1 },
        { id: '2', score: 0 },
        { id: '3', score: expect.closeTo(0.3, 12) },
      ],
    });
  });

  test('without types has empty tables', () => {
    const [{ id, prediction, answers }] = items as [VqaItem];
    expect(scoreVqa([{ id, prediction, answers }], 'vl-t5')).toMatchObject({ perAnswerType: {}, perQuestionType: {} });
  });

  test('has exact halves rounded to the even digit', () => {
    const accuracy = (right: number, all: number): number => {
      const predictions = Array.from({ length: all }, (_, i) => (i < right ? 'yes' : 'no'));
      return scoreVqa(
        predictions.map((prediction, i) => ({ id: `${i}`, prediction, answers: ten('yes', 10) })),
        'vl-t5',
      ).accuracy;
    };
    expect(accuracy(1, 32)).toBe(3.12); // 3.125
    expect(accuracy(3, 32)).toBe(9.38); // 9.375
    expect(accuracy(2, 3)).toBe(66.67);
  });

  test('that is empty, or lacks answers, is refused', () => {
    expect(() => scoreVqa([], 'vl-t5')).toThrow(expect.objectContaining({ code: 'bad-input' }));
    expect(() => scoreVqa([{ id: '7', prediction: 'a', answers: [] }], 'vl-t5')).toThrow('Question 7');
  });
});
