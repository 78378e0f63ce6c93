/** A query of the library that asks again by itself when the engine is back after an error. */
import type { PageCalls, PageParams, PageResult } from '../../../engine/contract/api.ts';
import type { AppEvent } from '../../../engine/contract/events.ts';
import { changes, createQuery, type Query } from '../../state/query.svelte.ts';

/** `dataset`: the one whose changes make the answer old; missing: any. */
export function createLibraryQuery<Name extends keyof PageCalls & string>(
  name: Name,
  params: () => PageParams<Name> | undefined,
  dataset?: string,
): Query<PageResult<Name>> {
  const changed = changes('datasets', dataset);
  const isBack = (event: AppEvent): boolean => event.type === 'engine' && event.state === 'started';
  // Not while a question is under way: one that ends the engine would then be asked for ever.
  const query = createQuery(
    name,
    params,
    (event) => changed(event) || (isBack(event) && query.error !== undefined && !query.loading),
  );
  return query;
}
