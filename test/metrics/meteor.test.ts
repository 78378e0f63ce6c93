/** METEOR's parts against the program, and by hand; whole scores are compared in `captions.test.ts`. */
import { expect, test } from 'vitest';
import { meteor } from '../../engine/metrics/meteor.ts';
import { alignWords } from '../../engine/metrics/meteor-align.ts';
import { meteorTokens } from '../../engine/metrics/meteor-tokens.ts';
import { captionNotes } from '../../engine/metrics/metric-notes.ts';
import { WordNet } from '../../engine/metrics/wordnet.ts';
import { compared } from '../fidelity/compared.ts';
import { golden } from './reference-scores.ts';

interface Golden {
  readonly alignments: readonly [
    hypothesis: string,
    reference: string,
    [reference: number, own: number, kind: number][],
  ][];
  readonly tokens: readonly [text: string, tokens: string][];
  readonly paraphrases: Readonly<
    Record<'captions' | 'without' | 'with' | 'meanAdded' | 'largestAdded' | 'largestTaken', number>
  >;
}
const { alignments, tokens, paraphrases } = golden<Golden>('meteor.json');

const row = { area: 'Caption metrics', against: 'METEOR 1.5', measure: 'identical', allowed: 0 } as const;
const KINDS = ['exact', 'stem', 'synonym'];
const wordNet = new WordNet();

compared({ ...row, what: 'METEOR: alignments of 800 random sentences, match by match' }, (differences) => {
  for (const [hypothesis, reference, expected] of alignments) {
    const { matches } = alignWords(hypothesis.split(' '), reference.split(' '), wordNet);
    const own = matches.map((match) => [match.reference, match.hypothesis, KINDS.indexOf(match.kind)]);
    differences.same(own, expected, `${hypothesis} / ${reference}`);
  }
});

compared({ ...row, what: 'METEOR: tokens of 800 random strings' }, (differences) => {
  for (const [text, expected] of tokens) differences.same(meteorTokens(text).join(' '), expected, text);
});

test('the note beside the number says what was measured', () => {
  const note = captionNotes['METEOR (no paraphrases)'];
  const { captions, without, with: official, meanAdded, largestAdded, largestTaken } = paraphrases;
  for (const text of [
    `${captions.toLocaleString('en-US')} captions`,
    `${official.toFixed(4)} in total where this gives ${without.toFixed(4)}`,
    `${meanAdded.toFixed(4)} more on average, ${largestAdded.toFixed(3)} more to ${largestTaken.toFixed(3)} less`,
  ]) {
    expect(note).toContain(text);
  }
});

const item = (hypothesis: string, ...references: string[]) => ({
  hypothesis: hypothesis.split(' ').filter(Boolean),
  references: references.map((reference) => reference.split(' ')),
});

test('a repeated reference is perfect, also in a corpus; nothing in common scores 0', () => {
  expect(meteor([item('a red bus', 'a red bus'), item('two cats sleep', 'a dog', 'two cats sleep')])).toEqual({
    corpus: 1,
    perItem: [1, 1],
  });
  expect(meteor([item('dog', 'tree'), item('', 'tree')])).toEqual({ corpus: 0, perItem: [0, 0] });
});

test('precision, recall and fragments, by hand', () => {
  // content words weigh 0.75 and function words 0.25: "the" (0.25) and, by synonym, "couch" and "sofa" (0.8 x 0.75)
  const matched = 0.25 + 0.8 * 0.75;
  const [precision, recall] = [matched / (0.25 + 2 * 0.75), matched / (0.25 + 0.75)];
  const mean = (precision * recall) / (0.85 * precision + 0.15 * recall);
  const penalty = 0.6 * (2 / 2) ** 0.2; // two chunks of two matches
  expect(meteor([item('the big couch', 'the sofa')]).perItem[0]).toBeCloseTo(mean * (1 - penalty), 12);
});

test('synonyms are found through base forms: regular, irregular, none for short words and -ss', () => {
  const share = (a: string, b: string) => [...wordNet.synsets(a)].some((synset) => wordNet.synsets(b).has(synset));
  for (const [a, b] of [
    ['men', 'man'],
    ['children', 'kid'],
    ['couches', 'sofa'],
    ['ran', 'running'],
  ] as const) {
    expect(share(a, b), `${a} ${b}`).toBe(true);
  }
  expect(share('dog', 'animal')).toBe(false);
  expect(wordNet.synsets('acrosss').size).toBe(0);
  expect(wordNet.synsets('qs').size).toBe(0);
});

test('words that sort before the first of WordNet, behind the last, or are longer than all, have no synonyms', () => {
  for (const word of ['!', 'zzzz', 'z'.repeat(3000), 'x'.repeat(3000), '\u{10ffff}']) {
    expect([...wordNet.synsets(word)]).toEqual([]);
  }
});
