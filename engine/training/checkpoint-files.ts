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
import type { Optimiser } from './optimisers/optimiser.ts';
import { freshState, type ParameterValues, type TrainedParameter } from './train-step.ts';

const ADAPTER = 'adapter_model.safetensors';
const OPTIMISER = 'trainer_state.safetensors';
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

const tensor = (shape: readonly number[], values: Float32Array): TensorToWrite => ({
  dtype: 'F32',
  shape,
  data: values as Float32Array<ArrayBuffer>, // never shared memory
});

/** Writes into an existing folder; the caller makes the folder appear at once. `adapterConfig` describes the tensors. */
export function writeCheckpointFiles(
  folder: string,
  parameters: readonly TrainedParameter[],
  state: TrainerState,
  adapterConfig: Readonly<Record<string, unknown>>,
): void {
  const trained = parameters.map(({ spec, values }) => [spec.name, tensor(spec.shape, values)] as const);
  writeSafetensors(join(folder, ADAPTER), Object.fromEntries(trained), { format: 'pt' });
  const kept = parameters.flatMap(({ spec, state: ofOne }) =>
    Object.entries(ofOne).map(([part, { shape, values }]) => [`${part}.${spec.name}`, tensor(shape, values)] as const),
  );
  writeSafetensors(join(folder, OPTIMISER), Object.fromEntries(kept));
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
export function readTrained(folder: string, specs: readonly ParameterSpec[]): ParameterValues[] {
  const file = readSafetensorsHeader(join(folder, ADAPTER));
  return specs.map((spec) => ({ spec, values: floats(file, spec.name, spec.shape) }));
}

/** Everything that training needs to go on as if it had never stopped. Throws `not-found` or `bad-file`. */
export function readCheckpointFiles(
  folder: string,
  specs: readonly ParameterSpec[],
  optimiser: Optimiser,
): { parameters: TrainedParameter[]; state: TrainerState } {
  const kept = readSafetensorsHeader(join(folder, OPTIMISER));
  const parameters = readTrained(folder, specs).map(({ spec, values }) => {
    const state = Object.entries(freshState(spec, optimiser)).map(([part, { shape }]) => {
      return [part, { shape, values: floats(kept, `${part}.${spec.name}`, shape) }] as const;
    });
    return { spec, values, state: Object.fromEntries(state) };
  });
  return { parameters, state: readJson(join(folder, STATE), trainerState) };
}
