/**
 * Beam search for one prompt: which beams go on, which answers are finished, when to stop. As `_beam_search` of
 * transformers 5 does it, in float32 as there, so that what is equal or nearly equal there is so here.
 */
import type { Answer, Continuation, RunningBeam, Search } from './search.ts';

/** What decides a search; the same rules as transformers' generate() has under these names. */
export interface BeamRules {
  /** Beams kept at each step, and answers kept in the end. */
  readonly beams: number;
  /** The most ids of an answer, the end id among them; what runs at this length counts as finished. */
  readonly maxLength: number;
  /** p in score = sum of log-probabilities / length^p: above 0 favours long answers, below 0 short ones. */
  readonly lengthPenalty: number;
  /**
   * Once there are `beams` answers: stop at once (true), or while the best running beam would displace none of them if
   * it ended as long as it is (false), or at the length at which it would score best ('never').
   */
  readonly earlyStopping: boolean | 'never';
  readonly eosId: number;
}

interface FinishedBeam {
  readonly beam: RunningBeam;
  readonly score: number;
}

/**
 * What transformers adds to the sum of a beam that is not to be chosen. Such beams are chosen all the same where rules
 * leave fewer than `beams` others; they take part in the search as there, but are no answers.
 */
const UNWANTED = -1e9;

/** How many continuations of each running beam `advance` needs: each beam may lose one of them to the end id. */
export function continuationsNeeded({ beams }: Pick<BeamRules, 'beams'>): number {
  return 2 * beams;
}

/** Starts with one empty beam; `advance` takes it one id further, until `done`. */
export class BeamSearch implements Search {
  readonly #rules: BeamRules;
  #running: readonly RunningBeam[] = [{ ids: [], logProbability: 0, origin: 0 }];
  /** At most `beams`, best first; the older one first where scores are equal. */
  #finished: readonly FinishedBeam[] = [];
  #done = false;

  constructor(rules: BeamRules) {
    this.#rules = rules;
  }

  /** One beam at the start, `beams` after that. */
  get running(): readonly RunningBeam[] {
    return this.#running;
  }

  get done(): boolean {
    return this.#done;
  }

  best(count: number): Answer[] {
    return this.#finished
      .filter(({ beam }) => beam.logProbability > UNWANTED)
      .slice(0, count)
      .map(({ beam, score }) => ({ ids: beam.ids, score }));
  }

  /**
   * Needs `continuationsNeeded` of each running beam, or the whole vocabulary. Of equally likely candidates the one of
   * the earlier beam comes first, within a beam the one with the lower id (torch.topk promises no order).
   */
  advance(continuations: readonly (readonly Continuation[])[]): void {
    const { beams, maxLength, eosId } = this.#rules;
    const candidates = this.#parents()
      .flatMap((parent, place) => {
        const origin = Math.min(place, continuations.length - 1); // at the start all places hold the one empty beam
        return continuations[origin]!.map(({ id, logProbability }) => ({
          ...{ parent, place, origin, id },
          logProbability: Math.fround(parent.logProbability + logProbability),
        }));
      })
      .sort((a, b) => descending(a.logProbability, b.logProbability) || a.place - b.place || a.id - b.id)
      .slice(0, continuationsNeeded(this.#rules))
      .map(({ parent, id, origin, logProbability }) => ({ ids: [...parent.ids, id], origin, logProbability }));

    const atLimit = candidates[0]!.ids.length === maxLength;
    const ends = ({ ids }: RunningBeam): boolean => atLimit || ids.at(-1) === eosId;
    // only the first `beams` candidates may finish; those behind them stand by in case these end
    const ended = candidates.slice(0, beams).filter(ends);
    this.#finished = [...this.#finished, ...ended.map((beam) => ({ beam, score: this.#score(beam, beam.ids.length) }))]
      .filter(({ score }) => score > UNWANTED)
      .sort((a, b) => b.score - a.score)
      .slice(0, beams);
    this.#running = candidates
      .map((beam) => (ends(beam) ? { ...beam, logProbability: Math.fround(beam.logProbability + UNWANTED) } : beam))
      .sort((a, b) => descending(a.logProbability, b.logProbability))
      .slice(0, beams);
    this.#done = atLimit || !this.#canImprove();
  }

  /** What is continued: at the start the empty beam and, as in transformers, copies of it that are unwanted. */
  #parents(): readonly RunningBeam[] {
    const [first] = this.#running;
    if (first!.ids.length > 0) return this.#running;
    const copy = { ...first!, logProbability: UNWANTED };
    return [first!, ...Array<RunningBeam>(this.#rules.beams - 1).fill(copy)];
  }

  /** Whether the best running beam could still become an answer that is kept. */
  #canImprove(): boolean {
    const { beams, maxLength, lengthPenalty, earlyStopping } = this.#rules;
    const full = this.#finished.length === beams;
    if (full && earlyStopping === true) return false;
    const best = this.#running[0]!;
    const length = earlyStopping === 'never' && lengthPenalty > 0 ? maxLength : best.ids.length;
    return this.#score(best, length) > (full ? this.#finished.at(-1)!.score : UNWANTED);
  }

  #score({ logProbability }: RunningBeam, length: number): number {
    return Math.fround(logProbability / Math.fround(length ** this.#rules.lengthPenalty));
  }
}

/** For sorting; unlike b - a it holds where both are minus infinity. */
function descending(a: number, b: number): number {
  return a === b ? 0 : b - a;
}
