/** A long list of the host's, as rows: the first page tells how many there are, the others come as they are seen. */
import { untrack } from 'svelte';
import type { PageCalls, PageParams, PageResult } from '../../engine/contract/api.ts';
import { type ErrorRecord, toErrorRecord } from '../../engine/contract/errors.ts';
import type { AppEvent } from '../../engine/contract/events.ts';
import { PagedRows } from '../lib/paged-rows.ts';
import { connection } from './connection.svelte.ts';
import { createQuery, isRestart } from './query.svelte.ts';

/** Calls that answer a page of a list, told from where on and how many. */
export type PagedCall = 'datasets.browse' | 'evaluations.items' | 'evaluations.compare';

export interface PagedQuery<Call extends keyof PageCalls, Row> {
  /** Undefined until the first answer; those of the params before stay until the new ones are here. */
  readonly rows: PagedRows<Row> | undefined;
  /** The whole first answer. */
  readonly first: PageResult<Call> | undefined;
  readonly loading: boolean;
  readonly error: ErrorRecord | undefined;
  reload(): void;
}

export interface PagedQueryOptions<Call extends PagedCall, Row> {
  readonly rowsOf: (answer: PageResult<Call>) => readonly Row[];
  /** As for `createQuery`. */
  readonly touches: (event: AppEvent) => boolean;
  readonly pageSize: number;
  /** How many pages are kept; unless given, as many as `PagedRows` keeps. */
  readonly keep?: number;
}

/** To be called while a component is set up. `params` may read reactive state. */
export function createPagedQuery<Call extends PagedCall, Row>(
  call: Call,
  params: () => Omit<PageParams<Call>, 'limit' | 'offset'>,
  { rowsOf, touches, pageSize, keep }: PagedQueryOptions<Call, Row>,
): PagedQuery<Call, Row> {
  const page = (own: Omit<PageParams<Call>, 'limit' | 'offset'>, place: { limit: number; offset?: number }) =>
    ({ ...own, ...place }) as unknown as PageParams<Call>;
  const first = createQuery(call, () => page(params(), { limit: pageSize }), touches);
  let failure = $state.raw<ErrorRecord>();
  const rows = $derived.by(() => {
    const answer = first.value;
    if (answer === undefined) return undefined;
    const own = untrack(params);
    return new PagedRows<Row>({
      length: answer.total,
      pageSize,
      ...(keep !== undefined && { keep }),
      around: 1,
      start: rowsOf(answer),
      fetch: async (offset, limit, signal) => {
        const next = await connection.call(call, page(own, { limit, offset }), { signal });
        failure = undefined;
        return rowsOf(next);
      },
      onerror: (cause) => {
        failure = toErrorRecord(cause);
      },
    });
  });
  const reload = (): void => {
    failure = undefined;
    first.reload();
  };
  // A page that was on its way when the process was lost.
  $effect(() =>
    connection.listen((event) => {
      if (failure?.code === 'interrupted' && isRestart(event)) reload();
    }),
  );
  return {
    get rows() {
      return rows;
    },
    get first() {
      return first.value;
    },
    get loading() {
      return first.loading;
    },
    get error() {
      return first.error ?? failure;
    },
    reload,
  };
}
