/** What greedy and beam search have in common: one prompt, an id at a time. No model, numbers only. */

/** One id that may follow a beam. */
export interface Continuation {
  readonly id: number;
  readonly logProbability: number;
}

/** An unfinished answer. */
export interface RunningBeam {
  /** Without the start id. */
  readonly ids: readonly number[];
  /** Sum over `ids`. */
  readonly logProbability: number;
  /** Which running beam of the step before this one continues. */
  readonly origin: number;
}

/** A finished answer: ids without the start id, up to and with the end id unless the longest length came first. */
export interface Answer {
  readonly ids: readonly number[];
  readonly score: number;
}

export interface Search {
  /** Best first. */
  readonly running: readonly RunningBeam[];
  readonly done: boolean;
  /** One step: continuations[i] are the likeliest of running beam i, as many as the search asks for. */
  advance(continuations: readonly (readonly Continuation[])[]): void;
  /** The best answers so far, best first: `count` of them, or fewer where there are no more. */
  best(count: number): Answer[];
}
