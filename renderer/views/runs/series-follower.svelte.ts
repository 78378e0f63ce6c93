/** Follows a run's measurements: all of them once, then only what came since, for as long as a page shows them. */
import { untrack } from 'svelte';
import { type ErrorRecord, toErrorRecord } from '../../../engine/contract/errors.ts';
import type { RunSeries } from '../../../engine/contract/runs.ts';
import { connection } from '../../state/connection.svelte.ts';
import { changes } from '../../state/query.svelte.ts';
import { withAnswer } from './series-data.ts';

/** Rows that are asked for at first; what comes later is added, up to so many. Then they are thinned out anew. */
const POINTS = 2000;
const MOST_ROWS = 6000;
/** Another process says nothing when it has done a step: it is asked. In milliseconds. */
const ASK_EVERY = 2000;

export class SeriesFollower {
  series = $state.raw<RunSeries>();
  error = $state.raw<ErrorRecord>();
  #busy = false;
  #again = false;
  #ours: { readonly run: string; readonly signal: AbortSignal } | undefined;

  /** To be made while a component is set up. `isRunning` says whether the run may grow without a word. */
  constructor(run: () => string, isRunning: () => boolean) {
    $effect(() => {
      void connection.generation;
      const own = run();
      const left = new AbortController();
      this.series = undefined;
      this.#busy = false;
      this.#ours = { run: own, signal: left.signal };
      untrack(this.retry);
      const stop = connection.listen((event) => {
        const isBack = this.error !== undefined && event.type === 'engine' && event.state === 'started';
        if (isBack || changes('runs', own)(event)) this.retry();
      });
      return () => {
        stop();
        left.abort();
      };
    });
    $effect(() => {
      if (!isRunning()) return;
      const timer = setInterval(this.retry, ASK_EVERY);
      return () => clearInterval(timer);
    });
  }

  /** Asks for what is new. */
  readonly retry = (): void => {
    if (this.#ours !== undefined) void this.#ask(this.#ours.run, this.#ours.signal);
  };

  async #ask(run: string, signal: AbortSignal): Promise<void> {
    if (this.#busy) {
      this.#again = true;
      return;
    }
    this.#busy = true;
    do {
      this.#again = false;
      const had = this.series !== undefined && this.series.step.length <= MOST_ROWS ? this.series : undefined;
      try {
        const answer = await connection.call('runs.series', { run, points: POINTS, cursor: had?.cursor }, { signal });
        if (signal.aborted) return;
        this.series = withAnswer(had, answer);
        this.error = undefined;
      } catch (cause) {
        if (signal.aborted) return;
        this.error = toErrorRecord(cause);
      }
    } while (this.#again);
    this.#busy = false;
  }
}
