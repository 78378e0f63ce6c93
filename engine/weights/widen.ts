/** Weights of 16 bits as float32, in a file of their own that is made from a checkpoint and can be made again. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { checkSpace } from '../common/disk.ts';
import { type Checkpoint, openDerived } from './checkpoint.ts';
import { elementCount } from './dtypes.ts';
import { type TensorToMake, writeSafetensors } from './safetensors.ts';

/** Whether graphs can compute with the weights as they lie in their files. */
export function isFloat32(checkpoint: Checkpoint): boolean {
  return checkpoint.names().every((name) => checkpoint.tensor(name).dtype === 'F32');
}

/**
 * The checkpoint with all its tensors as float32, which sessions can map instead of holding a widened copy each. Made in
 * `folder` when first asked for; one that is float32 already is given back as it is.
 * @throws DeptError 'no-space' where the disk has too little room.
 */
export function widenedCheckpoint(checkpoint: Checkpoint, folder: string): Checkpoint {
  if (isFloat32(checkpoint)) return checkpoint;
  const own = join(folder, `float32-${checkpoint.fingerprint().slice(0, 16)}`);
  const path = join(own, 'model.safetensors');
  if (!existsSync(path)) {
    const tensors: Record<string, TensorToMake> = {};
    for (const name of checkpoint.names()) {
      tensors[name] = { dtype: 'F32', shape: checkpoint.tensor(name).shape, make: () => checkpoint.floats(name) };
    }
    const values = Object.values(tensors).reduce((sum, { shape }) => sum + elementCount(shape), 0);
    checkSpace(own, values * Float32Array.BYTES_PER_ELEMENT, {
      what: 'the weights as float32',
      instead: 'set sharedWeights to false where memory allows it',
    });
    writeSafetensors(path, tensors);
  }
  const widened = openDerived(own);
  // under the names of the original, one of which may stand for another
  const actual = (name: string): string => checkpoint.tensor(name).name;
  return {
    ...checkpoint,
    tensor: (name) => widened.tensor(actual(name)),
    floats: (name, row) => widened.floats(actual(name), row),
  };
}
