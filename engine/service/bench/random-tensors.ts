/** Tensors of random values, for models that are only to be timed. */
import { keyOf, mix32 } from '../../common/random.ts';
import { type TensorToWrite, writeSafetensors } from '../../weights/safetensors.ts';

/** Uniform in [-bound, bound): `count` values that depend on the name alone. */
export function randomValues(name: string, count: number, bound: number): Float32Array<ArrayBuffer> {
  const key = keyOf(name);
  const data = new Float32Array(count);
  for (let i = 0; i < count; i += 1) data[i] = (mix32(i ^ key) / 2 ** 31 - 1) * bound;
  return data;
}

/** The tensors of a random checkpoint, float32, collected by name. */
export class RandomTensors {
  readonly #tensors: Record<string, TensorToWrite> = {};

  /** Uniform; the default bound keeps what a linear map [out, in] gives about as large as what it reads. */
  matrix(name: string, shape: readonly number[], bound = shape.slice(1).reduce((n, extent) => n * extent, 1) ** -0.5) {
    const count = shape.reduce((product, extent) => product * extent, 1);
    this.#tensors[name] = { dtype: 'F32', shape, data: randomValues(name, count, bound) };
  }

  constant(name: string, shape: readonly number[], value: number): void {
    const data = new Float32Array(shape.reduce((product, extent) => product * extent, 1)).fill(value);
    this.#tensors[name] = { dtype: 'F32', shape, data };
  }

  /** What was collected under this name. */
  values(name: string): Float32Array {
    return this.#tensors[name]!.data as Float32Array;
  }

  write(path: string): void {
    writeSafetensors(path, this.#tensors, { format: 'pt' });
  }
}
