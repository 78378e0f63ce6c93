/** The pictures that pass the filters, as rows of the grid. */
import type { BrowsedImage, BrowseQuery } from '../../../engine/contract/datasets.ts';
import { createPagedQuery, type PagedQuery } from '../../state/paged-query.svelte.ts';
import { changes } from '../../state/query.svelte.ts';

/** About a screen: the first answer has no more than is seen. */
const PAGE_SIZE = 60;
/** Some 7,000 pictures' words, a few megabytes. */
const KEPT_PAGES = 120;

/** To be called while a component is set up. `params` may read reactive state. */
export function createPictureRows(
  dataset: string,
  params: () => Omit<BrowseQuery, 'limit' | 'offset'>,
): PagedQuery<'datasets.browse', BrowsedImage> {
  return createPagedQuery('datasets.browse', params, {
    rowsOf: ({ images }) => images,
    touches: changes('datasets', dataset),
    pageSize: PAGE_SIZE,
    keep: KEPT_PAGES,
  });
}
