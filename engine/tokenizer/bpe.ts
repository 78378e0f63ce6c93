/** Byte-pair encoding: the neighbours with the earliest rule of the merge list become one piece, until no rule applies. */
import { z } from 'zod';
import { idSchema } from './added-tokens.ts';
import type { Model } from './model.ts';

const merge = z.preprocess(
  (line) => (typeof line === 'string' ? line.split(' ') : line),
  z.tuple([z.string(), z.string()]),
);
const schema = z.object({
  vocab: z.record(z.string(), idSchema),
  merges: z.array(merge),
  unk_token: z.string().nullish(),
  end_of_word_suffix: z.string().nullish(),
  ignore_merges: z.boolean().default(false),
  continuing_subword_prefix: z.literal('').nullish(),
  dropout: z.literal(0).nullish(),
  fuse_unk: z.literal(false).default(false),
  byte_fallback: z.literal(false).default(false),
});

export function bpe(config: unknown): Model {
  const { vocab, merges, unk_token, end_of_word_suffix, ignore_merges } = schema.parse(config);
  const ids = new Map(Object.entries(vocab));
  const pieces: (string | undefined)[] = [];
  for (const [piece, id] of ids) pieces[id] = piece;
  const idIn = (piece: string): number => {
    const id = ids.get(piece);
    if (id === undefined) throw new Error(`"${piece}" of the merges, which is not in the vocabulary`);
    return id;
  };
  const pairKey = (left: number, right: number): number => left * pieces.length + right;
  const rules = new Map(
    merges.map(([left, right], rank) => [pairKey(idIn(left), idIn(right)), { rank, id: idIn(left + right) }]),
  );
  const unknown = ids.get(unk_token ?? '');

  const encode = (word: string): number[] => {
    const whole = ignore_merges ? ids.get(word) : undefined;
    if (whole !== undefined) return [whole];
    const chars = Array.from(word);
    chars.push(chars.pop()! + (end_of_word_suffix ?? ''));
    const path = chars.map((char) => ids.get(char) ?? unknown).filter((id) => id !== undefined);
    const ruleAt = (i: number) => rules.get(pairKey(path[i]!, path[i + 1]!));
    const rankAt = (i: number): number => (i + 1 < path.length ? ruleAt(i)?.rank : undefined) ?? Infinity;
    const ranks = path.map((_, i) => rankAt(i));
    for (;;) {
      let at = 0;
      for (let i = 1; i < ranks.length; i += 1) if (ranks[i]! < ranks[at]!) at = i;
      if (!(ranks[at]! < Infinity)) return path;
      path.splice(at, 2, ruleAt(at)!.id);
      ranks.splice(at, 1);
      ranks[at] = rankAt(at);
      if (at > 0) ranks[at - 1] = rankAt(at - 1);
    }
  };
  return { pieces, idOf: (piece) => ids.get(piece), encode };
}
