/** Drawing from unequal shares. */
import type { Random } from '../../common/random.ts';

/** An index drawn in proportion to the weights. */
export function weighted(random: Random, weights: readonly number[]): number {
  let left = random.uniform() * weights.reduce((sum, weight) => sum + weight, 0);
  const index = weights.findIndex((weight) => {
    left -= weight;
    return left < 0;
  });
  return index < 0 ? weights.length - 1 : index;
}
