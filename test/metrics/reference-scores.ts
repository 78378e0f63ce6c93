/** What pycocoevalcap makes of sets of captions (`test/golden/captions/`, see `make-captions.py`). */
import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import type { CaptionMetrics, CaptionScores } from '../../engine/metrics/captions.ts';
import type { Differences } from '../fidelity/compared.ts';

/** Columns: CIDEr, BLEU-1 to BLEU-4, ROUGE-L, METEOR without and with paraphrases. */
export interface ReferenceScores {
  readonly corpus: readonly number[];
  readonly perItem: readonly (readonly number[])[];
}

export function golden<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(`../golden/captions/${name}`, import.meta.url), 'utf8')) as T;
}

export const NGRAM_METRICS = ['CIDEr', 'BLEU-1', 'BLEU-2', 'BLEU-3', 'BLEU-4', 'ROUGE-L'] as const;
export const METEOR = 'METEOR (no paraphrases)';

/** The metrics of the published sets and ours of the same names, in total and per caption. */
export function compareScores(
  differences: Differences,
  actual: CaptionScores,
  expected: ReferenceScores,
  names: readonly (keyof CaptionMetrics)[],
  label: string,
): void {
  const columns = names.map((name) => (name === METEOR ? NGRAM_METRICS.length : NGRAM_METRICS.indexOf(name as never)));
  const picked = (row: readonly number[]) => columns.map((column) => row[column]!);
  const values = (metrics: CaptionMetrics) => names.map((name) => metrics[name]);
  expect(actual.perItem.length, label).toBe(expected.perItem.length);
  differences.values(values(actual), picked(expected.corpus), `${label}: all`);
  actual.perItem.forEach((item, i) => {
    differences.values(values(item), picked(expected.perItem[i]!), `${label}: ${i}`);
  });
}
