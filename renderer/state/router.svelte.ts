/** Where the page is: the route of the address, and ways to go elsewhere. Views show themselves by it and change it. */
import { untrack } from 'svelte';
import { hrefOf, type Query, type Route, type RouteName, readRoute } from '../lib/page-routes.ts';

const placeOf = (hash: string): string => hash.split('?')[0]!;

class Router {
  #hash = $state(location.hash);
  /** Undefined where the address is none of ours. */
  readonly route: Route | undefined = $derived(readRoute(this.#hash));
  /** Changes when another view or another thing is shown, not when only the query does. */
  readonly place: string = $derived(placeOf(this.#hash));

  #arrived = false;

  constructor() {
    addEventListener('hashchange', () => this.#read());
    addEventListener('popstate', () => this.#read());
  }

  /** True once after going elsewhere, where a new heading then takes the focus; never on the page's first place. */
  takeArrival(): boolean {
    const arrived = this.#arrived;
    this.#arrived = false;
    return arrived;
  }

  /** The value of a query key, '' where it is not there. */
  query(key: string): string {
    return this.route?.query[key] ?? '';
  }

  go<Name extends RouteName>(name: Name, ...rest: Rest<Name>): void {
    this.#set((hrefOf as AnyHref)(name, ...rest), false);
  }

  /** Changes query values and leaves the others; '' takes one away. No entry in the history, unless asked: filters are not places. */
  setQuery(changes: Record<string, string>, { history: keep = false } = {}): void {
    const route = untrack(() => this.route);
    if (route === undefined) return;
    const query: Query = { ...route.query, ...changes };
    this.#set((hrefOf as AnyHref)(route.name, route.params, query), !keep);
  }

  #set(href: string, replace: boolean): void {
    if (href === location.hash) return;
    if (replace) history.replaceState(null, '', href);
    else history.pushState(null, '', href);
    this.#read(!replace || placeOf(href) !== placeOf(untrack(() => this.#hash)));
  }

  #read(arrived = true): void {
    this.#hash = location.hash;
    if (arrived) this.#arrived = true;
  }
}

/** What the compiler cannot see through: that name and parameters go together is checked where they are given. */
type AnyHref = (...parts: unknown[]) => string;

type Rest<Name extends RouteName> = Parameters<typeof hrefOf<Name>> extends [unknown, ...infer Tail] ? Tail : never;

export const router = new Router();
