/** Counting n-grams of one to four tokens, for BLEU and CIDEr. */

/** The longest n-gram that BLEU and CIDEr look at. */
export const MAX_ORDER = 4;

/** How often each n-gram occurs in one caption; entry n - 1 holds the n-grams of n tokens, by their number. */
export type NgramCounts = readonly ReadonlyMap<number, number>[];

/** Packs (n-gram, next token) into one exact number: both stay below 2^26. */
const PACK = 2 ** 26;

/**
 * Numbers n-grams while counting them: the same n-gram has the same number in all captions one instance counts. An n-gram of
 * n tokens is known by the number of its first n - 1 and that of its last, so no long strings are made or hashed.
 */
export class NgramCounter {
  readonly #tokens = new Map<string, number>();
  readonly #longer = new Map<number, number>();

  /** @param tokens one caption. */
  count(tokens: readonly string[]): NgramCounts {
    const numbers = tokens.map((token) => this.#token(token));
    const counts = Array.from({ length: MAX_ORDER }, () => new Map<number, number>());
    for (let start = 0; start < numbers.length; start += 1) {
      let ngram = numbers[start]!;
      for (let order = 0; ; ) {
        const ofOrder = counts[order]!;
        ofOrder.set(ngram, (ofOrder.get(ngram) ?? 0) + 1);
        order += 1;
        if (order === MAX_ORDER || start + order === numbers.length) break;
        ngram = this.#extended(ngram, numbers[start + order]!);
      }
    }
    return counts;
  }

  get #next(): number {
    return this.#tokens.size + this.#longer.size;
  }

  #token(token: string): number {
    const known = this.#tokens.get(token);
    if (known !== undefined) return known;
    const number = this.#next;
    this.#tokens.set(token, number);
    return number;
  }

  #extended(ngram: number, token: number): number {
    const key = ngram * PACK + token;
    const known = this.#longer.get(key);
    if (known !== undefined) return known;
    const number = this.#next;
    this.#longer.set(key, number);
    return number;
  }
}
