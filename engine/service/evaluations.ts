/** The calls on kept evaluations: list, show, items, compare, remove, and the official result file. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DeptError } from '../common/errors.ts';
import { fileError } from '../common/files.ts';
import { listFolders } from '../common/folders.ts';
import type {
  CompareEvaluationsQuery,
  EvaluationComparison,
  EvaluationDetails,
  EvaluationItems,
  EvaluationItemsQuery,
  EvaluationList,
  EvaluationRef,
  EvaluationSummary,
} from '../contract/evaluations.ts';
import { RunFolder } from '../runs/run-folder.ts';
import { openRun, runsFolder } from '../runs/run-library.ts';
import type { EvaluationItemsFile } from './evaluation-items.ts';
import { evaluationsOf, openEvaluation } from './evaluation-store.ts';

/** Bins that a histogram has at most and at least. */
const MOST_BINS = 20;
const LEAST_BINS = 10;
const BIN_WIDTHS = [0.05, 0.1, 0.2, 0.25, 0.5, 5];

/** Of one run, or of all. One that cannot be read does not hide the others. Throws `not-found` for the run. */
export function listEvaluations(home: string, { run }: { readonly run?: string | undefined }): EvaluationList {
  const folders = run === undefined ? listFolders(runsFolder(home)) : [openRun(home, run).id];
  const evaluations: EvaluationSummary[] = [];
  const broken: EvaluationList['broken'] = [];
  for (const evaluation of folders.flatMap((id) => evaluationsOf(new RunFolder(join(runsFolder(home), id))))) {
    try {
      evaluations.push(evaluation.summary());
    } catch (error) {
      if (!(error instanceof DeptError)) throw error;
      broken.push({ run: evaluation.run.id, id: evaluation.id, error: error.toRecord() });
    }
  }
  evaluations.sort((a, b) => b.created.localeCompare(a.created));
  return { evaluations, broken };
}

/** VQA accuracy goes to 100; CIDEr as far as the best item, at most 10, and a last bit more where it is rounded. */
function histogramOf(items: EvaluationItemsFile, task: EvaluationSummary['task']): EvaluationDetails['histogram'] {
  const highest = task === 'vqa' ? 100 : Math.min(10, items.highest());
  const width = BIN_WIDTHS.find((each) => highest / each <= MOST_BINS)!;
  const bins = Math.max(LEAST_BINS, Math.ceil(highest / width));
  const edge = (bin: number): number => Number((bin * width).toFixed(2));
  return Array.from({ length: bins }, (_, bin) => {
    const [from, to] = [edge(bin), edge(bin + 1)];
    return { from, to, count: items.count(from, bin === bins - 1 ? Number.POSITIVE_INFINITY : to) };
  });
}

/** Throws `not-found` or `bad-file`, as all that follow. */
export function showEvaluation(home: string, ref: EvaluationRef): EvaluationDetails {
  const evaluation = openEvaluation(home, ref);
  const summary = evaluation.summary();
  using items = evaluation.items();
  return {
    ...summary,
    scoreName: summary.task === 'vqa' ? 'accuracy' : 'CIDEr',
    byAnswerType: items.groups('answer_type'),
    byQuestionType: items.groups('question_type'),
    histogram: histogramOf(items, summary.task),
  };
}

export function evaluationItems(home: string, { run, id, ...query }: EvaluationItemsQuery): EvaluationItems {
  using items = openEvaluation(home, { run, id }).items();
  return items.page(query);
}

/** Throws `bad-input` too, where the two are not of one dataset, split and task. */
export function compareEvaluations(home: string, { a, b, ...query }: CompareEvaluationsQuery): EvaluationComparison {
  const [one, other] = [openEvaluation(home, a), openEvaluation(home, b)];
  const [partOfOne, partOfOther] = [one, other].map((evaluation) => {
    const { dataset, split, task } = evaluation.summary();
    return `${dataset}/${split}, ${task}`;
  });
  if (partOfOne !== partOfOther) {
    throw new DeptError('bad-input', 'The two evaluations are not of the same examples', {
      expected: `another evaluation of ${partOfOne}`,
      got: partOfOther!,
    });
  }
  using items = one.items();
  using otherItems = other.items();
  return items.compare(otherItems, query);
}

export function removeEvaluation(home: string, ref: EvaluationRef): void {
  openEvaluation(home, ref).remove();
}

/** The official result file, for a download: `[{question_id, answer}]` or `[{image_id, caption}]`. */
export function officialResult(home: string, ref: EvaluationRef): string {
  const { predictionsPath } = openEvaluation(home, ref);
  try {
    return readFileSync(predictionsPath, 'utf8');
  } catch (cause) {
    throw fileError(cause, predictionsPath);
  }
}
