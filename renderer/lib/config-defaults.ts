/** A training config's settings beside the values that they have unless given. Pure. */
import type { Settings } from '../../engine/contract/app.ts';
import { configLeaves } from '../../engine/contract/config-differences.ts';
import { parseTrainConfig } from '../../engine/contract/parse-config.ts';

/** Settings that decide what the others are unless given, or that have no usual value. */
const deciding = [
  'task',
  'dataset.name',
  'vision.model',
  'language.model',
  'method.name',
  'optimiser.name',
  'schedule.name',
] as const;

type Fields = { readonly [key: string]: unknown };

export function settingAt(config: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((part, key) => (part as Fields | null | undefined)?.[key], config);
}

/** The config with one setting changed; undefined takes it out. */
export function withSetting(config: Fields, path: string, value: unknown): Fields {
  const [key, ...rest] = path.split('.');
  const { [key!]: inner, ...others } = config;
  if (rest.length === 0) return value === undefined ? others : { ...config, [key!]: value };
  const below = typeof inner === 'object' && inner !== null ? (inner as Fields) : {};
  const changed = withSetting(below, rest.join('.'), value);
  return Object.keys(changed).length === 0 ? others : { ...config, [key!]: changed };
}

/** The usual values by dotted path, for a config's task, method, optimiser and schedule; none for names that nobody knows. */
export function usualSettings(config: unknown): ReadonlyMap<string, unknown> {
  const placeholders: Fields = {
    task: 'vqa',
    dataset: { name: '-' },
    vision: { model: '-' },
    language: { model: '-' },
  };
  const start = deciding.reduce<Fields>((fields, path) => {
    const value = settingAt(config, path);
    return typeof value === 'string' && value !== '' ? withSetting(fields, path, value) : fields;
  }, placeholders);
  try {
    const usual = new Map(configLeaves(parseTrainConfig(start)));
    for (const path of ['task', 'dataset.name', 'vision.model', 'language.model']) usual.delete(path);
    return usual;
  } catch {
    return new Map();
  }
}

export function sameSetting(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** A value as a person reads it. */
export function settingText(value: unknown): string {
  if (value === undefined) return '';
  if (value === null) return 'none';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** What new runs compute on by the settings of the program, where that is not the usual. */
export function computingFields(settings: Settings | undefined): Fields {
  const { threads = null, device = 'cpu' } = settings ?? {};
  return { ...(threads !== null && { threads }), ...(device !== 'cpu' && { device }) };
}
