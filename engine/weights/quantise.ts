/** Frozen matrices as int8, in a file of their own that is made from a checkpoint and can be made again. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { LARGEST_WEIGHT } from '../graph/ops/quantised-linear.ts';
import { type Checkpoint, type CheckpointTensor, openDerived } from './checkpoint.ts';
import { type TensorToMake, writeSafetensors } from './safetensors.ts';

/** Changes whenever the files' contents would. */
const VERSION = 3;

/** [inner, columns] as whole numbers from -64 to 64, with one scale for each column. */
export interface QuantisedValues {
  readonly values: Int8Array<ArrayBuffer>;
  readonly scales: Float32Array<ArrayBuffer>;
}

/**
 * The matrix M [inner, columns] whose element (i, j) is `weights[i * step + j * stride]`, each column divided by a 64th of its
 * largest absolute value. A row-major W has step = its row length and stride 1; W^T has them exchanged.
 */
export function quantiseColumns(
  weights: Float32Array,
  { inner, columns, step, stride }: Readonly<Record<'inner' | 'columns' | 'step' | 'stride', number>>,
): QuantisedValues {
  const scales = new Float32Array(columns);
  for (let i = 0; i < inner; i += 1) {
    for (let j = 0; j < columns; j += 1) {
      scales[j] = Math.max(scales[j]!, Math.abs(weights[i * step + j * stride]!));
    }
  }
  for (let j = 0; j < columns; j += 1) scales[j] = scales[j] === 0 ? 1 : scales[j]! / LARGEST_WEIGHT;
  const values = new Int8Array(inner * columns);
  for (let i = 0; i < inner; i += 1) {
    for (let j = 0; j < columns; j += 1) {
      values[i * columns + j] = Math.round(weights[i * step + j * stride]! / scales[j]!);
    }
  }
  return { values, scales };
}

/** The tensors of both sides of W [out, in], each with its scales, made when they are written. */
function sidesOf(checkpoint: Checkpoint, name: string): [name: string, tensor: TensorToMake][] {
  const [out, width] = checkpoint.tensor(name).shape as [number, number];
  const sides = {
    forward: { inner: width, columns: out, step: 1, stride: width },
    backward: { inner: out, columns: width, step: width, stride: 1 },
  };
  return Object.entries(sides).flatMap(([side, layout]) => {
    const { inner, columns } = layout;
    const quantised = (): QuantisedValues => quantiseColumns(checkpoint.floats(name), layout);
    return [
      [`${name}.${side}`, { dtype: 'I8', shape: [inner, columns], make: () => quantised().values }],
      [`${name}.${side}.scales`, { dtype: 'F32', shape: [columns], make: () => quantised().scales }],
    ];
  });
}

/**
 * The checkpoint with every matrix that `isMatrix` names, W [out, in], as four tensors: `<name>.forward` int8 [in, out] is
 * W^T, `<name>.backward` int8 [out, in] is W, each with `.scales` of its columns. All others are there as float32, since a
 * graph takes its weights from one folder. Made in `folder` when first asked for.
 */
export function quantisedCheckpoint(
  checkpoint: Checkpoint,
  isMatrix: (name: string) => boolean,
  folder: string,
): Checkpoint {
  const own = join(folder, `int8-${VERSION}-${checkpoint.fingerprint().slice(0, 16)}`);
  const path = join(own, 'model.safetensors');
  if (!existsSync(path)) {
    const tensors = checkpoint.names().flatMap((name): [string, TensorToMake][] => {
      if (isMatrix(name)) return sidesOf(checkpoint, name);
      const { shape } = checkpoint.tensor(name);
      return [[name, { dtype: 'F32', shape, make: () => checkpoint.floats(name) }]];
    });
    writeSafetensors(path, Object.fromEntries(tensors));
  }
  const quantised = openDerived(own);
  // under the names of the original, one of which may stand for another
  const actual = (name: string): string => (quantised.has(name) ? name : checkpoint.tensor(name).name);
  return {
    ...quantised,
    has: (name) => quantised.has(name) || (checkpoint.has(name) && quantised.has(actual(name))),
    tensor: (name) => quantised.tensor(actual(name)),
    floats: (name, row) => quantised.floats(actual(name), row),
  };
}

/** The same tensors without values: enough for what a graph over them would cost. */
export function quantisedOutline(checkpoint: Checkpoint): Checkpoint {
  const tensor = (name: string): CheckpointTensor => {
    const [, matrix, side, scales] = /^(.*)\.(forward|backward)(\.scales)?$/.exec(name) ?? [];
    if (matrix === undefined) return checkpoint.tensor(name);
    const whole = checkpoint.tensor(matrix);
    const [out, width] = whole.shape as [number, number];
    const shape = side === 'forward' ? [width, out] : [out, width];
    return {
      ...whole,
      name,
      ...(scales === undefined ? { dtype: 'I8', shape } : { dtype: 'F32', shape: shape.slice(1) }),
    };
  };
  return { ...checkpoint, tensor };
}
