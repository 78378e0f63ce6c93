/** The page's addresses, `#/runs/my-run?step=200`: which there are, how one is written and read. Pure, without a browser. */

/** Path patterns by name; `:part` is a parameter. The first part of the path is the place in the navigation. */
export const routePatterns = {
  home: '/',
  datasets: '/datasets',
  dataset: '/datasets/:name',
  models: '/models',
  model: '/models/:name',
  train: '/train',
  runs: '/runs',
  run: '/runs/:run',
  compare: '/compare',
  evaluate: '/evaluate',
  evaluation: '/evaluate/:evaluation',
  playground: '/playground',
  settings: '/settings',
  gallery: '/gallery',
} as const;

export type RouteName = keyof typeof routePatterns;

type Parts<Pattern extends string> = Pattern extends `${string}:${infer Part}/${infer Rest}`
  ? Part | Parts<Rest>
  : Pattern extends `${string}:${infer Part}`
    ? Part
    : never;

/** The parameters in the path of a route: `{ name: string }` for `dataset`. */
export type RouteParams<Name extends RouteName> = { readonly [Part in Parts<(typeof routePatterns)[Name]>]: string };

/** What stands after the `?`; a view reads the keys it knows. */
export type Query = Readonly<Record<string, string>>;

export type Route = {
  readonly [Name in RouteName]: { readonly name: Name; readonly params: RouteParams<Name>; readonly query: Query };
}[RouteName];

/** Where an empty address leads. */
export const firstRoute = 'home' satisfies RouteName;

/** The address of a route, for `href`. Empty and missing query values are left out. */
export function hrefOf<Name extends RouteName>(
  name: Name,
  ...[params, query]: [Parts<(typeof routePatterns)[Name]>] extends [never]
    ? [params?: RouteParams<Name>, query?: Record<string, string | undefined>]
    : [params: RouteParams<Name>, query?: Record<string, string | undefined>]
): string {
  const path = routePatterns[name].replace(/:(\w+)/g, (_, part: string) =>
    encodeURIComponent((params as Record<string, string> | undefined)?.[part] ?? ''),
  );
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(query ?? {})) {
    if (value !== undefined && value !== '') search.set(key, value);
  }
  const written = search.toString();
  return `#${path}${written === '' ? '' : `?${written}`}`;
}

function decoded(part: string): string | undefined {
  try {
    return decodeURIComponent(part);
  } catch {
    return undefined; // a lone % typed by hand: no such address
  }
}

/** The route of an address; undefined where none has this path. */
export function readRoute(hash: string): Route | undefined {
  const [path = '', search = ''] = splitOnce(hash.replace(/^#/, ''), '?');
  const given = path.split('/').filter((part) => part !== '');
  // The printed link carries its key where an address would be, until the connection takes it.
  if (given.length === 0 || path.startsWith('token=')) return { name: firstRoute, params: {}, query: {} };
  for (const [name, pattern] of Object.entries(routePatterns)) {
    const params = matchPath(pattern.split('/').slice(1), given);
    if (params !== undefined) {
      return { name, params, query: Object.fromEntries(new URLSearchParams(search)) } as unknown as Route;
    }
  }
  return undefined;
}

function matchPath(wanted: readonly string[], given: readonly string[]): Record<string, string> | undefined {
  if (wanted.length !== given.length) return undefined;
  const params: Record<string, string> = {};
  for (const [position, part] of wanted.entries()) {
    const value = decoded(given[position]!);
    if (value === undefined) return undefined;
    if (part.startsWith(':')) params[part.slice(1)] = value;
    else if (part !== value) return undefined;
  }
  return params;
}

function splitOnce(text: string, mark: string): [string, string?] {
  const at = text.indexOf(mark);
  return at === -1 ? [text] : [text.slice(0, at), text.slice(at + mark.length)];
}
