/** The pictures that pass the filters, as rows of the grid: the first page tells how many, the others come as they are seen. */
import { untrack } from 'svelte';
import type { BrowsedImage, BrowseQuery } from '../../../engine/contract/datasets.ts';
import { type ErrorRecord, toErrorRecord } from '../../../engine/contract/errors.ts';
import { PagedRows } from '../../lib/paged-rows.ts';
import { connection } from '../../state/connection.svelte.ts';
import { changes, createQuery, isRestart } from '../../state/query.svelte.ts';

/** About two screens: one question to the engine for each screen scrolled. */
const PAGE_SIZE = 120;
/** Some 7,000 pictures' words, a few megabytes. */
const KEPT_PAGES = 60;

export interface PictureRows {
  /** Undefined until the first answer; those of the filters before stay until the new ones are here. */
  readonly rows: PagedRows<BrowsedImage> | undefined;
  readonly loading: boolean;
  readonly error: ErrorRecord | undefined;
  reload(): void;
}

/** To be called while a component is set up. `params` may read reactive state. */
export function createPictureRows(dataset: string, params: () => Omit<BrowseQuery, 'limit' | 'offset'>): PictureRows {
  const first = createQuery('datasets.browse', () => ({ ...params(), limit: PAGE_SIZE }), changes('datasets', dataset));
  let failure = $state.raw<ErrorRecord>();
  const rows = $derived.by(() => {
    const page = first.value;
    if (page === undefined) return undefined;
    const filters = untrack(params);
    return new PagedRows<BrowsedImage>({
      length: page.total,
      pageSize: PAGE_SIZE,
      keep: KEPT_PAGES,
      around: 1,
      start: page.images,
      fetch: async (offset, limit, signal) => {
        const { images } = await connection.call('datasets.browse', { ...filters, limit, offset }, { signal });
        failure = undefined;
        return images;
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
    get loading() {
      return first.loading;
    },
    get error() {
      return first.error ?? failure;
    },
    reload,
  };
}
