/** Which items of an evaluation are shown and in which order, as the address has it. Pure. */
import type { EvaluationItemsQuery } from '../../../engine/contract/evaluations.ts';
import type { Query } from '../../lib/page-routes.ts';

export interface ItemFilters {
  readonly sort: EvaluationItemsQuery['sort'];
  /** Empty: any. */
  readonly answerType: string;
  readonly questionType: string;
  readonly text: string;
  readonly wrong: boolean;
  /** Scores in `[from, to)`; undefined: any. */
  readonly scores: { readonly from: number; readonly to: number } | undefined;
}

const sorts: readonly string[] = ['worst', 'best', 'order'] satisfies ItemFilters['sort'][];

export function readFilters(query: Query): ItemFilters {
  const { sort = '', type = '', kind = '', q = '', only = '', scores = '' } = query;
  const range = /^(\d+(?:\.\d+)?)-(\d+(?:\.\d+)?)$/.exec(scores);
  return {
    sort: sorts.includes(sort) ? (sort as ItemFilters['sort']) : 'worst',
    answerType: type,
    questionType: kind,
    text: q,
    wrong: only === 'wrong',
    scores: range === null ? undefined : { from: Number(range[1]), to: Number(range[2]) },
  };
}

/** The query values of the filters that are given; those that are as usual are ''. */
export function filterQuery(changes: Partial<ItemFilters>): Record<string, string> {
  const written: { [Name in keyof ItemFilters]: (value: ItemFilters[Name]) => [string, string] } = {
    sort: (sort) => ['sort', sort === 'worst' ? '' : sort],
    answerType: (type) => ['type', type],
    questionType: (kind) => ['kind', kind],
    text: (text) => ['q', text],
    wrong: (wrong) => ['only', wrong ? 'wrong' : ''],
    scores: (scores) => ['scores', scores === undefined ? '' : `${scores.from}-${scores.to}`],
  };
  return Object.fromEntries(
    Object.entries(changes).map(([name, value]) =>
      (written[name as keyof ItemFilters] as (value: unknown) => [string, string])(value),
    ),
  );
}

export const noFilters: Omit<ItemFilters, 'sort'> = {
  answerType: '',
  questionType: '',
  text: '',
  wrong: false,
  scores: undefined,
};

export function isFiltered({ answerType, questionType, text, wrong, scores }: ItemFilters): boolean {
  return answerType !== '' || questionType !== '' || text !== '' || wrong || scores !== undefined;
}

/** Far below any difference between two scores that are not equal. */
const JUST_BELOW = 1e-9;

/**
 * The filters in the engine's terms: `scoreAbove` and `scoreBelow` leave their bounds out, a bin takes its lower bound in.
 * `last` is the end of the last bin, which takes all above it in as well.
 */
export function filterParams(
  { sort, answerType, questionType, text, wrong, scores }: ItemFilters,
  last: number | undefined,
): Pick<EvaluationItemsQuery, 'sort'> & Partial<Omit<EvaluationItemsQuery, 'run' | 'id' | 'limit' | 'offset'>> {
  return {
    sort,
    ...(answerType !== '' && { answerType }),
    ...(questionType !== '' && { questionType }),
    ...(text.trim() !== '' && { text: text.trim() }),
    ...(wrong && { wrong }),
    ...(scores !== undefined && { scoreAbove: scores.from - JUST_BELOW }),
    ...(scores !== undefined && scores.to !== last && { scoreBelow: scores.to }),
  };
}
