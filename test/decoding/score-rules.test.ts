import { describe, expect, test } from 'vitest';
import { applyScoreRules, changesScores, type ScoreRules } from '../../engine/decoding/score-rules.ts';

const [START, EOS, VOCABULARY] = [0, 1, 6];
const none: ScoreRules = { minLength: 0, noRepeatNgram: 0, repetitionPenalty: 1 };

/** The scores after `ids`, where before the rules id i has -i - 1, or those given. */
function scored(
  ids: readonly number[],
  rules: Partial<ScoreRules>,
  maxLength = 9,
  before?: readonly number[],
): number[] {
  const scores = Float32Array.from(before ?? Array.from({ length: VOCABULARY }, (_, id) => -id - 1));
  applyScoreRules(scores, [START, ...ids], { ...none, ...rules }, { maxLength, eosId: EOS });
  return [...scores];
}

const banned = (ids: readonly number[], rules: Partial<ScoreRules>, maxLength?: number): number[] =>
  scored(ids, rules, maxLength).flatMap((score, id) => (score === -Infinity ? [id] : []));

test('without rules nothing changes', () => {
  expect(changesScores(none)).toBe(false);
  expect(scored([2, 3], {})).toEqual([-1, -2, -3, -4, -5, -6]);
});

test.each<Partial<ScoreRules>>([
  { minLength: 1 },
  { noRepeatNgram: 2 },
  { repetitionPenalty: 0.9 },
  { forcedBosId: 0 },
  { forcedEosId: 1 },
])('%o is a rule', (rule) => {
  expect(changesScores({ ...none, ...rule })).toBe(true);
});

test('minimum length: no end id before it', () => {
  expect(banned([], { minLength: 2 })).toEqual([EOS]);
  expect(banned([2], { minLength: 2 })).toEqual([EOS]);
  expect(banned([2, 3], { minLength: 2 })).toEqual([]);
});

describe('no sequence twice', () => {
  test('of one: no id again, the start id included', () => {
    expect(banned([4, 2, 4], { noRepeatNgram: 1 })).toEqual([START, 2, 4]);
  });

  test('of two: what followed the last id before', () => {
    expect(banned([2, 3, 2, 4, 2], { noRepeatNgram: 2 })).toEqual([3, 4]);
    expect(banned([2, 2], { noRepeatNgram: 2 })).toEqual([2]);
    expect(banned([2, 3], { noRepeatNgram: 2 })).toEqual([]);
  });

  test('of three, the start id among them', () => {
    expect(banned([2, 3, START, 2], { noRepeatNgram: 3 })).toEqual([3]);
    expect(banned([2], { noRepeatNgram: 3 })).toEqual([]);
    expect(banned([], { noRepeatNgram: 3 })).toEqual([]);
  });
});

test('repetition penalty: once for each id there is, whatever the sign; the start id included', () => {
  const before = [-1, -2, 4, 4, -3, -3];
  expect(scored([2, 4, 2], { repetitionPenalty: 2 }, 9, before)).toEqual([-2, -2, 2, 4, -6, -3]);
  expect(scored([2, 4], { repetitionPenalty: 0.5 }, 9, before)).toEqual([-0.5, -2, 8, 4, -1.5, -3]);
});

test('forced ids at the first and at the last place, whatever else is banned', () => {
  const only = (id: number): number[] => Array.from({ length: VOCABULARY }, (_, i) => (i === id ? 0 : -Infinity));
  expect(scored([], { forcedBosId: 3, minLength: 2 })).toEqual(only(3));
  expect(banned([3], { forcedBosId: 3 })).toEqual([]);
  expect(scored([2, 3], { forcedEosId: EOS, minLength: 3, noRepeatNgram: 1 }, 3)).toEqual(only(EOS));
  expect(banned([2], { forcedEosId: EOS }, 3)).toEqual([]);
  expect(scored([], { forcedBosId: 3, forcedEosId: EOS }, 1)).toEqual(only(EOS));
});
