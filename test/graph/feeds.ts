/** Numbers as what a graph is fed. */
import type { FedType } from '../../engine/graph/sources.ts';
import type { TensorData, Value } from '../../engine/runtime/session.ts';
import type { Dense } from './dense.ts';

export function feedOf({ shape, data }: Dense, type: FedType = 'float32'): Value {
  const arrays: Record<FedType, () => TensorData> = {
    float32: () => Float32Array.from(data),
    int32: () => Int32Array.from(data),
    int64: () => BigInt64Array.from(data, BigInt),
    uint8: () => Uint8Array.from(data),
    bool: () => Uint8Array.from(data),
  };
  return { shape, data: arrays[type]() };
}
