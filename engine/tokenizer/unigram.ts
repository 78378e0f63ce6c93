/** The Unigram model: the split of a word into pieces whose scores (log probabilities) have the largest sum. */
import { z } from 'zod';
import type { Model } from './model.ts';

/** How far below the worst piece an unknown character scores, in SentencePiece as in the tokenizers library. */
const UNKNOWN_PENALTY = 10;

const schema = z.object({
  vocab: z.array(z.tuple([z.string(), z.number()])).min(1),
  unk_id: z.int().nonnegative(),
  byte_fallback: z.literal(false).default(false),
});

/**
 * Of equal sums the one found first stays: at each end the piece that starts furthest left. Sums are doubles here and in the
 * tokenizers library but floats in SentencePiece, which can so decide a tie, or what is nearly one, the other way.
 */
export function unigram(config: unknown): Model {
  const { vocab, unk_id: unknown } = schema.parse(config);
  const ids = new Map(vocab.map(([piece], id) => [piece, id]));
  /** Pieces with their id, and what only begins some with null, so that a search knows when to stop. */
  const beginnings = new Map<string, number | null>(ids);
  for (const piece of ids.keys()) {
    for (let end = piece.length - 1; end > 0 && !beginnings.has(piece.slice(0, end)); end -= 1) {
      beginnings.set(piece.slice(0, end), null);
    }
  }
  const scores = Float64Array.from(vocab, ([, score]) => score);
  if (unknown >= vocab.length) throw new Error(`the unk_id ${unknown} outside the vocabulary`);
  const unknownScore = scores.reduce((least, score) => Math.min(least, score)) - UNKNOWN_PENALTY;

  const encode = (word: string): number[] => {
    const sums = new Float64Array(word.length + 1);
    const starts = new Int32Array(word.length + 1).fill(-1);
    const pieces = new Int32Array(word.length + 1);
    const offer = (start: number, end: number, id: number, score: number): void => {
      const sum = score + sums[start]!;
      if (starts[end] !== -1 && sum <= sums[end]!) return;
      sums[end] = sum;
      starts[end] = start;
      pieces[end] = id;
    };
    for (let start = 0, width: number; start < word.length; start += width) {
      width = word.codePointAt(start)! > 0xffff ? 2 : 1;
      let known = false;
      for (let end = start + 1; end <= word.length; end += 1) {
        const id = beginnings.get(word.slice(start, end));
        if (id === undefined) break;
        if (id === null) continue;
        offer(start, end, id, scores[id]!);
        known ||= end === start + width;
      }
      if (!known) offer(start, start + width, unknown, unknownScore);
    }
    const path: number[] = [];
    for (let end = word.length; end > 0; end = starts[end]!) {
      if (pieces[end] !== unknown || path.at(-1) !== unknown) path.push(pieces[end]!); // a run of unknowns is one
    }
    return path.reverse();
  };
  return { pieces: vocab.map(([piece]) => piece), idOf: (piece) => ids.get(piece), encode };
}
