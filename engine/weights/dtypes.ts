/** The element types of a safetensors file, and the typed array that holds each. */

/** bfloat16 has no typed array of its own: its bits travel in a `Uint16Array`. */
export const ELEMENT_ARRAYS = {
  F64: Float64Array,
  F32: Float32Array,
  F16: Float16Array,
  BF16: Uint16Array,
  I64: BigInt64Array,
  I32: Int32Array,
  I16: Int16Array,
  I8: Int8Array,
  U64: BigUint64Array,
  U32: Uint32Array,
  U16: Uint16Array,
  U8: Uint8Array,
  BOOL: Uint8Array,
} as const;

export type Dtype = keyof typeof ELEMENT_ARRAYS;

export type TensorArray = InstanceType<(typeof ELEMENT_ARRAYS)[Dtype]>;

export function isDtype(name: string): name is Dtype {
  return Object.hasOwn(ELEMENT_ARRAYS, name);
}

/** Bytes of one element. */
export function elementSize(dtype: Dtype): number {
  return ELEMENT_ARRAYS[dtype].BYTES_PER_ELEMENT;
}

/** Torch's own limit. */
export const MAX_AXES = 64;

/** Number of elements; NaN where the shape is not made of safe, non-negative integers or the product overflows. */
export function elementCount(shape: readonly number[]): number {
  let count = 1;
  for (const size of shape) {
    if (!Number.isSafeInteger(size) || size < 0) return Number.NaN;
    count *= size;
  }
  return Number.isSafeInteger(count) ? count : Number.NaN;
}
