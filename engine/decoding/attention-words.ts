/** From attention by token to attention by word: tokens to words, all of the source to its visual tokens. */
import type { Tokenizer } from '../tokenizer/tokenizer.ts';

/** A word of a text and which of its ids, by place, make it. */
export interface WordOfIds {
  readonly text: string;
  readonly places: readonly number[];
}

const lettersIn = (text: string): number => text.replaceAll(/\s/g, '').length;

/**
 * The words of `tokenizer.decode(ids)`, which white space parts. An id is of the words that it adds letters to, or, where
 * it adds none (SentencePiece's lone word mark), of the word that comes next; special tokens are of none.
 */
export function wordsOfIds(tokenizer: Tokenizer, ids: readonly number[]): WordOfIds[] {
  // clean-up takes out spaces only, so that letters can be counted without it, where each id leaves the earlier text alone
  const decoded = (count: number): string => tokenizer.decode(ids.slice(0, count), { cleanUp: false });
  const ends = ids.map((_, place) => lettersIn(decoded(place + 1)));
  const shown = ids.map((id) => tokenizer.pieceOf(id) !== undefined && !isSpecial(tokenizer, id));
  let begin = 0;
  return tokenizer
    .decode(ids)
    .split(/\s+/)
    .filter((text) => text !== '')
    .map((text) => {
      const [start, end] = [begin, begin + text.length];
      begin = end;
      const places = ids.flatMap((_, place) => {
        const [from, to] = [ends[place - 1] ?? 0, ends[place]!];
        const isOfWord = from === to ? start <= from && from < end : from < end && to > start;
        return shown[place] && isOfWord ? [place] : [];
      });
      return { text, places };
    });
}

function isSpecial(tokenizer: Tokenizer, id: number): boolean {
  return tokenizer.decode([id]) === '' && tokenizer.decode([id], { skipSpecialTokens: false }) !== '';
}

export interface AttendedWord {
  readonly text: string;
  /** Over the visual tokens, of sum 1; all 0 where the share is. */
  readonly attention: number[];
  /** How much of the word's attention fell on visual tokens, 0..1. */
  readonly share: number;
}

/** The mean attention of a word's tokens to the source's last `visualTokens` places. `rows` is by id, over all places. */
export function attendedWord(
  { text, places }: WordOfIds,
  rows: readonly Float32Array[],
  visualTokens: number,
): AttendedWord {
  const sums = new Float64Array(visualTokens);
  for (const place of places) {
    const row = rows[place]!;
    const first = row.length - visualTokens;
    for (let i = 0; i < visualTokens; i += 1) sums[i]! += row[first + i]!;
  }
  const total = sums.reduce((sum, value) => sum + value, 0);
  return {
    text,
    attention: Array.from(sums, (value) => (total === 0 ? 0 : value / total)),
    share: total / places.length,
  };
}
