/** Where the configs of several runs differ, and nothing else. */

export interface ConfigDifference {
  /** Dotted path of the field. */
  readonly path: string;
  /** One value for each config, in their order; undefined where a config has no such field. */
  readonly values: readonly unknown[];
}

/** The settings of a config by dotted path; a list is one value. */
export function* configLeaves(value: object, prefix = ''): Generator<[path: string, value: unknown]> {
  for (const [key, inner] of Object.entries(value)) {
    const path = prefix + key;
    if (typeof inner === 'object' && inner !== null && !Array.isArray(inner)) yield* configLeaves(inner, `${path}.`);
    else yield [path, inner];
  }
}

/** The fields that are not equal in all configs, in the order of their first appearance. Takes configs of any age. */
export function configDifferences(configs: readonly object[]): ConfigDifference[] {
  const tables = configs.map((config) => new Map(configLeaves(config)));
  const paths = new Set(tables.flatMap((table) => [...table.keys()]));
  return [...paths]
    .map((path) => ({ path, values: tables.map((table) => table.get(path)) }))
    .filter(({ values }) => new Set(values.map((value) => JSON.stringify(value))).size > 1);
}
