/** One side of the playground: a request on its way, what came of it. A new request takes the place of the one before. */

import type { PageParams } from '../../../engine/contract/api.ts';
import { type ErrorRecord, toErrorRecord } from '../../../engine/contract/errors.ts';
import type { TryResult } from '../../../engine/contract/try-out.ts';
import { connection } from '../../state/connection.svelte.ts';

export type Request = PageParams<'playground.try'>;

export interface Answered {
  readonly request: Request;
  readonly result: TryResult;
}

export class Trial {
  /** Of the last request that was answered; stays while the next one is on its way. */
  answered = $state.raw<Answered>();
  error = $state.raw<ErrorRecord>();
  busy = $state(false);
  #request: Request | undefined;
  #onAnswer: (() => void) | undefined;
  #way = new AbortController();

  /** To be made while a component is set up: what a restart of the engine or a lost connection cut off is asked again. */
  constructor() {
    $effect(() => {
      void connection.generation;
      const isCutOff = (): boolean => this.error?.code === 'interrupted';
      if (isCutOff()) this.retry();
      return connection.listen((event) => {
        if (isCutOff() && event.type === 'engine' && event.state === 'started') this.retry();
      });
    });
    $effect(() => () => this.#way.abort());
  }

  ask(request: Request, onAnswer: () => void): void {
    this.#request = request;
    this.#onAnswer = onAnswer;
    this.retry();
  }

  readonly retry = (): void => {
    if (this.#request !== undefined) void this.#ask(this.#request);
  };

  show(answered: Answered | undefined): void {
    this.cancel();
    this.#request = answered?.request;
    this.answered = answered;
    this.error = undefined;
  }

  readonly cancel = (): void => {
    this.#way.abort();
    this.busy = false;
  };

  async #ask(request: Request): Promise<void> {
    this.#way.abort();
    const way = new AbortController();
    this.#way = way;
    this.busy = true;
    this.error = undefined;
    try {
      const result = await connection.call('playground.try', request, { signal: way.signal });
      if (way.signal.aborted) return;
      this.answered = { request, result };
      this.#onAnswer?.();
    } catch (cause) {
      if (way.signal.aborted) return;
      this.error = toErrorRecord(cause);
    }
    this.busy = false;
  }
}
