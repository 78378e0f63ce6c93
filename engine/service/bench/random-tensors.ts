/** Tensors of random values, for models that are only to be timed. */
import { keyOf, mix32 } from '../../common/random.ts';
import { elementCount } from '../../weights/dtypes.ts';
import { type TensorToMake, writeSafetensors } from '../../weights/safetensors.ts';

/** Uniform in [-bound, bound): `count` values that depend on the name alone. */
export function randomValues(name: string, count: number, bound: number): Float32Array<ArrayBuffer> {
  const key = keyOf(name);
  const data = new Float32Array(count);
  for (let i = 0; i < count; i += 1) data[i] = (mix32(i ^ key) / 2 ** 31 - 1) * bound;
  return data;
}

/** The tensors of a random checkpoint, collected by name, made as they are written. */
export class RandomTensors {
  readonly #dtype: 'F32' | 'F16';
  readonly #tensors: Record<string, TensorToMake> = {};

  constructor(dtype: 'F32' | 'F16' = 'F32') {
    this.#dtype = dtype;
  }

  /**
   * Uniform; the default bound keeps what a linear map [out, in] gives about as large as what it reads. `zeroRow`: the number of
   * a row of zeros.
   */
  matrix(name: string, shape: readonly number[], bound = elementCount(shape.slice(1)) ** -0.5, zeroRow?: number): void {
    this.#add(name, shape, () => {
      const values = randomValues(name, elementCount(shape), bound);
      const width = elementCount(shape.slice(1));
      return zeroRow === undefined ? values : values.fill(0, zeroRow * width, (zeroRow + 1) * width);
    });
  }

  constant(name: string, shape: readonly number[], value: number): void {
    this.#add(name, shape, () => new Float32Array(elementCount(shape)).fill(value));
  }

  #add(name: string, shape: readonly number[], values: () => Float32Array<ArrayBuffer>): void {
    const make = this.#dtype === 'F16' ? () => new Float16Array(values()) : values;
    this.#tensors[name] = { dtype: this.#dtype, shape, make };
  }

  write(path: string): void {
    writeSafetensors(path, this.#tensors, { format: 'pt' });
  }
}
