/** From what a person wrote (a JSON file, `key=value` settings) to a complete training config, or an error that names the field. */
import { DeptError } from '../common/errors.ts';
import { parseJsonText } from '../common/json-text.ts';
import { type ChosenNames, configFields, fieldAt, isGroup, suggestion } from './config-fields.ts';
import {
  namedGroups,
  relativeStepDefaults,
  type TrainConfig,
  taskDefaults,
  trainConfigSchema,
} from './train-config.ts';

export { parseJsonText }; // a page reads nothing of the engine but the contract

/** Groups with a field that has no default, so that an error names the field and not the group. */
const emptyGroups = {
  dataset: {},
  vision: {},
  language: {},
  method: { name: namedGroups.method },
  optimiser: { name: namedGroups.optimiser },
};

export type Fields = { readonly [key: string]: unknown };

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** `over` on top of `base`, field by field; of another method's or optimiser's settings none are kept: its fields are others. */
export function layOver(base: Fields, over: Fields): Fields {
  const before = chosenIn(base);
  const replaced = Object.keys(namedGroups).filter((group) => {
    const name = valueAt(over, [group, 'name']);
    return name !== undefined && name !== before[group];
  });
  return merge({ ...base, ...Object.fromEntries(replaced.map((group) => [group, {}])) }, over);
}

/** `over` on top of `base`, group by group. */
function merge(base: Fields, over: Fields): Fields {
  const merged: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(over)) {
    const below = merged[key];
    merged[key] = isFields(below) && isFields(value) ? merge(below, value) : value;
  }
  return merged;
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((part, key) => (part as Fields | null | undefined)?.[key as string], value);
}

function chosenIn(config: Fields): ChosenNames {
  const names = Object.entries(namedGroups).map(([group, usual]) => {
    const name = valueAt(config, [group, 'name']);
    return [group, typeof name === 'string' ? name : usual];
  });
  return Object.fromEntries(names);
}

function unknownKey(path: string, chosen: ChosenNames): DeptError {
  return new DeptError('bad-config', `Unknown setting "${path}"`, { path, remedy: suggestion(path, chosen) });
}

/** What is allowed at a path, in words; a name may be that of any variant. */
function allowedAt(path: string, chosen: ChosenNames): string {
  const names = path.endsWith('.name') ? configFields().filter((field) => field.path === path) : [];
  if (names.length > 0) return names.map((field) => field.type).join(' | ');
  return fieldAt(path, chosen)?.type ?? 'a group of settings';
}

/** Zod's issues as our errors: one for each field in trouble. */
function problemsOf(issues: TrainIssues, input: Fields): DeptError[] {
  const chosen = chosenIn(input);
  return issues.flatMap((issue) => {
    const path = issue.path.join('.');
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => unknownKey(path === '' ? key : `${path}.${key}`, chosen));
    }
    if (issue.code === 'custom') return [new DeptError('bad-config', issue.message, { path })];
    const got = valueAt(input, issue.path);
    const message = got === undefined ? `"${path}" is missing` : `"${path}" has a wrong value`;
    const expected = allowedAt(path, chosen);
    return [
      new DeptError('bad-config', message, { path, expected, ...(got !== undefined && { got: JSON.stringify(got) }) }),
    ];
  });
}

type TrainIssues = NonNullable<ReturnType<typeof trainConfigSchema.safeParse>['error']>['issues'];

/** One problem stands for itself; several become one error that lists them all. */
function oneError(problems: readonly DeptError[]): DeptError {
  if (problems.length === 1) return problems[0]!;
  const list = problems.map(({ message, details: { expected, got, remedy } }) => {
    const notes = [expected && `expected ${expected}`, got && `got ${got}`, remedy].filter(Boolean).join(', ');
    return notes === '' ? `  - ${message}` : `  - ${message}: ${notes}`;
  });
  return new DeptError('bad-config', `${problems.length} problems in the training config:\n${list.join('\n')}`);
}

/**
 * Fills in the defaults, the ones that depend on the task or the schedule included, and checks every field: the config, or a
 * problem for each field in trouble, which names the nearest known key or what is allowed.
 */
export function checkTrainConfig(
  input: Fields,
): { readonly config: TrainConfig } | { readonly problems: readonly DeptError[] } {
  const ofTask = taskDefaults[input.task === 'caption' ? 'caption' : 'vqa'];
  const ofSchedule = valueAt(input, ['schedule', 'name']) === 'relative-step' ? relativeStepDefaults : {};
  const filled = layOver(merge(merge(emptyGroups, ofTask), ofSchedule), input);
  const result = trainConfigSchema.safeParse(filled);
  return result.success ? { config: result.data } : { problems: problemsOf(result.error.issues, filled) };
}

/** As `checkTrainConfig`. Throws `bad-config` with all problems. */
export function parseTrainConfig(input: unknown): TrainConfig {
  if (!isFields(input)) {
    throw new DeptError('bad-config', 'A training config is a JSON object', { got: JSON.stringify(input) });
  }
  const checked = checkTrainConfig(input);
  if ('config' in checked) return checked.config;
  throw oneError(checked.problems);
}

/**
 * Lays `path=value` settings over a config, later ones over earlier ones; the result is still to be parsed.
 * A value is JSON where it parses as JSON and the field takes more than text (or is null, where that is allowed), else plain text.
 * Throws `bad-config` for a setting without `=` or with a path that no config has.
 */
export function applySettings(config: Fields, settings: readonly string[]): Fields {
  return settings.reduce((result, setting) => {
    const equals = setting.indexOf('=');
    if (equals < 1) {
      throw new DeptError('bad-config', 'A setting has no value', { expected: 'path=value', got: setting });
    }
    const path = setting.slice(0, equals).trim();
    const text = setting.slice(equals + 1);
    const known = configFields().some((field) => field.path === path);
    if (!known && !isGroup(path)) throw unknownKey(path, chosenIn(result));
    const field = configFields().find((one) => one.path === path && one.textOnly);
    const isNothing = field?.input.kind === 'text' && field.input.nullable && text === 'null';
    const value = field === undefined || isNothing ? parsed(text) : text;
    return layOver(result, path.split('.').reduceRight<unknown>((inner, key) => ({ [key]: inner }), value) as Fields);
  }, config);
}

function parsed(text: string): unknown {
  try {
    return parseJsonText(text);
  } catch {
    return text;
  }
}
