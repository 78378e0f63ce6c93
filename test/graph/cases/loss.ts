/** Cases of engine/graph/ops/loss.ts. */
import { crossEntropy } from '../../../engine/graph/ops/loss.ts';
import { at, type Dense, generate, logSoftmaxOf, range, sum } from '../dense.ts';
import { type Case, floats, given, rows } from './case.ts';

/** -sum of weight times the log-softmax at each row's label, a scalar. */
export function crossEntropyOf(logits: Dense, labels: Dense, weights: Dense): Dense {
  const logs = logSoftmaxOf(logits);
  const rows = range(logits.shape[0]!);
  return generate([], () => -sum(rows.map((i) => at(weights, [i]) * at(logs, [i, at(labels, [i])]))));
}

export const lossCases: readonly Case[] = [
  {
    operation: 'CrossEntropy',
    title: 'weighted rows, one of them with weight 0',
    inputs: [floats([rows, 5]), given('int64', [rows], [4, 0, 2, 2]), floats([rows], 0, 1)],
    build: (logits, labels, weights) => [crossEntropy(logits!, labels!, weights!).loss],
    reference: (logits, labels, weights) => [crossEntropyOf(logits!, labels!, weights!)],
  },
];
