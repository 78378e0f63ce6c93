/** Softmax cross-entropy over the rows that count. */
import { composite } from '../composite.ts';
import { sameDim } from '../dim.ts';
import { shapeError, type Tensor } from '../tensor.ts';
import { exp, logSoftmax, multiply, negate, sumAll, unsqueeze } from './elementwise.ts';
import { addAt, pick } from './gather.ts';
import { reshape } from './structure.ts';

/** A weighted loss and what it is made of. */
export interface CrossEntropy {
  /** sum_i weight_i nll_i, a scalar. */
  readonly loss: Tensor;
  /** -log softmax(logits_i)[label_i], [rows]; outside the gradient. */
  readonly perRow: Tensor;
}

/**
 * sum_i w_i (-log softmax(z_i)[y_i]) for logits z [rows, classes], int64 labels y [rows], weights w [rows].
 * Every mean (over tokens, over samples, times an answer's score) is a choice of w.  dz = w (softmax(z) - onehot(y)).
 */
export function crossEntropy(logits: Tensor, labels: Tensor, weights: Tensor): CrossEntropy {
  const rows = logits.shape[0]!;
  if (logits.shape.length !== 2 || !sameDim(labels.shape[0]!, rows) || !sameDim(weights.shape[0]!, rows)) {
    throw shapeError('CrossEntropy', 'logits [rows, classes], labels [rows], weights [rows]', [logits, labels, weights]);
  }
  const logProbabilities = logSoftmax(logits);
  const columns = unsqueeze(labels, 1);
  const perRow = reshape(negate(pick(logProbabilities, columns)), [rows]);
  const body = sumAll(multiply(perRow, weights));
  const loss = composite('CrossEntropy', [logits, weights], body, (g, wanted) => {
    const scale = unsqueeze(multiply(weights, g), 1);
    return [
      wanted[0]
        ? addAt(multiply(exp(logProbabilities), scale), columns, negate(scale))
        : undefined,
      wanted[1] ? multiply(perRow, g) : undefined,
    ];
  });
  return { loss, perRow };
}
