/** The budget equation m d + (s + d) r = l d (paper, section 2.2; spec 1.10), and the share of values that are trained. */

export interface Budget {
  /** d: width of the word embeddings. */
  readonly width: number;
  /** s: text tokens. */
  readonly textLength: number;
}

/** Trainable values of DePT with prompt length m and rank r. */
export function deptCount({ width, textLength }: Budget, promptLength: number, rank: number): number {
  return promptLength * width + (textLength + width) * rank;
}

/** Largest rank whose DePT has at most as many values as prompt tuning with `fullLength` tokens; negative where none has. */
export function solveRank({ width, textLength }: Budget, fullLength: number, promptLength: number): number {
  return Math.floor(((fullLength - promptLength) * width) / (textLength + width));
}

/** Largest prompt length within the budget of `fullLength` tokens, for a given rank; negative where none is. */
export function solvePromptLength({ width, textLength }: Budget, fullLength: number, rank: number): number {
  return Math.floor((fullLength * width - (textLength + width) * rank) / width);
}

/** Trained values as a share of all values of the model that is trained: T5, projection and method (spec 2.6). */
export function updatedShare(frozen: number, trained: number): number {
  return trained / (frozen + trained);
}
