/** What a view shows, read from the host and kept up to date: asked anew when its params or what it is about change. */
import type { PageCalls, PageParams, PageResult } from '../../engine/contract/api.ts';
import type { ErrorRecord } from '../../engine/contract/errors.ts';
import { toErrorRecord } from '../../engine/contract/errors.ts';
import type { AppEvent } from '../../engine/contract/events.ts';
import { connection } from './connection.svelte.ts';

export interface Query<Value> {
  /** The newest answer; stays while the next one is on its way. */
  readonly value: Value | undefined;
  /** Why the newest question had no answer. */
  readonly error: ErrorRecord | undefined;
  readonly loading: boolean;
  reload(): void;
}

/**
 * To be called while a component is set up. `params` may read reactive state; undefined asks nothing. `touches` says
 * which events make the answer old.
 */
export function createQuery<Name extends keyof PageCalls & string>(
  name: Name,
  params: () => PageParams<Name> | undefined,
  touches: (event: AppEvent) => boolean = () => false,
): Query<PageResult<Name>> {
  let value = $state.raw<PageResult<Name>>();
  let error = $state.raw<ErrorRecord>();
  let loading = $state(true);
  let reloads = $state(0);
  /** Something changed while an answer was on its way: that answer is old already. */
  let stale = false;

  const ask = async (own: PageParams<Name>, signal: AbortSignal): Promise<void> => {
    loading = true;
    do {
      stale = false;
      try {
        const answer = await connection.call(name, own, { signal });
        if (signal.aborted) return;
        value = answer;
        error = undefined;
      } catch (cause) {
        if (signal.aborted) return;
        error = toErrorRecord(cause);
      }
    } while (stale);
    loading = false;
  };

  const reload = (): void => {
    if (loading) stale = true;
    else reloads += 1;
  };

  $effect(() => {
    void reloads;
    void connection.generation;
    const own = params();
    if (own === undefined) {
      value = undefined;
      error = undefined;
      loading = false;
      return undefined;
    }
    const left = new AbortController();
    void ask(own, left.signal);
    return () => left.abort();
  });

  $effect(() =>
    connection.listen((event) => {
      if (touches(event) || (error?.code === 'interrupted' && isRestart(event))) reload();
    }),
  );

  return {
    get value() {
      return value;
    },
    get error() {
      return error;
    },
    get loading() {
      return loading;
    },
    reload,
  };
}

/** A process of the engine is there again: what the one before it did not answer can be asked anew. */
export function isRestart(event: AppEvent): boolean {
  return event.type === 'engine' && event.state === 'started';
}

/** For `touches`: something of this kind changed, of this name where one is given. */
export function changes(what: Extract<AppEvent, { type: 'changed' }>['what'], name?: string) {
  return (event: AppEvent): boolean =>
    event.type === 'changed' &&
    event.what === what &&
    (name === undefined || event.name === undefined || event.name === name);
}
