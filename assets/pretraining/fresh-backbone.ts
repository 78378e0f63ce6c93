/** A backbone without a checkpoint: every weight that a model function asks for becomes a parameter to be trained. */
import { keyOf, Random } from '../../engine/common/random.ts';
import { Dropout } from '../../engine/graph/ops/dropout.ts';
import { matmul } from '../../engine/graph/ops/matmul.ts';
import { input } from '../../engine/graph/sources.ts';
import type { Tensor } from '../../engine/graph/tensor.ts';
import type { Backbone } from '../../engine/models/backbone.ts';

export class FreshBackbone implements Backbone {
  readonly dropout = new Dropout(0);
  readonly parameters = new Map<string, Tensor>();

  weight(name: string, shape: readonly number[]): Tensor {
    const known = this.parameters.get(name);
    if (known !== undefined) return known;
    const parameter = input(name, 'float32', shape);
    this.parameters.set(name, parameter);
    return parameter;
  }

  linear(name: string, x: Tensor, out: number, width: number): Tensor {
    return matmul(x, this.weight(name, [out, width]), { transB: true });
  }
}

/** Starting values of one parameter: normal with this spread, a constant, or given. */
export type Start =
  | {
      readonly spread: number;
      /** The first `values` draws are those of another parameter, so that both point the same way there. */
      readonly alike?: { readonly to: string; readonly values: number };
    }
  | { readonly constant: number }
  | { readonly values: Float32Array };

export function startValues(seed: number, name: string, length: number, start: Start): Float32Array {
  if ('values' in start) return start.values;
  const values = new Float32Array(length);
  if ('constant' in start) return values.fill(start.constant);
  const own = new Random(keyOf(seed, name));
  const other = start.alike && new Random(keyOf(seed, start.alike.to));
  for (let i = 0; i < length; i += 1) {
    const random = other !== undefined && i < start.alike!.values ? other : own;
    values[i] = start.spread * random.normal();
  }
  return values;
}
