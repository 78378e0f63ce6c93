/** Where values come from: what is fed in each run, what lies in a weights file, what is written into the graph. */
import type { ElementType } from '../onnx/types.ts';
import type { Shape } from './dim.ts';
import { applyOne, type Operation, type Tensor, type ValueType } from './tensor.ts';

/** The element types that can be fed; ONNX Runtime's binding refuses float16 under Node 24 (its issue 26791). */
export type FedType = Extract<ElementType, 'float32' | 'int32' | 'int64' | 'uint8' | 'bool'>;

export interface FedValue extends ValueType {
  readonly type: FedType;
}

/** Fed at every run: batches, and parameters that are being trained. */
export const inputOperation: Operation<FedValue & { readonly name: string }> = {
  name: 'Input',
  computes: 'a value fed at each run',
  shape: (_inputs, { type, shape }) => [{ type, shape }],
  gradient: 'none',
  emit: () => {},
};

/** A tensor in a file; the graph refers to its bytes, which never pass through the JavaScript heap. */
export interface StoredTensor {
  readonly name: string;
  readonly type: ElementType;
  readonly shape: readonly number[];
  readonly file: string;
  readonly offset: number;
  readonly length: number;
}

export const storedOperation: Operation<StoredTensor> = {
  name: 'Stored',
  computes: 'a tensor in a weights file, read from where it lies',
  shape: (_inputs, { type, shape }) => [{ type, shape }],
  gradient: 'none',
  emit: () => {},
};

/** Values written into the graph itself. */
export const constantOperation: Operation<{ type: ElementType; shape: readonly number[]; data: Uint8Array }> = {
  name: 'Constant',
  computes: 'values written into the graph',
  shape: (_inputs, { type, shape }) => [{ type, shape }],
  gradient: 'none',
  emit: () => {},
};

export const sourceOperations = [inputOperation, storedOperation, constantOperation] as const;

export function input(name: string, type: FedType, shape: Shape): Tensor {
  return applyOne(inputOperation, [], { name, type, shape });
}

export function stored(tensor: StoredTensor): Tensor {
  return applyOne(storedOperation, [], tensor);
}

function bytesOf(view: ArrayBufferView): Uint8Array {
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
}

/** A float32 constant; a number gives a scalar. */
export function constant(values: number | readonly number[], shape: readonly number[] = []): Tensor {
  const data = Float32Array.from(typeof values === 'number' ? [values] : values);
  return applyOne(constantOperation, [], { type: 'float32', shape, data: bytesOf(data) });
}

/** An int64 constant; a number gives a scalar. */
export function integerConstant(values: number | readonly number[], shape: readonly number[] = []): Tensor {
  const data = BigInt64Array.from((typeof values === 'number' ? [values] : values).map(BigInt));
  return applyOne(constantOperation, [], { type: 'int64', shape, data: bytesOf(data) });
}

/** An int8 constant. */
export function int8Constant(values: Int8Array, shape: readonly number[]): Tensor {
  return applyOne(constantOperation, [], { type: 'int8', shape, data: bytesOf(values) });
}
