/** Normalised VQA answers against the evaluators' own, stage by stage. */
import { expect, test } from 'vitest';
import { VQA_CONTRACTIONS } from '../../engine/metrics/vqa-contractions.ts';
import {
  cleanAnswer,
  normaliseAnswer,
  processDigitArticle,
  processPunctuation,
} from '../../engine/metrics/vqa-normalisation.ts';
import { compared } from '../fidelity/compared.ts';
import { haveOracles, readOracle } from './oracles.ts';

interface Oracle {
  readonly normalisation: readonly {
    in: string;
    punct: string;
    digitArticle: string;
    both: string;
    normalizeAnswerVLT5: string;
  }[];
  readonly contractions: Readonly<Record<string, string>>;
}

const row = { area: 'VQA accuracy', measure: 'identical', allowed: 0, skip: !haveOracles } as const;

compared(
  { ...row, what: '125 answers normalised, stage by stage', against: 'the VQA evaluator a013f00' },
  (differences) => {
    const { normalisation } = readOracle<Oracle>('vqa_eval_oracle.json');
    expect(normalisation).toHaveLength(125);
    for (const { in: answer, punct, digitArticle, both } of normalisation) {
      const own = [processPunctuation(answer), processDigitArticle(answer), normaliseAnswer(answer)];
      differences.same(own, [punct, digitArticle, both], answer);
    }
  },
);

compared({ ...row, what: '125 answers normalised', against: 'the evaluator of VL-T5' }, (differences) => {
  for (const { in: answer, normalizeAnswerVLT5: expected } of readOracle<Oracle>('vqa_eval_oracle.json')
    .normalisation) {
    differences.same(normaliseAnswer(answer), expected, answer);
  }
});

compared({ ...row, what: '120 contractions', against: 'the VQA evaluator a013f00' }, (differences) => {
  const { contractions } = readOracle<Oracle>('vqa_eval_oracle.json');
  expect(VQA_CONTRACTIONS.size).toBe(Object.keys(contractions).length);
  for (const [from, to] of Object.entries(contractions)) differences.same(VQA_CONTRACTIONS.get(from), to, from);
});

test('a mark becomes nothing beside a blank and a blank elsewhere', () => {
  expect(processPunctuation('black/white')).toBe('black white');
  expect(processPunctuation('black/ white')).toBe('black white');
  expect(processPunctuation('red-hot, blue')).toBe('red hot blue');
});

test('a comma between digits anywhere has every mark deleted', () => {
  expect(processPunctuation('1,000 t-shirts/hats')).toBe('1000 tshirtshats');
});

test('no more than 32 periods are deleted', () => {
  expect(processPunctuation('.'.repeat(40))).toBe('.'.repeat(8));
  expect(processPunctuation(`${'3.5'.repeat(40)}.`)).toBe('3.5'.repeat(40));
});

test('articles go before apostrophes come', () => {
  expect(processDigitArticle('The none Dont')).toBe("0 don't");
});

test('an answer is cleaned of line breaks, tabs and outer blanks', () => {
  expect(cleanAnswer('\ttwo\ndogs ')).toBe('two dogs');
});
