/** Keeps an estimate of what a run will cost, while its settings change: asked for when they rest, given up when they move on. */
import { type ErrorRecord, toErrorRecord } from '../../../engine/contract/errors.ts';
import type { Estimate } from '../../../engine/contract/estimate.ts';
import type { TrainConfig } from '../../../engine/contract/train-config.ts';
import { connection } from '../../state/connection.svelte.ts';

/** How long settings must rest, in milliseconds. */
const REST = 500;

export class EstimateFollower {
  value = $state.raw<Estimate>();
  error = $state.raw<ErrorRecord>();
  /** The value is of settings that have changed since. */
  stale = $state(false);
  #retries = $state(0);

  /** To be made while a component is set up. Undefined: the settings are not complete. */
  constructor(config: () => TrainConfig | undefined) {
    // Two configs that say the same are one question.
    const wanted = $derived(JSON.stringify(config()));
    $effect(() => {
      void connection.generation;
      void this.#retries;
      this.stale = true;
      if (wanted === undefined) return;
      const own: TrainConfig = JSON.parse(wanted);
      const left = new AbortController();
      const timer = setTimeout(() => void this.#ask(own, left.signal), REST);
      return () => {
        clearTimeout(timer);
        left.abort();
      };
    });
  }

  readonly retry = (): void => {
    this.#retries += 1;
  };

  async #ask(config: TrainConfig, signal: AbortSignal): Promise<void> {
    try {
      const value = await connection.call('train.estimate', { config }, { signal });
      if (signal.aborted) return;
      this.value = value;
      this.error = undefined;
    } catch (cause) {
      if (signal.aborted) return;
      this.error = toErrorRecord(cause);
    }
    this.stale = false;
  }
}
