/** Softmax cross-entropy over the rows that count. */
import { composite, compositeOperation } from '../composite.ts';
import { sameDim } from '../dim.ts';
import { shapeError, type Tensor } from '../tensor.ts';
import { logSoftmax } from './activations.ts';
import { exp, multiply, negate, sumAll, unsqueeze } from './elementwise.ts';
import { addAt, pick } from './gather.ts';
import { reshape } from './structure.ts';

const crossEntropyOperation = compositeOperation(
  'CrossEntropy',
  'sum_i w_i nll_i with nll_i = -ln softmax(z_i)[label_i]',
  'dz_i = g w_i (softmax(z_i) - onehot(label_i)), dw_i = g nll_i',
);

/** A weighted loss and what it is made of. */
export interface CrossEntropy {
  /** sum_i weight_i nll_i, a scalar. */
  readonly loss: Tensor;
  /** -log softmax(logits_i)[label_i], [rows]; outside the gradient. */
  readonly perRow: Tensor;
}

/**
 * sum_i w_i (-ln softmax(z_i)[label_i]) for logits z [rows, classes], int64 labels [rows], weights w [rows].
 * Every mean (over tokens, over samples, times an answer's score) is a choice of w.
 */
export function crossEntropy(logits: Tensor, labels: Tensor, weights: Tensor): CrossEntropy {
  const rows = logits.shape[0]!;
  if (logits.shape.length !== 2 || !sameDim(labels.shape[0]!, rows) || !sameDim(weights.shape[0]!, rows)) {
    throw shapeError('CrossEntropy', 'logits [rows, classes], labels [rows], weights [rows]', [
      logits,
      labels,
      weights,
    ]);
  }
  const logProbabilities = logSoftmax(logits);
  const columns = unsqueeze(labels, 1);
  const perRow = reshape(negate(pick(logProbabilities, columns)), [rows]);
  const body = sumAll(multiply(perRow, weights));
  const loss = composite(crossEntropyOperation, [logits, weights], body, (g, wanted) => {
    const scale = unsqueeze(multiply(weights, g), 1);
    return [
      wanted[0] ? addAt(multiply(exp(logProbabilities), scale), columns, negate(scale)) : undefined,
      wanted[1] ? multiply(perRow, g) : undefined,
    ];
  });
  return { loss, perRow };
}

export const lossOperations = [crossEntropyOperation] as const;
