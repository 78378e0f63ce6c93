/** A row of the fidelity table: what of the engine is compared with which reference, and how far apart the two are. */
import { readFileSync } from 'node:fs';

export interface FidelityRow {
  /** The part of the engine, such as "T5". */
  readonly area: string;
  /** What is compared, such as "hidden states of every layer". */
  readonly what: string;
  /** The reference with its version, see `pinned`. */
  readonly against: string;
  readonly measure: Measure;
  /** How large the difference may be; of `identical` cases: the share that may differ. */
  readonly allowed: number;
  /** Tensors, numbers or texts that were compared. */
  readonly cases: number;
  /** The largest difference seen; of `identical` cases: the share that differ. */
  readonly largest: number;
}

/** relative: max |a - b| / max |b| over a tensor; absolute: max |a - b|; identical: the same or not. */
type Measure = 'relative' | 'absolute' | 'identical';

/** The name of a row's test, by which the table knows the row again. */
export const rowName = ({ area, what, against }: Pick<FidelityRow, 'area' | 'what' | 'against'>): string =>
  `${area}: ${what}, against ${against}`;

const requirements = readFileSync(new URL('../golden/requirements.txt', import.meta.url), 'utf8').split('\n');

/** A package with the version that made the reference numbers: "transformers 5.23.0". */
export function pinned(name: string): string {
  const line = requirements.find((entry) => entry.startsWith(`${name}==`));
  if (line === undefined) throw new Error(`${name} is not in test/golden/requirements.txt`);
  return line.trim().replace('==', ' ');
}
