/** METEOR 1.5 with the settings of the COCO caption evaluation (`-l en -norm`), but for its table of paraphrases. */
import { alignWords, type MatchKind } from './meteor-align.ts';
import { meteorTokens } from './meteor-tokens.ts';
import type { MetricScores, TokenizedItem } from './tokenized.ts';
import { WordNet } from './wordnet.ts';

const ALPHA = 0.85; // weight of recall
const BETA = 0.2; // shape of the penalty for fragments
const GAMMA = 0.6; // size of that penalty
const DELTA = 0.75; // weight of content words; function words have the rest
const WEIGHTS: Readonly<Record<MatchKind, number>> = { exact: 1, stem: 0.6, synonym: 0.8 };

/** The words and marks that METEOR is seen to count as function words: very frequent ones. */
const FUNCTION_WORDS: ReadonlySet<string> = new Set(
  `a about after all also an and are as at be been but by can could first for from had has have he her his i if in into is it
  its last more new no not of on one or other out over people s said she so some than that the their there they this time to
  two up was we were what when which who will with would year years you
  's 't -lrb- -rrb- " $ ' ( ) , - . : ? —`.split(/\s+/),
);

/** What METEOR needs to know of a caption and a reference, or of a whole corpus; sums over captions. */
interface Tally {
  /** Words, each with its weight as a content or a function word. */
  readonly hypothesis: number;
  readonly reference: number;
  /** The matched ones of them, also weighted by the kind of match. */
  readonly matchedHypothesis: number;
  readonly matchedReference: number;
  readonly matches: number;
  /** None for a caption that repeats its reference. */
  readonly chunks: number;
}

const weightOf = (word: string): number => (FUNCTION_WORDS.has(word) ? 1 - DELTA : DELTA);

const sumOf = <T>(values: readonly T[], value: (each: T) => number): number =>
  values.reduce((sum, each) => sum + value(each), 0);

function tally(hypothesis: readonly string[], reference: readonly string[], wordNet: WordNet): Tally {
  const { matches, chunks } = alignWords(hypothesis, reference, wordNet);
  const repeats = chunks === 1 && matches.length === hypothesis.length && matches.length === reference.length;
  return {
    hypothesis: sumOf(hypothesis, weightOf),
    reference: sumOf(reference, weightOf),
    matchedHypothesis: sumOf(matches, (match) => WEIGHTS[match.kind] * weightOf(hypothesis[match.hypothesis]!)),
    matchedReference: sumOf(matches, (match) => WEIGHTS[match.kind] * weightOf(reference[match.reference]!)),
    matches: matches.length,
    chunks: repeats ? 0 : chunks,
  };
}

/** F (1 - gamma (chunks / matches)^beta) with F = P R / (alpha P + (1 - alpha) R); 0 without a match. */
function scoreOf(counts: Tally): number {
  if (counts.matches === 0) return 0;
  const precision = counts.matchedHypothesis / counts.hypothesis;
  const recall = counts.matchedReference / counts.reference;
  const mean = (precision * recall) / (ALPHA * precision + (1 - ALPHA) * recall);
  return mean * (1 - GAMMA * (counts.chunks / counts.matches) ** BETA);
}

/** Against the reference that gives the best score, the first of several as good. */
function bestTally({ hypothesis, references }: TokenizedItem, wordNet: WordNet): Tally {
  const own = meteorTokens(hypothesis.join(' '));
  const all = references.map((reference) => tally(own, meteorTokens(reference.join(' ')), wordNet));
  return all.reduce((best, next) => (scoreOf(next) > scoreOf(best) ? next : best));
}

const total = (tallies: readonly Tally[]): Tally => ({
  hypothesis: sumOf(tallies, (each) => each.hypothesis),
  reference: sumOf(tallies, (each) => each.reference),
  matchedHypothesis: sumOf(tallies, (each) => each.matchedHypothesis),
  matchedReference: sumOf(tallies, (each) => each.matchedReference),
  matches: sumOf(tallies, (each) => each.matches),
  chunks: sumOf(tallies, (each) => each.chunks),
});

let wordNet: WordNet | undefined;

/**
 * METEOR with exact, stem and synonym matches of every item, and of all: like BLEU's, that comes from summed counts. Equal to
 * METEOR 1.5 run with these matchers; with the paraphrases it also has, it scores a little higher (see `metric-notes.ts`).
 * Spec 4.6; Denkowski and Lavie 2014, section 2.
 */
export function meteor(items: readonly TokenizedItem[]): MetricScores {
  wordNet ??= new WordNet();
  const known = wordNet;
  const tallies = items.map((item) => bestTally(item, known));
  return { corpus: scoreOf(total(tallies)), perItem: tallies.map(scoreOf) };
}
