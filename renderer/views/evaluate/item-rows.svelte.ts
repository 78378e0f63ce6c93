/** The items of an evaluation that pass the filters, as rows of a list. */
import type { PageParams, PageResult } from '../../../engine/contract/api.ts';
import { createPagedQuery, type PagedQuery } from '../../state/paged-query.svelte.ts';
import { changes } from '../../state/query.svelte.ts';

const PAGE_SIZE = 60;

type ItemsCall = 'evaluations.items' | 'evaluations.compare';

/** To be called while a component is set up. `params` may read reactive state. */
export function createItemRows<Call extends ItemsCall>(
  call: Call,
  params: () => PageParams<Call>,
): PagedQuery<Call, PageResult<Call>['items'][number]> {
  return createPagedQuery(call, params, {
    rowsOf: ({ items }): readonly PageResult<Call>['items'][number][] => items,
    touches: changes('evaluations'),
    pageSize: PAGE_SIZE,
  });
}
