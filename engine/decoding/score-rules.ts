/**
 * Rules that change what the model says of the next id, as transformers' logits processors of the same names do and in
 * the same order. Greedy search applies them to logits, beam search to log-probabilities, which are not made to sum to
 * one again.
 */

export interface ScoreRules {
  /** Ids before the end id, at least; the start id is not counted (`min_new_tokens`). 0: no rule. */
  readonly minLength: number;
  /** No sequence of this many ids comes twice in an answer, the start id included (`no_repeat_ngram_size`). 0: no rule. */
  readonly noRepeatNgram: number;
  /** Above 1 makes ids that are in the answer, the start id included, less likely; below 1 likelier. 1: no rule. */
  readonly repetitionPenalty: number;
  /** The only first id allowed. */
  readonly forcedBosId?: number | undefined;
  /** The only id allowed at `maxLength`. */
  readonly forcedEosId?: number | undefined;
}

/** False where the rules leave every score as it is. */
export function changesScores(rules: ScoreRules): boolean {
  const { minLength, noRepeatNgram, repetitionPenalty, forcedBosId, forcedEosId } = rules;
  const forced = forcedBosId !== undefined || forcedEosId !== undefined;
  return minLength > 0 || noRepeatNgram > 0 || repetitionPenalty !== 1 || forced;
}

/** Changes `scores` [vocabulary] of the id that follows `ids`, which begin with the start id. */
export function applyScoreRules(
  scores: Float32Array,
  ids: readonly number[],
  { minLength, noRepeatNgram, repetitionPenalty, forcedBosId, forcedEosId }: ScoreRules,
  { maxLength, eosId }: { readonly maxLength: number; readonly eosId: number },
): void {
  if (repetitionPenalty !== 1) {
    const penalty = Math.fround(repetitionPenalty);
    for (const id of new Set(ids)) scores[id] = scores[id]! < 0 ? scores[id]! * penalty : scores[id]! / penalty;
  }
  if (noRepeatNgram > 0) {
    for (const id of completions(ids, noRepeatNgram)) scores[id] = -Infinity;
  }
  if (ids.length <= minLength) scores[eosId] = -Infinity;
  if (forcedBosId !== undefined && ids.length === 1) force(scores, forcedBosId);
  if (forcedEosId !== undefined && ids.length === maxLength) force(scores, forcedEosId);
}

/** The ids that would complete a sequence of `size` ids that is in `ids` already. */
function completions(ids: readonly number[], size: number): number[] {
  const begun = ids.length - size + 1;
  if (begun <= 0) return [];
  const starts = Array.from({ length: begun }, (_, start) => start);
  const repeats = (start: number): boolean => {
    for (let i = 0; i < size - 1; i += 1) if (ids[start + i] !== ids[begun + i]) return false;
    return true;
  };
  return starts.filter(repeats).map((start) => ids[start + size - 1]!);
}

function force(scores: Float32Array, id: number): void {
  scores.fill(-Infinity);
  scores[id] = 0;
}
