/** Greedy search for one prompt: the likeliest id at each step. */
import type { Answer, Continuation, RunningBeam, Search } from './search.ts';

export class GreedySearch implements Search {
  readonly #maxLength: number;
  readonly #eosId: number;
  #beam: RunningBeam = { ids: [], logProbability: 0, origin: 0 };
  #done = false;

  /** `maxLength` is the most ids of the answer, the end id among them. */
  constructor(maxLength: number, eosId: number) {
    this.#maxLength = maxLength;
    this.#eosId = eosId;
  }

  get running(): readonly RunningBeam[] {
    return this.#done ? [] : [this.#beam];
  }

  get done(): boolean {
    return this.#done;
  }

  advance([continuations]: readonly (readonly Continuation[])[]): void {
    const { id, logProbability } = continuations![0]!;
    const { ids, logProbability: sum } = this.#beam;
    this.#beam = { ids: [...ids, id], logProbability: sum + logProbability, origin: 0 };
    this.#done = id === this.#eosId || this.#beam.ids.length === this.#maxLength;
  }

  /** One answer, scored by the sum of its log-probabilities; none before the search is done. */
  best(): Answer[] {
    const { ids, logProbability } = this.#beam;
    return this.#done ? [{ ids, score: logProbability }] : [];
  }
}
