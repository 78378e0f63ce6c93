/** ROUGE-L as the COCO caption evaluation computes it. */
import type { MetricScores, TokenizedItem } from './tokenized.ts';

const BETA = 1.2; // recall counts for more than precision

/** Length of the longest common subsequence. */
function commonSubsequence(a: readonly string[], b: readonly string[]): number {
  const row = new Uint32Array(b.length + 1); // row[j]: the length for a so far and the first j of b
  for (const token of a) {
    let diagonal = 0;
    for (let j = 1; j <= b.length; j += 1) {
      const above = row[j]!;
      row[j] = token === b[j - 1] ? diagonal + 1 : Math.max(above, row[j - 1]!);
      diagonal = above;
    }
  }
  return row[b.length]!;
}

/** The evaluation splits at blanks, which makes one empty token of an empty caption. */
const atLeastOne = (tokens: readonly string[]): readonly string[] => (tokens.length === 0 ? [''] : tokens);

/** F = (1 + beta^2) P R / (R + beta^2 P), precision and recall each the best over the references, not of the same one. */
function score({ hypothesis, references }: TokenizedItem): number {
  const own = atLeastOne(hypothesis);
  let precision = 0;
  let recall = 0;
  for (const reference of references.map(atLeastOne)) {
    const common = commonSubsequence(own, reference);
    precision = Math.max(precision, common / own.length);
    recall = Math.max(recall, common / reference.length);
  }
  if (precision === 0 || recall === 0) return 0;
  return ((1 + BETA ** 2) * precision * recall) / (recall + BETA ** 2 * precision);
}

/** ROUGE-L of every item, and its mean. Spec 4.4. */
export function rougeL(items: readonly TokenizedItem[]): MetricScores {
  const perItem = items.map(score);
  return { corpus: perItem.reduce((sum, value) => sum + value, 0) / perItem.length, perItem };
}
