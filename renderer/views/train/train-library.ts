/** What there is to train on and with, as choices of the form, and what a config asks for that is not there. Pure. */
import type { AdapterInfo } from '../../../engine/contract/adapters.ts';
import type { DatasetSummary, SplitSummary } from '../../../engine/contract/datasets.ts';
import type { Model } from '../../../engine/contract/models.ts';
import type { Fields } from '../../../engine/contract/parse-config.ts';
import type { RunSummary } from '../../../engine/contract/runs.ts';
import type { Task } from '../../../engine/contract/train-config.ts';
import { settingAt } from '../../lib/config-defaults.ts';
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
  const splitChoice = (key: string, usual: string) => withCurrent(named(config, `dataset.${key}`) || usual, splits);
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
      'dataset.trainSplit': splitChoice('trainSplit', 'train'),
      'dataset.validationSplit': splitChoice('validationSplit', 'val'),
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
  for (const [key, usual] of [
    ['trainSplit', 'train'],
    ['validationSplit', 'val'],
  ] as const) {
    const split = named(config, `dataset.${key}`) || usual;
    if (dataset === undefined || lack !== undefined) continue;
    const found = dataset.splits.find((one) => one.name === split);
    if (found === undefined) problems.push([`dataset.${key}`, `${name} has no split ${split}`]);
    else if ((task === 'vqa' ? found.answered : found.captions) === 0) {
      problems.push([`dataset.${key}`, `The split ${split} has no ${taskNouns[task]}`]);
    }
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
