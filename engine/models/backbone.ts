/** What a model function builds on: weights by name, linear maps and dropout, each replaceable by a tuning method. */
import { DeptError } from '../common/errors.ts';
import { Dropout } from '../graph/ops/dropout.ts';
import { cast } from '../graph/ops/elementwise.ts';
import { matmul } from '../graph/ops/matmul.ts';
import { input, stored } from '../graph/sources.ts';
import type { Tensor } from '../graph/tensor.ts';
import type { Checkpoint } from '../weights/checkpoint.ts';

export interface Backbone {
  readonly dropout: Dropout;
  /** Whether `linear` of cross-attention's W_k and W_v is nothing but x W^T, so that a model may multiply in another order. */
  readonly plainLinear?: boolean;
  /** Whether the gradient makes the values inside each layer anew instead of keeping them. */
  readonly recomputes?: boolean;
  /** A weight of the model, float32, checked against the shape that the architecture asks for. */
  weight(name: string, shape: readonly number[]): Tensor;
  /** x W^T for the weight `name` [out, in]; the place where low-rank and bias methods act. */
  linear(name: string, x: Tensor, out: number, width: number): Tensor;
}

export interface BackboneOptions {
  readonly dropoutRate?: number;
  readonly recomputes?: boolean;
  /** Which weights are graph inputs (trained, fed at each run); all others stay in their file. None by default. */
  readonly trainable?: (name: string) => boolean;
}

/** A backbone over a checkpoint; each weight enters the graph once, however often it is used. */
export class CheckpointBackbone implements Backbone {
  readonly dropout: Dropout;
  readonly plainLinear: boolean = true;
  readonly recomputes: boolean;
  /** Weights that were made graph inputs, by name. */
  readonly trained = new Map<string, Tensor>();
  readonly #checkpoint: Checkpoint;
  readonly #trainable: (name: string) => boolean;
  readonly #weights = new Map<string, Tensor>();

  constructor(checkpoint: Checkpoint, options: BackboneOptions = {}) {
    const { dropoutRate = 0, recomputes = false, trainable = () => false } = options;
    this.#checkpoint = checkpoint;
    this.dropout = new Dropout(dropoutRate);
    this.recomputes = recomputes;
    this.#trainable = trainable;
  }

  weight(name: string, shape: readonly number[]): Tensor {
    const known = this.#weights.get(name);
    if (known !== undefined) return known;
    const tensor = this.#open(name, shape);
    this.#weights.set(name, tensor);
    return tensor;
  }

  #open(name: string, shape: readonly number[]): Tensor {
    const { dtype, shape: found, offset, byteLength, file } = this.#checkpoint.tensor(name);
    if (found.length !== shape.length || found.some((extent, i) => extent !== shape[i])) {
      throw new DeptError('bad-file', `The weight "${name}" does not fit the model's configuration`, {
        expected: `[${shape.join(', ')}]`,
        got: `[${found.join(', ')}]`,
        path: file.path,
      });
    }
    const types = { F32: 'float32', F16: 'float16', BF16: 'bfloat16' } as const;
    const type = types[dtype as keyof typeof types];
    if (type === undefined) {
      throw new DeptError('unsupported', `The weight "${name}" has a type that no model here uses`, {
        expected: Object.keys(types).join(', '),
        got: dtype,
        path: file.path,
      });
    }
    if (this.#trainable(name)) {
      const parameter = input(name, 'float32', shape);
      this.trained.set(name, parameter);
      return parameter;
    }
    return cast(stored({ name, type, shape, file: file.path, offset, length: byteLength }), 'float32');
  }

  linear(name: string, x: Tensor, out: number, width: number): Tensor {
    return matmul(x, this.weight(name, [out, width]), { transB: true });
  }
}
