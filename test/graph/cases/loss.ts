/** Cases of engine/graph/ops/loss.ts. */
import { crossEntropy } from '../../../engine/graph/ops/loss.ts';
import { at, generate, logSoftmaxOf, range, sum } from '../dense.ts';
import { type Case, floats, given, rows } from './case.ts';

export const lossCases: readonly Case[] = [
  {
    operation: 'CrossEntropy',
    title: 'weighted rows, one of them with weight 0',
    inputs: [floats([rows, 5]), given('int64', [rows], [4, 0, 2, 2]), floats([rows], 0, 1)],
    build: (logits, labels, weights) => [crossEntropy(logits!, labels!, weights!).loss],
    reference: (logits, labels, weights) => {
      const logs = logSoftmaxOf(logits!);
      return [generate([], () => -sum(range(4).map((i) => at(weights!, [i]) * at(logs, [i, at(labels!, [i])]))))];
    },
  },
];
