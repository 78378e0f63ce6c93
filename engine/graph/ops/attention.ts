/** Scaled dot-product attention with one gradient rule for the whole. */
import { composite, compositeOperation } from '../composite.ts';
import { sameShape } from '../dim.ts';
import { shapeError, type Tensor } from '../tensor.ts';
import { softmax } from './activations.ts';
import type { Dropout } from './dropout.ts';
import { add, multiply, subtract } from './elementwise.ts';
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

const attentionOperation = compositeOperation(
  'Attention',
  'y = drop(P) V with P = softmax(S), S = s Q K^T + bias',
  'dV = drop(P)^T g, dbias = dS = P (drop(g V^T) - rowsum(g y)), dQ = s dS K, dK = s dS^T Q',
);

/**
 * drop(P) V with P = softmax(scale Q K^T + bias); Q [batch, heads, queries, d], K and V [batch, heads, keys, d].
 * In the gradient the row sum of P dP is taken as that of g y, which is keys / d times smaller.
 */
export function attention(q: Tensor, k: Tensor, v: Tensor, { scale, bias, dropout }: AttentionOptions): Tensor {
  const fits =
    [q, k, v].every(({ shape }) => shape.length === 4) &&
    sameShape(k.shape.slice(0, 3), v.shape.slice(0, 3)) &&
    sameShape(q.shape.slice(0, 2), k.shape.slice(0, 2));
  if (!fits) {
    throw shapeError('Attention', 'q [batch, heads, queries, d] with k and v [batch, heads, keys, d]', [q, k, v]);
  }
  const scores = matmul(q, k, { transB: true, alpha: scale });
  const weights = softmax(bias === undefined ? scores : add(scores, bias));
  const mask = dropout?.mask(weights);
  const dropped = mask === undefined ? weights : multiply(weights, mask);
  const output = matmul(dropped, v);
  const inputs = bias === undefined ? [q, k, v] : [q, k, v, bias];
  return composite(attentionOperation, inputs, output, (g, wanted) => {
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

export const attentionOperations = [attentionOperation] as const;
