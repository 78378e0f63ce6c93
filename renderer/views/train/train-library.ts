/** What there is to train on and with, as choices of the form, and what a config asks for that is not there. Pure. */
import type { AdapterInfo } from '../../../engine/contract/adapters.ts';
import type { DatasetSummary, SplitSummary } from '../../../engine/contract/datasets.ts';
import type { Model } from '../../../engine/contract/models.ts';
import type { Fields } from '../../../engine/contract/parse-config.ts';
import type { RunSummary } from '../../../engine/contract/runs.ts';
import type { Task } from '../../../engine/contract/train-config.ts';
import { settingAt, withSetting } from '../../lib/config-defaults.ts';
import { compact, count, plural } from '../../lib/formats.ts';

/** As a select takes it. */
export interface Choice {
  readonly value: string;
  readonly label: string;
  readonly disabled?: boolean;
  readonly group?: string;
}

export interface Library {
  readonly datasets: readonly DatasetSummary[];
  readonly models: readonly Model[];
  /** What a run can start from; missing until they are known. */
  readonly adapters?: readonly AdapterInfo[] | undefined;
  readonly runs?: readonly RunSummary[] | undefined;
}

const taskNouns = { vqa: 'questions', caption: 'captions' } as const;
/** What each split is for, its usual name, and further names that datasets have for it. */
const splitRoles = [
  { path: 'dataset.trainSplit', usual: 'train', others: ['training'] },
  { path: 'dataset.validationSplit', usual: 'val', others: ['validation', 'valid', 'dev', 'test'] },
] as const;
const models = [
  ['vision.model', 'clip'],
  ['language.model', 't5'],
] as const;

function named(config: Fields, path: string): string {
  const name = settingAt(config, path);
  return typeof name === 'string' ? name : '';
}

/** What the split has for the task. */
function examplesIn(split: SplitSummary, task: Task): string {
  return task === 'vqa' ? plural(split.answered, 'answered question') : plural(split.captions, 'caption');
}

function hasExamples(split: SplitSummary, task: Task): boolean {
  return (task === 'vqa' ? split.answered : split.captions) > 0;
}

function lackOf(dataset: DatasetSummary, task: Task): string | undefined {
  return dataset.tasks.includes(task) ? undefined : `no ${taskNouns[task]}`;
}

/** A choice that asks to be made, where nothing is chosen; and one that is not there, where something else is. */
function withCurrent(current: string, options: readonly Choice[]): Choice[] {
  if (current === '') return [{ value: '', label: 'Choose…' }, ...options];
  if (options.some(({ value }) => value === current)) return [...options];
  return [{ value: current, label: `${current} (not there)` }, ...options];
}

/** What a run can take its first values from: nothing, an imported adapter, the best checkpoint of a run. */
function startChoices(current: string, { adapters = [], runs = [] }: Library): Choice[] {
  const options = [
    { value: '', label: 'Fresh values' },
    ...adapters.map(({ name, promptLength, rank }) => ({
      value: name,
      label: `${name}: m ${promptLength}${rank === 0 ? '' : `, r ${rank}`}`,
      group: 'Imported adapters',
    })),
    ...runs
      .filter(({ best }) => best !== undefined)
      .map(({ id, best }) => ({ value: id, label: `${id}: best at step ${count(best!.step)}`, group: 'Runs' })),
  ];
  return options.some(({ value }) => value === current)
    ? options
    : [...options, { value: current, label: `${current} (as written)` }];
}

