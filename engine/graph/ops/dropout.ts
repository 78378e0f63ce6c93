/**
 * Dropout from a counter-based generator. A random odd 32-bit number per row and one per column, both fed at each step
 * from (seed, step, site), are multiplied; the 32-bit product is compared with a threshold. The mask is therefore a
 * pure function of seed and step: a resumed run drops exactly what the uninterrupted one would have dropped.
 */
import { DeptError } from '../../common/errors.ts';
import { keyOf, mix32 } from '../../common/random.ts';
import { type Dim, multiplyDims } from '../dim.ts';
import { constant, input, int32Constant } from '../sources.ts';
import type { Tensor } from '../tensor.ts';
import { cast, greater, multiply } from './elementwise.ts';
import { reshape } from './structure.ts';

/** A place in the graph where values are dropped; its two random vectors are fed at every step. */
export interface DropoutSite {
  readonly rows: { readonly name: string; readonly extent: Dim };
  readonly columns: { readonly name: string; readonly extent: Dim };
}

/** The dropout of one graph: hands out sites and remembers what has to be fed. */
export class Dropout {
  readonly rate: number;
  readonly sites: DropoutSite[] = [];

  /** @param rate probability of dropping a value, 0 <= rate < 1; 0 leaves the graph untouched. */
  constructor(rate: number) {
    if (!(rate >= 0 && rate < 1)) {
      throw new DeptError('bad-input', 'A dropout rate must be a probability below 1', {
        expected: '0 <= rate < 1',
        got: String(rate),
      });
    }
    this.rate = rate;
  }

  /** A mask for `like`'s shape: 0 where dropped, 1 / (1 - rate) elsewhere. */
  mask(like: Tensor): Tensor {
    const rowExtent = multiplyDims(...like.shape.slice(0, -1));
    const columnExtent = like.shape.at(-1)!;
    const site = `dropout.${this.sites.length}`;
    const rows = { name: `${site}.rows`, extent: rowExtent };
    const columns = { name: `${site}.columns`, extent: columnExtent };
    this.sites.push({ rows, columns });
    const bits = multiply(
      input(rows.name, 'int32', [rowExtent, 1]),
      input(columns.name, 'int32', [1, columnExtent]), // int32 products wrap round
    );
    const threshold = Math.floor((this.rate - 0.5) * 2 ** 32); // bits are uniform over [-2^31, 2^31)
    const kept = cast(greater(bits, int32Constant(threshold)), 'float32');
    return reshape(multiply(kept, constant(1 / (1 - this.rate))), like.shape);
  }

  apply(x: Tensor): Tensor {
    return this.rate === 0 ? x : multiply(x, this.mask(x));
  }
}

/** The random vector for one input of one site at one step: odd numbers, so that no product collapses. */
export function dropoutBits(seed: number, step: number, name: string, count: number): Int32Array {
  const key = keyOf(seed, step, name);
  const bits = new Int32Array(count);
  for (let i = 0; i < count; i += 1) bits[i] = mix32(mix32(i ^ key) + key) | 1;
  return bits;
}
