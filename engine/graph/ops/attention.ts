/** Scaled dot-product attention with one gradient rule for the whole. */
import { composite } from '../composite.ts';
import { sameDim } from '../dim.ts';
import { shapeError, type Tensor } from '../tensor.ts';
import type { Dropout } from './dropout.ts';
import { add, multiply, softmax, subtract } from './elementwise.ts';
import { matmul } from './matmul.ts';
import { reduceSum, sumTo } from './structure.ts';

export interface AttentionOptions {
  /** Factor on q k^T; T5 has none (1). */
  readonly scale: number;
  /** Added to the scores, broadcast to [batch, heads, queries, keys]: position bias and mask. */
  readonly bias?: Tensor;
  /** Dropout on the attention weights, in training. */
  readonly dropout?: Dropout;
}

/**
 * O = drop(P) V with P = softmax(scale Q K^T + bias); Q [batch, heads, queries, d], K and V [batch, heads, keys, d].
 * dS = P (drop(dO V^T) - rowsum(dO O)): the row sum of P dP equals that of O dO, which is keys / d times smaller.
 */
export function attention(q: Tensor, k: Tensor, v: Tensor, { scale, bias, dropout }: AttentionOptions): Tensor {
  if (q.shape.length !== 4 || !sameDim(k.shape[2]!, v.shape[2]!)) {
    throw shapeError('Attention', 'q [batch, heads, queries, d] with k and v [batch, heads, keys, d]', [q, k, v]);
  }
  const scores = matmul(q, k, { transB: true, alpha: scale });
  const weights = softmax(bias === undefined ? scores : add(scores, bias));
  const mask = dropout === undefined || dropout.rate === 0 ? undefined : dropout.mask(weights);
  const dropped = mask === undefined ? weights : multiply(weights, mask);
  const output = matmul(dropped, v);
  const inputs = bias === undefined ? [q, k, v] : [q, k, v, bias];
  return composite('Attention', inputs, output, (g, wanted) => {
    const toWeights = matmul(g, v, { transB: true });
    const kept = mask === undefined ? toWeights : multiply(toWeights, mask);
    const toScores = multiply(weights, subtract(kept, reduceSum(multiply(g, output), [-1], true)));
    return [
      wanted[0] ? matmul(toScores, k, { alpha: scale }) : undefined,
      wanted[1] ? matmul(toScores, q, { transA: true, alpha: scale }) : undefined,
      wanted[2] ? matmul(dropped, g, { transA: true }) : undefined,
      bias !== undefined && wanted[3] ? sumTo(toScores, bias.shape) : undefined,
    ];
  });
}
