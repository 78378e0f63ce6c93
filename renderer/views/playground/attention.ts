/** Where the decoder looked, over the words that it wrote. Pure. */
import type { TryResult } from '../../../engine/contract/try-out.ts';

type Words = TryResult['words'];

/** Stands for all words together, where a number stands for one. */
export const ALL_WORDS = -1;

/** Attention to each cell: of one word, or the mean of all. Undefined where there are no words, or none with this number. */
export function attentionOf(words: Words, word: number): readonly number[] | undefined {
  if (word !== ALL_WORDS) return words[word]?.attention;
  const cells = words[0]?.attention.length;
  if (cells === undefined) return undefined;
  return Array.from(
    { length: cells },
    (_, cell) => words.reduce((sum, { attention }) => sum + attention[cell]!, 0) / words.length,
  );
}

/** How much of the attention fell on the picture, 0..1: of one word, or the mean of all. */
export function shareOf(words: Words, word: number): number | undefined {
  if (word !== ALL_WORDS) return words[word]?.share;
  return words.length === 0 ? undefined : words.reduce((sum, { share }) => sum + share, 0) / words.length;
}

/** Which word a key goes to from `word`, the entry for all words standing first; undefined for other keys. */
export function wordByKey(key: string, word: number, words: number): number | undefined {
  const to = { ArrowRight: word + 1, ArrowLeft: word - 1, Home: ALL_WORDS, End: words - 1 }[key];
  return to === undefined ? undefined : Math.min(words - 1, Math.max(ALL_WORDS, to));
}
