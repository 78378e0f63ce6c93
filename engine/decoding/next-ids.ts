/** From the scores of a step to the ids that may come next. */
import { DeptError } from '../common/errors.ts';
import type { Value } from '../runtime/session.ts';
import type { Continuation } from './search.ts';

function notNumbers(): DeptError {
  return new DeptError('runtime-failed', "The decoder's scores are not numbers", {
    expected: 'a log-probability for each candidate',
    got: 'NaN',
    remedy: 'The trained parameters have probably diverged: try an earlier checkpoint, or train at a lower rate.',
  });
}

/**
 * `candidates` and `logProbabilities` [..., k] as one list per beam.
 * @throws DeptError 'runtime-failed' where they are not numbers.
 */
export function rankedContinuations(candidates: Value, logProbabilities: Value): Continuation[][] {
  const k = candidates.shape.at(-1)!;
  const ids = candidates.data as BigInt64Array;
  const values = logProbabilities.data as Float32Array;
  if (values.some(Number.isNaN)) throw notNumbers();
  return Array.from({ length: ids.length / k }, (_, beam) =>
    Array.from({ length: k }, (_, i) => ({ id: Number(ids[beam * k + i]), logProbability: values[beam * k + i]! })),
  );
}

/** Logits [vocabulary] to log-probabilities, in place. Where all are minus infinity they stay so. */
export function logSoftmax(logits: Float32Array): void {
  let largest = -Infinity;
  for (const logit of logits) if (logit > largest) largest = logit;
  if (largest === -Infinity) return;
  let total = 0;
  for (const logit of logits) total += Math.exp(logit - largest);
  const shift = largest + Math.log(total);
  for (let id = 0; id < logits.length; id += 1) logits[id]! -= shift;
}

/**
 * The `count` likeliest ids after a beam whose sum of log-probabilities is `sum`, by their float32 total with it;
 * likeliest first, the lower id first where equal.
 * @throws DeptError 'runtime-failed' where they are not numbers.
 */
export function likeliest(logProbabilities: Float32Array, sum: number, count: number): Continuation[] {
  const kept: { id: number; logProbability: number; total: number }[] = [];
  for (let id = 0; id < logProbabilities.length; id += 1) {
    const logProbability = logProbabilities[id]!;
    const total = Math.fround(sum + logProbability);
    if (Number.isNaN(total)) throw notNumbers();
    if (kept.length === count) {
      if (total <= kept[count - 1]!.total) continue;
      kept.pop();
    }
    let place = kept.length;
    while (place > 0 && kept[place - 1]!.total < total) place -= 1;
    kept.splice(place, 0, { id, logProbability, total });
  }
  return kept.map(({ id, logProbability }) => ({ id, logProbability }));
}
