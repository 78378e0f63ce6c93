/** T5 with its linear maps by int8 matrices; norms, embeddings, position biases and a head of its own stay float32. */
import { type QuantisedMatrix, quantisedLinear } from '../../graph/ops/quantised-linear.ts';
import { stored } from '../../graph/sources.ts';
import type { Tensor } from '../../graph/tensor.ts';
import type { Checkpoint } from '../../weights/checkpoint.ts';
import { type BackboneOptions, CheckpointBackbone } from '../backbone.ts';

/**
 * Whether a weight is one of the linear maps that a step applies to whole texts. The head, which decides between words, is
 * not, and neither are W_k and W_v of cross-attention: where targets are short they are applied to few rows, each head's
 * part of them apart (`lookUpStates`).
 */
export function isT5Matrix(name: string): boolean {
  return /\.(SelfAttention\.[qkvo]|EncDecAttention\.[qo]|DenseReluDense\.(wi|wi_0|wi_1|wo))\.weight$/.test(name);
}

/** Over what `quantisedCheckpoint` gave for `isT5Matrix`. */
export class QuantisedBackbone extends CheckpointBackbone {
  readonly #checkpoint: Checkpoint;

  constructor(checkpoint: Checkpoint, options: BackboneOptions = {}) {
    super(checkpoint, options);
    this.#checkpoint = checkpoint;
  }

  override linear(name: string, x: Tensor, out: number, width: number): Tensor {
    if (!isT5Matrix(name)) return super.linear(name, x, out, width);
    return quantisedLinear(x, this.#matrix(`${name}.forward`), this.#matrix(`${name}.backward`));
  }

  #matrix(name: string): QuantisedMatrix {
    const { shape, offset, byteLength: length, file } = this.#checkpoint.tensor(name);
    return {
      values: stored({ name, type: 'int8', shape, file: file.path, offset, length }),
      scales: this.weight(`${name}.scales`, [shape[1]!]),
    };
  }
}
