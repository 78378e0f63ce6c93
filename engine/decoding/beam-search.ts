/** Beam search for one prompt: which beams go on, which answers are finished, when to stop. No model, numbers only. */

/** What decides a search; the same rules as transformers' generate() has under these names. */
export interface BeamRules {
  /** Beams kept at each step, and answers kept in the end. */
  readonly beams: number;
  /** The most ids of an answer, the end id among them; what runs at this length counts as finished. */
  readonly maxLength: number;
  /** p in score = sum of log-probabilities / length^p: above 0 favours long answers, below 0 short ones. */
  readonly lengthPenalty: number;
  /** Stop at the first `beams` finished answers; otherwise go on while the best running beam could still displace one. */
  readonly earlyStopping: boolean;
  readonly eosId: number;
}

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

/** A finished answer: ids without the start id, up to and with the end id unless `maxLength` came first. */
export interface Answer {
  readonly ids: number[];
  readonly score: number;
}

/** Greedy search is a search of one beam that stops at its first answer and scores by the plain sum. */
export function greedyRules(maxLength: number, eosId: number): BeamRules {
  return { beams: 1, maxLength, lengthPenalty: 0, earlyStopping: true, eosId };
}

/** How many continuations of each running beam `advance` needs: each beam may lose one of them to the end id. */
export function continuationsNeeded({ beams }: Pick<BeamRules, 'beams'>): number {
  return 2 * beams;
}

/** Starts with one empty beam; `advance` takes it one id further, until `done`. */
export class BeamSearch {
  readonly #rules: BeamRules;
  #running: readonly RunningBeam[] = [{ ids: [], logProbability: 0, origin: 0 }];
  /** At most `beams`, best first; the older one first where scores are equal. */
  #finished: readonly Answer[] = [];
  #done = false;

  constructor(rules: BeamRules) {
    this.#rules = rules;
  }

  /** Best first: one beam at the start, `beams` after that. */
  get running(): readonly RunningBeam[] {
    return this.#running;
  }

  get done(): boolean {
    return this.#done;
  }

  /** The best answers so far, best first. */
  best(count: number): Answer[] {
    return this.#finished.slice(0, count);
  }

  /**
   * One step: continuations[i] are the likeliest of running beam i, `continuationsNeeded` or more. Of equally likely
   * candidates the one of the earlier beam comes first, within a beam the one with the lower id.
   */
  advance(continuations: readonly (readonly Continuation[])[]): void {
    const { beams, maxLength, eosId } = this.#rules;
    const candidates = this.#running
      .flatMap((beam, origin) =>
        continuations[origin]!.map(({ id, logProbability }) => ({
          beam,
          origin,
          id,
          logProbability: beam.logProbability + logProbability,
        })),
      )
      .sort((a, b) => b.logProbability - a.logProbability || a.origin - b.origin || a.id - b.id)
      .slice(0, continuationsNeeded(this.#rules))
      .map(({ beam, id, ...rest }) => ({ ...rest, ids: [...beam.ids, id], ends: id === eosId }));

    const atLimit = candidates[0]!.ids.length === maxLength;
    // only the first `beams` candidates may finish; those behind them stand by in case these end
    const ended = candidates.slice(0, beams).filter(({ ends }) => ends || atLimit);
    this.#finished = [...this.#finished, ...ended.map(({ ids, logProbability }) => this.#answer(ids, logProbability))]
      .sort((a, b) => b.score - a.score)
      .slice(0, beams);
    this.#running = atLimit ? [] : candidates.filter(({ ends }) => !ends).slice(0, beams);
    this.#done = atLimit || (this.#finished.length === beams && !this.#canImprove());
  }

  /** Whether the best running beam, ending as it is, would displace a finished answer. */
  #canImprove(): boolean {
    if (this.#rules.earlyStopping) return false;
    const { ids, logProbability } = this.#running[0]!;
    return this.#answer(ids, logProbability).score > this.#finished.at(-1)!.score;
  }

  #answer(ids: readonly number[], logProbability: number): Answer {
    return { ids: [...ids], score: logProbability / ids.length ** this.#rules.lengthPenalty };
  }
}
