/** The command line that trains with a config: the shortest `dept train` that comes out at exactly the same. */
import { configLeaves } from './config-differences.ts';
import { configFields } from './config-fields.ts';
import { type Fields, layOver, parseTrainConfig } from './parse-config.ts';
import { type Preset, presets, solvedSettings } from './presets.ts';
import { namedGroups, type TrainConfig } from './train-config.ts';

/** What `dept train` takes as flags of their own. */
export interface TrainFlags {
  readonly preset?: Preset | undefined;
  readonly dataset?: string | undefined;
  readonly task?: string | undefined;
  readonly vision?: string | undefined;
  readonly language?: string | undefined;
  readonly method?: string | undefined;
  readonly device?: string | undefined;
}

/** Where the flags stand in a config. */
export const flagPaths = {
  task: 'task',
  dataset: 'dataset.name',
  vision: 'vision.model',
  language: 'language.model',
  method: 'method.name',
  device: 'device',
} as const satisfies Record<Exclude<keyof TrainFlags, 'preset'>, string>;

/** Settings whose value decides the defaults of others. */
const deciding = ['schedule.name', ...Object.keys(namedGroups).map((group) => `${group}.name`)];

/** A config's part at these paths. */
function partOf(leaves: ReadonlyMap<string, unknown>, paths: readonly string[]): Fields {
  return paths.reduce<Fields>((fields, path) => {
    const part = path.split('.').reduceRight<unknown>((inner, key) => ({ [key]: inner }), leaves.get(path));
    return layOver(fields, part as Fields);
  }, {});
}

/** As `applySettings` reads it. */
function settingText(path: string, value: unknown): string {
  const textOnly = configFields().some((field) => field.path === path && field.textOnly);
  return textOnly || typeof value === 'string' ? String(value) : JSON.stringify(value);
}

/** As one word of a POSIX shell; PowerShell reads it the same, unless there is an apostrophe in it. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

/** The words of the command that starts from this preset, or from nothing. */
function wordsFrom(config: TrainConfig, preset: Preset | undefined): string[] {
  const wanted = new Map(configLeaves(config));
  const base: Fields = preset === undefined ? {} : { ...presets[preset](config.task) };
  const given = new Map(configLeaves(base));
  // What the program comes to when it is told only names: these the command must give, unless they come by themselves.
  const names = [...Object.values(flagPaths), ...deciding];
  const start = new Map(configLeaves(parseTrainConfig(layOver(base, partOf(wanted, names)))));
  const usual = new Map(Object.entries(namedGroups).map(([group, name]) => [`${group}.name`, name as unknown]));
  for (const path of ['schedule.name', 'device']) {
    usual.set(path, configFields().find((field) => field.path === path)!.default);
  }

  const words: string[] = preset === undefined ? [] : ['--preset', preset];
  const isGiven = (path: string): boolean => same(given.get(path) ?? usual.get(path), wanted.get(path));
  for (const [flag, path] of Object.entries(flagPaths)) {
    // The preset's fields are those of a task.
    const isNeeded = path === 'task' ? preset === undefined || config.task !== 'vqa' : !isGiven(path);
    if (isNeeded) words.push(`--${flag}`, wanted.get(path) as string);
  }
  const flagged = new Set<string>(Object.values(flagPaths));
  const solved = preset === undefined ? [] : solvedSettings[preset]; // for a model that is not looked at here
  for (const [path, value] of wanted) {
    const isThere = deciding.includes(path) ? isGiven(path) : same(start.get(path), value) && !solved.includes(path);
    if (!flagged.has(path) && !isThere) words.push('--set', `${path}=${settingText(path, value)}`);
  }
  return words;
}

/** For a shell, quoted. Parsed by `dept train` it gives exactly this config. */
export function trainCommand(config: TrainConfig): string {
  const starts = [undefined, ...(Object.keys(presets) as Preset[])];
  const commands = starts.map((preset) => ['dept', 'train', ...wordsFrom(config, preset).map(quoted)].join(' '));
  return commands.reduce((shortest, command) => (command.length < shortest.length ? command : shortest));
}
