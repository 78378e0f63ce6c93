/** CIDEr-D, which papers and the COCO caption evaluation call CIDEr, and CIDEr as first defined. */
import { MAX_ORDER, NgramCounter, type NgramCounts } from './ngrams.ts';
import type { MetricScores, TokenizedItem } from './tokenized.ts';

/** `cider-d` clips repeated n-grams and penalises a difference in length; `cider` is the plain cosine. */
export type CiderVariant = 'cider-d' | 'cider';

const SIGMA = 6; // spread of the length penalty, in tokens
const SCALE = 10;

/** A caption's weighted n-grams, one map and one norm a length of n-gram. */
interface Vector {
  readonly weights: readonly ReadonlyMap<number, number>[];
  readonly norms: readonly number[];
  /** Count of bigrams: what the length penalty measures. */
  readonly length: number;
}

/** For every n-gram, the number of items with it in any reference. An item counts once, however many references have it. */
function documentFrequencies(items: readonly TokenizedItem[], counter: NgramCounter): number[] {
  const frequencies: number[] = [];
  for (const { references } of items) {
    const seen = new Set<number>();
    for (const reference of references)
      for (const counts of counter.count(reference)) for (const ngram of counts.keys()) seen.add(ngram);
    for (const ngram of seen) frequencies[ngram] = (frequencies[ngram] ?? 0) + 1;
  }
  return frequencies;
}

/** w(g) = count(g) (ln N - ln max(1, df(g))). */
function vectorOf(counts: NgramCounts, tokens: number, inverseFrequency: (ngram: number) => number): Vector {
  const weights = counts.map((ofOrder) => {
    const weighted = new Map<number, number>();
    for (const [ngram, count] of ofOrder) weighted.set(ngram, count * inverseFrequency(ngram));
    return weighted;
  });
  const norms = weights.map((weighted) => {
    let squares = 0;
    for (const weight of weighted.values()) squares += weight * weight;
    return Math.sqrt(squares);
  });
  return { weights, norms, length: Math.max(0, tokens - 1) };
}

/** Mean over n of the (clipped) cosine of two captions' weights. */
function similarity(hypothesis: Vector, reference: Vector, variant: CiderVariant): number {
  let sum = 0;
  for (let order = 0; order < MAX_ORDER; order += 1) {
    let product = 0;
    for (const [ngram, own] of hypothesis.weights[order]!) {
      const theirs = reference.weights[order]!.get(ngram) ?? 0;
      product += (variant === 'cider-d' ? Math.min(own, theirs) : own) * theirs;
    }
    const norms = hypothesis.norms[order]! * reference.norms[order]!;
    if (norms !== 0) sum += product / norms;
  }
  const difference = hypothesis.length - reference.length;
  const penalty = variant === 'cider-d' ? Math.exp(-(difference ** 2) / (2 * SIGMA ** 2)) : 1;
  return (sum / MAX_ORDER) * penalty;
}

/**
 * CIDEr of every item (ten times the mean over its references, so 0 to 10), and its mean. How rare an n-gram is comes from the
 * references of these very items: one item alone has no rare n-grams and scores 0. Spec 4.5; Vedantam et al. 2015, section 3.
 */
export function cider(items: readonly TokenizedItem[], variant: CiderVariant = 'cider-d'): MetricScores {
  const counter = new NgramCounter();
  const frequencies = documentFrequencies(items, counter);
  const logItems = Math.log(items.length);
  const inverseFrequency = (ngram: number): number => logItems - Math.log(Math.max(1, frequencies[ngram] ?? 0));
  const vector = (tokens: readonly string[]): Vector =>
    vectorOf(counter.count(tokens), tokens.length, inverseFrequency);

  const perItem = items.map(({ hypothesis, references }) => {
    const own = vector(hypothesis);
    const total = references.reduce((sum, reference) => sum + similarity(own, vector(reference), variant), 0);
    return (SCALE * total) / references.length;
  });
  return { corpus: perItem.reduce((sum, value) => sum + value, 0) / perItem.length, perItem };
}
