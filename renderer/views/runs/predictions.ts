/** Predictions on fixed validation items over the evaluations of a run: how each one came about, and whether it is right. Pure. */
import type { RunSamples } from '../../../engine/contract/runs.ts';

type Item = RunSamples['evaluations'][number]['items'][number];

export interface Story {
  readonly id: string;
  readonly imageId: string;
  readonly question: string | undefined;
  /** Each reference once, the most frequent first. */
  readonly references: readonly { readonly text: string; readonly count: number }[];
  /** By evaluation, in the order of the steps; undefined where it was not asked. */
  readonly predictions: readonly (string | undefined)[];
}

/** The items in the order of their first evaluation. An item may come several times, as several questions on a picture do. */
export function storiesOf({ evaluations }: RunSamples): Story[] {
  const tables = evaluations.map(({ items }) => new Map(items.map((item) => [item.id, item])));
  const items = new Map<string, Item>(
    evaluations.flatMap((evaluation) => evaluation.items.map((item) => [item.id, item])),
  );
  return [...items.values()].map(({ id, imageId, question, references }) => ({
    id,
    imageId,
    question,
    references: counted(references),
    predictions: tables.map((table) => table.get(id)?.prediction),
  }));
}

function counted(texts: readonly string[]): { text: string; count: number }[] {
  const counts = new Map<string, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  return [...counts].map(([text, count]) => ({ text, count })).sort((a, b) => b.count - a.count);
}

export interface Change {
  /** Of the evaluation that first said so; the ones after it said the same, up to the next change. */
  readonly evaluation: number;
  readonly text: string;
}

/** A prediction's history with what stayed the same left out. */
export function changesOf({ predictions }: Story): Change[] {
  const changes: Change[] = [];
  for (const [evaluation, text] of predictions.entries()) {
    if (text !== undefined && text !== changes.at(-1)?.text) changes.push({ evaluation, text });
  }
  return changes;
}

export type Mark = 'right' | 'partly' | 'wrong';

/**
 * Of an answer to a question, by the people who said the same: three of ten are enough (VQA accuracy), of fewer answers the
 * same share. The engine's score also evens out spelling; this mark takes the words as they are.
 */
export function markOf(prediction: string, references: Story['references']): Mark {
  const said = prediction.trim().toLowerCase();
  const total = references.reduce((sum, { count }) => sum + count, 0);
  const same = references
    .filter(({ text }) => text.trim().toLowerCase() === said)
    .reduce((sum, { count }) => sum + count, 0);
  if (same === 0) return 'wrong';
  return same >= 0.3 * total ? 'right' : 'partly';
}
