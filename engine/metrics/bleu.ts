/** BLEU-1 to BLEU-4 with the constants of the COCO caption evaluation. */
import { type CountedItem, type CountedItems, countNgrams, countOf, MAX_ORDER, type NgramCounts } from './ngrams.ts';
import type { MetricScores, TokenizedItem } from './tokenized.ts';

const TINY = 1e-15; // keeps a precision of zero from wiping out the product
const SMALL = 1e-9; // keeps an empty hypothesis from dividing by zero

/** What BLEU needs to know of a caption or of a whole corpus; sums over captions. */
interface Tally {
  hypothesisLength: number;
  referenceLength: number;
  readonly correct: number[];
  readonly guessed: number[];
}

const emptyTally = (): Tally => ({
  hypothesisLength: 0,
  referenceLength: 0,
  correct: new Array(MAX_ORDER).fill(0),
  guessed: new Array(MAX_ORDER).fill(0),
});

/** Occurrences in the hypothesis, each n-gram counted at most as often as in the reference that has it most. */
function clippedMatches(hypothesis: NgramCounts, references: readonly NgramCounts[], order: number): number {
  let matches = 0;
  const { ngrams, counts } = hypothesis[order]!;
  for (let i = 0; i < ngrams.length; i += 1) {
    let most = 0;
    for (const reference of references) most = Math.max(most, countOf(reference[order]!, ngrams[i]!));
    matches += Math.min(counts[i]!, most);
  }
  return matches;
}

/** The reference length nearest to the hypothesis's, the shorter of two as near. */
function closestLength(length: number, references: readonly (readonly string[])[]): number {
  const lengths = references.map((reference) => reference.length).sort((a, b) => a - b);
  return lengths.reduce((best, next) => (Math.abs(next - length) < Math.abs(best - length) ? next : best));
}

function tally({ hypothesis, references }: TokenizedItem, counted: CountedItem): Tally {
  return {
    hypothesisLength: hypothesis.length,
    referenceLength: closestLength(hypothesis.length, references),
    correct: counted.hypothesis.map((_, order) => clippedMatches(counted.hypothesis, counted.references, order)),
    guessed: counted.hypothesis.map((_, order) => Math.max(0, hypothesis.length - order)),
  };
}

function add(sum: Tally, { hypothesisLength, referenceLength, correct, guessed }: Tally): void {
  sum.hypothesisLength += hypothesisLength;
  sum.referenceLength += referenceLength;
  for (let order = 0; order < MAX_ORDER; order += 1) {
    sum.correct[order]! += correct[order]!;
    sum.guessed[order]! += guessed[order]!;
  }
}

/** bleu_k = (prod_{n<=k} correct_n / guessed_n)^(1/k), times exp(1 - 1/ratio) where the hypotheses are shorter (ratio < 1). */
function bleuOf({ hypothesisLength, referenceLength, correct, guessed }: Tally): number[] {
  const ratio = (hypothesisLength + TINY) / (referenceLength + SMALL);
  const brevity = ratio < 1 ? Math.exp(1 - 1 / ratio) : 1;
  let product = 1;
  return correct.map((matches, order) => {
    product *= (matches + TINY) / (guessed[order]! + SMALL);
    return product ** (1 / (order + 1)) * brevity;
  });
}

/** BLEU-1..BLEU-4 (entries 0..3). The corpus value comes from summed counts, it is no mean of captions. Spec 4.3. */
export function bleu(
  items: readonly TokenizedItem[],
  counted: CountedItems = countNgrams(items),
): MetricScores<readonly number[]> {
  const total = emptyTally();
  const perItem = items.map((item, i) => {
    const own = tally(item, counted.items[i]!);
    add(total, own);
    return bleuOf(own);
  });
  return { corpus: bleuOf(total), perItem };
}
