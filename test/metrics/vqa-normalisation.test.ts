/** Normalised VQA answers against the evaluators' own, stage by stage. */
import { describe, expect, test } from 'vitest';
import { VQA_CONTRACTIONS } from '../../engine/metrics/vqa-contractions.ts';
import {
  cleanAnswer,
  normaliseAnswer,
  processDigitArticle,
  processPunctuation,
} from '../../engine/metrics/vqa-normalisation.ts';
import { haveOracles, readOracle } from './oracles.ts';

interface Oracle {
  readonly normalisation: readonly { in: string; punct: string; digitArticle: string; both: string }[];
  readonly contractions: Readonly<Record<string, string>>;
}

describe.skipIf(!haveOracles)('VQA evaluator (needs ../shared)', () => {
  const oracle = haveOracles ? readOracle<Oracle>('vqa_eval_oracle.json') : { normalisation: [], contractions: {} };

  test.each(oracle.normalisation)('$in', ({ in: answer, punct, digitArticle, both }) => {
    expect(processPunctuation(answer)).toBe(punct);
    expect(processDigitArticle(answer)).toBe(digitArticle);
    expect(normaliseAnswer(answer)).toBe(both);
  });

  test('its 125 cases and its table of contractions are all there', () => {
    expect(oracle.normalisation).toHaveLength(125);
    expect(Object.fromEntries(VQA_CONTRACTIONS)).toEqual(oracle.contractions);
  });
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
