/** Counting n-grams of one to four tokens, for BLEU and CIDEr. */
import { PairNumbers } from './pair-numbers.ts';
import type { TokenizedItem } from './tokenized.ts';

/** The longest n-gram that BLEU and CIDEr look at. */
export const MAX_ORDER = 4;

/** The different n-grams of one length in a caption, by number, and how often each occurs. Short: looked up by `indexOf`. */
export interface OrderCounts {
  readonly ngrams: readonly number[];
  readonly counts: readonly number[];
}

/** Entry n - 1 holds the n-grams of n tokens. */
export type NgramCounts = readonly OrderCounts[];

/** How often a caption has the n-gram. */
export function countOf({ ngrams, counts }: OrderCounts, ngram: number): number {
  const place = ngrams.indexOf(ngram);
  return place === -1 ? 0 : counts[place]!;
}

/**
 * Numbers n-grams while counting them: the same n-gram has the same number in all captions one instance counts. An n-gram of
 * n tokens is known by the number of its first n - 1 and that of its last, so no long strings are made or hashed.
 */
class NgramCounter {
  readonly #tokens = new Map<string, number>();
  readonly #longer: PairNumbers;

  /** @param tokens of all captions. */
  constructor(tokens: number) {
    this.#longer = new PairNumbers(tokens);
  }

  /** @param tokens one caption. */
  count(tokens: readonly string[]): NgramCounts {
    const numbers = tokens.map((token) => this.#token(token));
    // an n-gram's number tells nothing of its length: those of one token have even numbers, longer ones odd
    let ngrams = numbers;
    const all: OrderCounts[] = [];
    for (let order = 1; ; order += 1) {
      all.push(countEach(ngrams));
      if (order === MAX_ORDER) return all;
      const shorter = ngrams;
      ngrams = shorter
        .slice(0, Math.max(0, numbers.length - order))
        .map((ngram, start) => 2 * this.#longer.number(ngram, numbers[start + order]!) + 1);
    }
  }

  /** Above all numbers given so far. */
  get limit(): number {
    return 2 * Math.max(this.#tokens.size, this.#longer.size) + 1;
  }

  #token(token: string): number {
    const known = this.#tokens.get(token);
    if (known !== undefined) return known;
    const number = 2 * this.#tokens.size;
    this.#tokens.set(token, number);
    return number;
  }
}

/** By length; most captions have every n-gram once. */
const once: (readonly number[])[] = [];

function countEach(all: readonly number[]): OrderCounts {
  if (all.every((ngram, i) => all.indexOf(ngram) === i)) {
    once[all.length] ??= new Array<number>(all.length).fill(1);
    return { ngrams: all, counts: once[all.length]! };
  }
  const ngrams: number[] = [];
  const counts: number[] = [];
  for (const ngram of all) {
    const place = ngrams.indexOf(ngram);
    if (place === -1) {
      ngrams.push(ngram);
      counts.push(1);
    } else counts[place]! += 1;
  }
  return { ngrams, counts };
}

export interface CountedItem {
  readonly hypothesis: NgramCounts;
  readonly references: readonly NgramCounts[];
}

/** The n-grams of all captions of some items, numbered alike. */
export interface CountedItems {
  readonly items: readonly CountedItem[];
  /** Above all numbers of n-grams. */
  readonly limit: number;
}

export function countNgrams(items: readonly TokenizedItem[]): CountedItems {
  const lengths = items
    .flatMap(({ hypothesis, references }) => [hypothesis, ...references])
    .map(({ length }) => length);
  const counter = new NgramCounter(lengths.reduce((sum, length) => sum + length, 0));
  const counted = items.map(({ hypothesis, references }) => ({
    hypothesis: counter.count(hypothesis),
    references: references.map((reference) => counter.count(reference)),
  }));
  return { items: counted, limit: counter.limit };
}
