/** The filters of a dataset's pictures: as the address has them, as the engine takes them, as chips name them. Pure. */
import type { BrowseQuery } from '../../../engine/contract/datasets.ts';
import type { Query } from '../../lib/page-routes.ts';

type Has = NonNullable<BrowseQuery['has']>;

/** '' stands for no such filter. */
export interface Filters {
  readonly text: string;
  readonly split: string;
  readonly has: Has | '';
  readonly answerType: string;
  readonly questionType: string;
  readonly answer: string;
}

export type FilterName = keyof Filters;

export const noFilters: Filters = { text: '', split: '', has: '', answerType: '', questionType: '', answer: '' };

/** Short where people type and share it. */
const addressKeys = {
  text: 'q',
  split: 'split',
  has: 'has',
  answerType: 'answerType',
  questionType: 'questionType',
  answer: 'answer',
} as const satisfies Record<FilterName, string>;

export const filterNames = Object.keys(addressKeys) as FilterName[];

export const hasLabels: Readonly<Record<Has, string>> = {
  captions: 'With captions',
  questions: 'With questions',
  nothing: 'Without either',
};

/** A `has` that there is not counts as none: the chips then show none either. */
export function readFilters(query: Query): Filters {
  const read = Object.fromEntries(filterNames.map((name) => [name, query[addressKeys[name]] ?? ''])) as Record<
    FilterName,
    string
  >;
  return { ...read, has: Object.hasOwn(hasLabels, read.has) ? (read.has as Has) : '' };
}

/** Query values of the address, '' for what is to leave it. */
export function addressOf(filters: Partial<Filters>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(filters).map(([name, value]) => [addressKeys[name as FilterName], value.trim()]),
  );
}

export function isUnfiltered(filters: Filters): boolean {
  return filterNames.every((name) => filters[name].trim() === '');
}

/** What a call to `datasets.browse` carries, but for the page. */
export function browseParams(dataset: string, filters: Filters): Omit<BrowseQuery, 'limit' | 'offset'> {
  const given = filterNames.filter((name) => filters[name].trim() !== '');
  return { dataset, ...Object.fromEntries(given.map((name) => [name, filters[name]])) };
}

export interface Chip {
  readonly name: FilterName;
  /** `Split: val`. */
  readonly label: string;
}

const chipWords: { readonly [Name in FilterName]: (value: string) => string } = {
  text: (value) => `Text: ${value}`,
  split: (value) => `Split: ${value}`,
  has: (value) => hasLabels[value as Has],
  answerType: (value) => `Answer type: ${value}`,
  questionType: (value) => `Question type: ${value}`,
  answer: (value) => `Answered: ${value}`,
};

export function chipsOf(filters: Filters): Chip[] {
  return filterNames
    .filter((name) => filters[name].trim() !== '')
    .map((name) => ({ name, label: chipWords[name](filters[name]) }));
}
