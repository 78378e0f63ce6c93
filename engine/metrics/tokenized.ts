/** What the caption metrics compare: one hypothesis with its references, as tokens. */

export interface TokenizedItem {
  readonly hypothesis: readonly string[];
  readonly references: readonly (readonly string[])[];
}

/** A metric's value over all items, and on every item alone. */
export interface MetricScores<Value = number> {
  readonly corpus: Value;
  readonly perItem: readonly Value[];
}
