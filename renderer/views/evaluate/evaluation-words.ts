/** Evaluations in words: their metrics in order, what was asked for, what people said. Pure. */
import type { EvaluationDetails, EvaluationItem, EvaluationSummary } from '../../../engine/contract/evaluations.ts';
import { count, fixed } from '../../lib/formats.ts';
import { metricLabel, metricText } from '../runs/run-names.ts';

export interface Metric {
  readonly name: string;
  readonly label: string;
  readonly value: number;
  readonly text: string;
  readonly note: string | undefined;
}

/** The metrics of the whole, without those of groups, the chief one first. */
export function metricsOf({ metrics, notes = {} }: Pick<EvaluationSummary, 'metrics' | 'notes'>): Metric[] {
  return Object.entries(metrics).flatMap(([name, value]) =>
    typeof value === 'number'
      ? [{ name, label: metricLabel(name), value, text: metricText(name, value), note: notes[name] }]
      : [],
  );
}

export function checkpointText({ checkpoint, step }: Pick<EvaluationSummary, 'checkpoint' | 'step'>): string {
  return typeof checkpoint === 'number' ? `step ${count(step)}` : `${checkpoint}, step ${count(step)}`;
}

/** How a score of one item is written: accuracy in percent, CIDEr as a ratio. */
export function scoreText(task: EvaluationSummary['task'], score: number): string {
  return task === 'vqa' ? `${fixed(score, 0)} %` : fixed(score, 2);
}

/** The same histogram in at most so many bins: neighbours are joined. */
export function fewerBins(bins: EvaluationDetails['histogram'], most: number): EvaluationDetails['histogram'] {
  const size = Math.ceil(bins.length / most);
  return bins.flatMap(({ from }, first) => {
    if (first % size !== 0) return [];
    const joined = bins.slice(first, first + size);
    return [{ from, to: joined.at(-1)!.to, count: joined.reduce((sum, { count }) => sum + count, 0) }];
  });
}

export type Tone = 'good' | 'warning' | 'bad';

/** Of an answer: right, partly, wrong. Of a caption: by its CIDEr, from 1 on taken as good. */
export function scoreTone(task: EvaluationSummary['task'], score: number): Tone {
  const share = task === 'vqa' ? score / 100 : score;
  if (share >= 0.999) return 'good';
  return share > 0.3 ? 'warning' : 'bad';
}

/** Each text once with how often it was said, the most frequent first. */
export function countedTexts(texts: EvaluationItem['references']): { text: string; count: number }[] {
  const counts = new Map<string, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  return [...counts].map(([text, count]) => ({ text, count })).sort((a, b) => b.count - a.count);
}

/** Whether two evaluations have scored the same examples, and so can be compared item by item. */
export function isComparable(a: EvaluationSummary, b: EvaluationSummary): boolean {
  return a.dataset === b.dataset && a.split === b.split && a.task === b.task;
}

/** Where the host gives out a file of an evaluation. */
export function exportAddress(
  { run, id }: Pick<EvaluationSummary, 'run' | 'id'>,
  file: 'predictions.json' | 'report.html',
): string {
  return `/exports/${encodeURIComponent(run)}/${encodeURIComponent(id)}/${file}`;
}
