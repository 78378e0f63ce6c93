/** A checkpoint's files: the trained tensors for use, and what exact resumption needs beyond them. */
import { join } from 'node:path';
import { z } from 'zod';
import { DeptError } from '../common/errors.ts';
import { writeJsonAtomic } from '../common/files.ts';
import { readJson } from '../common/json.ts';
import type { ParameterSpec } from '../graph/parameter.ts';
import {
  findTensor,
  readFloats,
  readSafetensorsHeader,
  type SafetensorsFile,
  type TensorToWrite,
  writeSafetensors,
} from '../weights/safetensors.ts';
import type { TrainedParameter } from './train-step.ts';

const ADAPTER = 'adapter_model.safetensors';
const MOMENTS = 'trainer_state.safetensors';
const STATE = 'trainer_state.json';

const trainerState = z.strictObject({
  /** Updates done. */
  step: z.int().min(0),
  /** The step of the newest evaluation; 0 before the first. */
  evaluated: z.int().min(0),
  best: z.object({ step: z.int().min(0), value: z.number() }).nullable(),
  /** Evaluations since the best one. */
  stale: z.int().min(0),
});

export type TrainerState = z.infer<typeof trainerState>;

function tensorsOf(
  parameters: readonly TrainedParameter[],
  part: 'values' | 'first' | 'second',
  prefix = '',
): Record<string, TensorToWrite> {
  const tensors = parameters.map(({ spec, [part]: values }) => {
    const data = values as Float32Array<ArrayBuffer>; // never shared memory
    return [prefix + spec.name, { dtype: 'F32', shape: spec.shape, data }] as const;
  });
  return Object.fromEntries(tensors);
}

/** Writes into an existing folder; the caller makes the folder appear at once. `adapterConfig` describes the tensors. */
export function writeCheckpointFiles(
  folder: string,
  parameters: readonly TrainedParameter[],
  state: TrainerState,
  adapterConfig: Readonly<Record<string, unknown>>,
): void {
  writeSafetensors(join(folder, ADAPTER), tensorsOf(parameters, 'values'), { format: 'pt' });
  const moments = { ...tensorsOf(parameters, 'first', 'first.'), ...tensorsOf(parameters, 'second', 'second.') };
  writeSafetensors(join(folder, MOMENTS), moments);
  writeJsonAtomic(join(folder, 'adapter_config.json'), adapterConfig);
  writeJsonAtomic(join(folder, STATE), state);
}

function floats(file: SafetensorsFile, name: string, shape: readonly number[]): Float32Array {
  const found = findTensor(file, name).shape;
  if (found.length === shape.length && found.every((extent, i) => extent === shape[i])) return readFloats(file, name);
  throw new DeptError('bad-file', `The checkpoint's tensor "${name}" does not fit the run's configuration`, {
    expected: `[${shape.join(', ')}]`,
    got: `[${found.join(', ')}]`,
    path: file.path,
  });
}

/** The trained tensors of a checkpoint, for use. Throws `not-found` or `bad-file`. */
export function readTrained(
  folder: string,
  specs: readonly ParameterSpec[],
): Pick<TrainedParameter, 'spec' | 'values'>[] {
  const file = readSafetensorsHeader(join(folder, ADAPTER));
  return specs.map((spec) => ({ spec, values: floats(file, spec.name, spec.shape) }));
}

/** Everything that training needs to go on as if it had never stopped. Throws `not-found` or `bad-file`. */
export function readCheckpointFiles(
  folder: string,
  specs: readonly ParameterSpec[],
): { parameters: TrainedParameter[]; state: TrainerState } {
  const moments = readSafetensorsHeader(join(folder, MOMENTS));
  const parameters = readTrained(folder, specs).map(({ spec, values }) => ({
    spec,
    values,
    first: floats(moments, `first.${spec.name}`, spec.shape),
    second: floats(moments, `second.${spec.name}`, spec.shape),
  }));
  return { parameters, state: readJson(join(folder, STATE), trainerState) };
}
