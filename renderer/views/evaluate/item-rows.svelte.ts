/** The items of an evaluation that pass the filters, as rows of a list: fetched page by page as they come into view. */
import { untrack } from 'svelte';
import type { PageParams, PageResult } from '../../../engine/contract/api.ts';
import { type ErrorRecord, toErrorRecord } from '../../../engine/contract/errors.ts';
import { PagedRows } from '../../lib/paged-rows.ts';
import { connection } from '../../state/connection.svelte.ts';
import { changes, createQuery, isRestart } from '../../state/query.svelte.ts';

const PAGE_SIZE = 60;

type ItemsCall = 'evaluations.items' | 'evaluations.compare';

export interface ItemRows<Call extends ItemsCall> {
  /** Undefined until the first answer; those of the filters before stay until the new ones are here. */
  readonly rows: PagedRows<PageResult<Call>['items'][number]> | undefined;
  /** The whole first answer. */
  readonly first: PageResult<Call> | undefined;
  readonly loading: boolean;
  readonly error: ErrorRecord | undefined;
  reload(): void;
}

/** To be called while a component is set up. `params` may read reactive state. */
export function createItemRows<Call extends ItemsCall>(call: Call, params: () => PageParams<Call>): ItemRows<Call> {
  type Item = PageResult<Call>['items'][number];
  const first = createQuery(call, () => ({ ...params(), limit: PAGE_SIZE }), changes('evaluations'));
  let failure = $state.raw<ErrorRecord>();
  const rows = $derived.by(() => {
    const page = first.value;
    if (page === undefined) return undefined;
    const filters = untrack(params);
    return new PagedRows<Item>({
      length: page.total,
      pageSize: PAGE_SIZE,
      around: 1,
      start: page.items as readonly Item[],
      fetch: async (offset, limit, signal) => {
        const { items } = await connection.call(call, { ...filters, limit, offset }, { signal });
        failure = undefined;
        return items as readonly Item[];
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
