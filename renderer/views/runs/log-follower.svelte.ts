/** Follows a run's log: all lines once, then only those that came since. */
import { untrack } from 'svelte';
import { type ErrorRecord, toErrorRecord } from '../../../engine/contract/errors.ts';
import type { RunLog } from '../../../engine/contract/runs.ts';
import { connection } from '../../state/connection.svelte.ts';
import { changes } from '../../state/query.svelte.ts';

const ASK_EVERY = 2000;

export class LogFollower {
  lines = $state.raw<RunLog['lines']>();
  error = $state.raw<ErrorRecord>();
  #next = 0;
  #busy = false;
  #again = false;
  #ours: { readonly run: string; readonly signal: AbortSignal } | undefined;

  /** To be made while a component is set up. `isRunning` says whether lines may come without a word. */
  constructor(run: () => string, isRunning: () => boolean) {
    $effect(() => {
      void connection.generation;
      const own = run();
      const left = new AbortController();
      this.#ours = { run: own, signal: left.signal };
      this.#next = 0;
      this.#busy = false;
      untrack(this.retry);
      const stop = connection.listen((event) => {
        if (changes('runs', own)(event) || (event.type === 'engine' && event.state === 'started')) this.retry();
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
    this.#again = this.#busy;
    if (this.#busy) return;
    this.#busy = true;
    do {
      this.#again = false;
      try {
        const from = this.#next;
        const { lines, next } = await connection.call('runs.log', { run, from }, { signal });
        if (signal.aborted) return;
        if (from === 0) this.lines = lines;
        else if (lines.length > 0) this.lines = [...(this.lines ?? []), ...lines];
        this.#next = next;
        this.error = undefined;
      } catch (cause) {
        if (signal.aborted) return;
        this.error = toErrorRecord(cause);
      }
    } while (this.#again);
    this.#busy = false;
  }
}
