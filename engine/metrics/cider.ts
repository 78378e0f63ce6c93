/** CIDEr-D, which papers and the COCO caption evaluation call CIDEr, and CIDEr as first defined. */
import { type CountedItems, countNgrams, MAX_ORDER, type NgramCounts } from './ngrams.ts';
import type { MetricScores, TokenizedItem } from './tokenized.ts';

/** `cider-d` clips repeated n-grams and penalises a difference in length; `cider` is the plain cosine. */
export type CiderVariant = 'cider-d' | 'cider';

const SIGMA = 6; // spread of the length penalty, in tokens
const SCALE = 10;

/** A caption's weighted n-grams of one length. */
interface Weights {
  readonly ngrams: readonly number[];
  readonly weights: readonly number[];
  readonly norm: number;
}

/** One for each length of n-gram. */
interface Vector {
  readonly orders: readonly Weights[];
  /** Count of bigrams: what the length penalty measures. */
  readonly length: number;
}

/** ln N - ln max(1, df) of an n-gram. */
type Inverse = (ngram: number) => number;

/** df is the number of items with the n-gram in any reference. An item counts once, however many references have it. */
function inverseFrequencies({ items, limit }: CountedItems): Inverse {
  const frequencies = new Int32Array(limit);
  const lastItem = new Int32Array(limit).fill(-1);
  items.forEach(({ references }, item) => {
    for (const reference of references) {
      for (const { ngrams } of reference) {
        for (const ngram of ngrams) {
          if (lastItem[ngram] === item) continue;
          lastItem[ngram] = item;
          frequencies[ngram]! += 1;
        }
      }
    }
  });
  // Of each df that can be: fewer than there are n-grams.
  const inverse = Float64Array.from(
    { length: items.length + 1 },
    (_, df) => Math.log(items.length) - Math.log(df || 1),
  );
  return (ngram) => inverse[frequencies[ngram]!]!;
}

/** w(g) = count(g) (ln N - ln max(1, df(g))). */
function vectorOf(counts: NgramCounts, tokens: number, inverse: Inverse): Vector {
  const orders = counts.map(({ ngrams, counts: times }) => {
    const weights = ngrams.map((ngram, i) => times[i]! * inverse(ngram));
    let squares = 0;
    for (const weight of weights) squares += weight * weight;
    return { ngrams, weights, norm: Math.sqrt(squares) };
  });
  return { orders, length: Math.max(0, tokens - 1) };
}

/** Mean over n of the (clipped) cosine of two captions' weights. */
function similarity(hypothesis: Vector, reference: Vector, variant: CiderVariant): number {
  let sum = 0;
  for (let order = 0; order < MAX_ORDER; order += 1) {
    const [ours, theirs] = [hypothesis.orders[order]!, reference.orders[order]!];
    let product = 0;
    for (let i = 0; i < ours.ngrams.length; i += 1) {
      const place = theirs.ngrams.indexOf(ours.ngrams[i]!);
      if (place === -1) continue;
      const [own, other] = [ours.weights[i]!, theirs.weights[place]!];
      product += (variant === 'cider-d' ? Math.min(own, other) : own) * other;
    }
    const norms = ours.norm * theirs.norm;
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
export function cider(
  items: readonly TokenizedItem[],
  variant: CiderVariant = 'cider-d',
  counted: CountedItems = countNgrams(items),
): MetricScores {
  const inverse = inverseFrequencies(counted);
  const perItem = items.map(({ hypothesis, references }, i) => {
    const ofItem = counted.items[i]!;
    const own = vectorOf(ofItem.hypothesis, hypothesis.length, inverse);
    const total = references.reduce((sum, reference, k) => {
      const theirs = vectorOf(ofItem.references[k]!, reference.length, inverse);
      return sum + similarity(own, theirs, variant);
    }, 0);
    return (SCALE * total) / references.length;
  });
  return { corpus: perItem.reduce((sum, value) => sum + value, 0) / perItem.length, perItem };
}