/** The choices of settings that name things of the library, by dotted path. */
export function libraryOptions(config: Fields, task: Task, library: Library): Record<string, Choice[]> {
  const { datasets, models: all } = library;
  const dataset = datasets.find(({ name }) => name === named(config, 'dataset.name'));
  const splits = (dataset?.splits ?? []).map((split) => ({
    value: split.name,
    label: `${split.name}: ${examplesIn(split, task)}`,
  }));
  return {
    'dataset.name': withCurrent(
      named(config, 'dataset.name'),
      datasets.map((one) => {
        const lack = lackOf(one, task);
        const has = task === 'vqa' ? `${count(one.questions)} questions` : `${count(one.captions)} captions`;
        return { value: one.name, label: `${one.name}: ${lack ?? has}`, disabled: lack !== undefined };
      }),
    ),
    startFrom: startChoices(named(config, 'startFrom'), library),
    ...(dataset && {
      ...Object.fromEntries(
        splitRoles.map(({ path, usual }) => [path, withCurrent(named(config, path) || usual, splits)]),
      ),
    }),
    ...Object.fromEntries(
      models.map(([path, kind]) => [
        path,
        withCurrent(
          named(config, path),
          all
            .filter((model) => model.kind === kind)
            .map(({ name, parameters }) => ({ value: name, label: `${name}: ${compact(parameters)} parameters` })),
        ),
      ]),
    ),
  };
}

/** What the config names and the library does not have, or cannot give: by dotted path. */
export function libraryProblems(config: Fields, { datasets, models: all }: Library): [path: string, problem: string][] {
  const problems: [string, string][] = [];
  const task: Task = config.task === 'caption' ? 'caption' : 'vqa';
  const name = named(config, 'dataset.name');
  const dataset = datasets.find((one) => one.name === name);
  const lack = dataset && lackOf(dataset, task);
  if (name !== '' && dataset === undefined) problems.push(['dataset.name', `There is no dataset ${name}`]);
  if (lack !== undefined) problems.push(['dataset.name', `It has ${lack}`]);
  for (const { path, usual } of splitRoles) {
    const split = named(config, path) || usual;
    if (dataset === undefined || lack !== undefined) continue;
    const found = dataset.splits.find((one) => one.name === split);
    if (found === undefined) problems.push([path, `${name} has no split ${split}`]);
    else if (!hasExamples(found, task)) problems.push([path, `The split ${split} has no ${taskNouns[task]}`]);
  }
  for (const [path, kind] of models) {
    const model = named(config, path);
    const isThere = all.some((one) => one.name === model && one.kind === kind);
    if (model !== '' && !isThere) problems.push([path, `${model} is not in the library; add it under Models`]);
  }
  return problems;
}

/** What to take where nothing is chosen: the only thing that fits, or the sample dataset. */
export function onlyChoices(
  config: Fields,
  task: Task,
  { datasets, models: all }: Library,
): [path: string, name: string][] {
  const fitting = datasets.filter((one) => one.tasks.includes(task));
  const dataset = fitting.length === 1 ? fitting[0] : fitting.find(({ isSample }) => isSample);
  const taken: [string, string][] = dataset ? [['dataset.name', dataset.name]] : [];
  for (const [path, kind] of models) {
    const some = all.filter((one) => one.kind === kind);
    if (some.length === 1) taken.push([path, some[0]!.name]);
  }
  return taken.filter(([path]) => named(config, path) === '');
}

/** The config with another dataset: splits that were chosen are those of the dataset before. */
export function withDataset(config: Fields, name: unknown): Fields {
  if (named(config, 'dataset.name') === name) return config;
  const without = splitRoles.reduce((fields, { path }) => withSetting(fields, path, undefined), config);
  return withSetting(without, 'dataset.name', name);
}

/**
 * Splits for those that nobody chose, where the chosen dataset does not have the usual ones: one by another name for the same, else
 * the one that is left, else the only one, of which the estimate warns.
 */
export function fittingSplits(config: Fields, task: Task, { datasets }: Library): [path: string, split: string][] {
  const dataset = datasets.find(({ name }) => name === named(config, 'dataset.name'));
  const some = (dataset?.splits ?? []).filter((split) => hasExamples(split, task)).map(({ name }) => name);
  const inUse = new Set(splitRoles.map(({ path, usual }) => named(config, path) || usual));
  const taken: [string, string][] = [];
  for (const { path, usual, others } of splitRoles) {
    if (some.length === 0 || named(config, path) !== '' || some.includes(usual)) continue;
    const split = others.find((name) => some.includes(name)) ?? some.find((name) => !inUse.has(name)) ?? some[0]!;
    inUse.add(split);
    taken.push([path, split]);
  }
  return taken;
}
