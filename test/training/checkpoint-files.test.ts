/** A checkpoint's files: names as published, everything back bit for bit, and refusals that name the file. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ParameterSpec } from '../../engine/graph/parameter.ts';
import { readCheckpointFiles, readTrained, writeCheckpointFiles } from '../../engine/training/checkpoint-files.ts';
import { adafactor } from '../../engine/training/optimisers/adafactor.ts';
import type { Optimiser } from '../../engine/training/optimisers/optimiser.ts';
import { sgd } from '../../engine/training/optimisers/sgd.ts';
import { withFreshState } from '../../engine/training/train-step.ts';
import { readSafetensorsHeader } from '../../engine/weights/safetensors.ts';
import { deptMethod, oldAdamW, table } from './tiny.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'dept-checkpoint-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const specs = deptMethod().parameters;
const state = { step: 7, evaluated: 5, best: { step: 5, value: 0.1 + 0.2 }, stale: 1 };
const parameters = specs.map((spec, i) => {
  const part = (offset: number): Float32Array => {
    const length = spec.shape.reduce((product, extent) => product * extent, 1);
    return Float32Array.from({ length }, (_, j) => table[(i * 31 + offset + j) % table.length]! * 1e-30);
  };
  const [first, second] = [part(1), part(2)].map((values) => ({ shape: spec.shape, values }));
  return { spec, values: part(0), state: { first: first!, second: second! } };
});
const write = (): void => writeCheckpointFiles(folder, parameters, state, { peft_type: 'PROMPT_TUNING_LORA' });
const refused = (code: string, path: string) =>
  expect.objectContaining({ code, details: expect.objectContaining({ path: join(folder, path) }) });

test('the files and tensors of an adapter as PEFT and the authors have them, what the optimiser keeps apart', () => {
  write();
  expect(readdirSync(folder).sort()).toEqual([
    'adapter_config.json',
    'adapter_model.safetensors',
    'trainer_state.json',
    'trainer_state.safetensors',
  ]);
  const { metadata, tensors } = readSafetensorsHeader(join(folder, 'adapter_model.safetensors'));
  expect(metadata).toEqual({ format: 'pt' });
  expect([...tensors.values()].map(({ name, dtype, shape }) => ({ name, dtype, shape }))).toEqual([
    { name: 'prompt_embeddings', dtype: 'F32', shape: [4, 16] },
    { name: 'prompt_encoder.lora_embedding_A', dtype: 'F32', shape: [8, 3] },
    { name: 'prompt_encoder.lora_embedding_B', dtype: 'F32', shape: [3, 16] },
  ]);
  expect(JSON.parse(readFileSync(join(folder, 'adapter_config.json'), 'utf8'))).toEqual({
    peft_type: 'PROMPT_TUNING_LORA',
  });
});

test('everything comes back as it was', () => {
  write();
  expect(readCheckpointFiles(folder, specs, oldAdamW)).toEqual({ parameters, state });
  expect(readTrained(folder, specs)).toEqual(parameters.map(({ spec, values }) => ({ spec, values })));
});

test("the optimiser's tensors have the shapes that it keeps, and a checkpoint may hold none", () => {
  const kept = (optimiser: Optimiser) => {
    writeCheckpointFiles(folder, withFreshState(parameters, optimiser), state, {});
    expect(readCheckpointFiles(folder, specs, optimiser).parameters).toEqual(withFreshState(parameters, optimiser));
    const { tensors } = readSafetensorsHeader(join(folder, 'trainer_state.safetensors'));
    return Object.fromEntries([...tensors.values()].map(({ name, shape }) => [name, shape]));
  };
  const settings = { epsilons: [1e-30, 1e-3], clipThreshold: 1, decayRate: -0.8, weightDecay: 0 } as const;
  expect(kept(adafactor({ ...settings, beta1: null, scaleParameter: false }))).toEqual({
    'row.prompt_embeddings': [4],
    'column.prompt_embeddings': [16],
    'row.prompt_encoder.lora_embedding_A': [8],
    'column.prompt_encoder.lora_embedding_A': [3],
    'row.prompt_encoder.lora_embedding_B': [3],
    'column.prompt_encoder.lora_embedding_B': [16],
  });
  expect(kept(sgd({ momentum: 0, nesterov: false, weightDecay: 0 }))).toEqual({});
});

describe('refuses', () => {
  const renamed = (changes: Partial<ParameterSpec>): ParameterSpec[] => [{ ...specs[0]!, ...changes }];

  test.each([{ shape: [16, 4] }, { shape: [5, 16] }, { shape: [64] }])('a tensor that is not $shape', ({ shape }) => {
    write();
    const read = () => readTrained(folder, renamed({ shape }));
    expect(read).toThrow(refused('bad-file', 'adapter_model.safetensors'));
    expect(read).toThrow(/prompt_embeddings/);
  });

  test('a checkpoint without a tensor', () => {
    write();
    const read = () => readTrained(folder, renamed({ name: 'another' }));
    expect(read).toThrow(refused('not-found', 'adapter_model.safetensors'));
  });

  test("another optimiser's checkpoint", () => {
    write();
    const read = () => readCheckpointFiles(folder, specs, sgd({ momentum: 0.9, nesterov: false, weightDecay: 0 }));
    expect(read).toThrow(refused('not-found', 'trainer_state.safetensors'));
  });

  test('a state that is not one', () => {
    write();
    writeFileSync(join(folder, 'trainer_state.json'), '{"step": -1}');
    expect(() => readCheckpointFiles(folder, specs, oldAdamW)).toThrow(refused('bad-file', 'trainer_state.json'));
  });

  test('an empty folder', () => {
    expect(() => readCheckpointFiles(folder, specs, oldAdamW)).toThrow(expect.objectContaining({ code: 'not-found' }));
  });
});
