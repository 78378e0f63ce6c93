/** A checkpoint's files: names as published, everything back bit for bit, and refusals that name the file. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ParameterSpec } from '../../engine/graph/parameter.ts';
import { readCheckpointFiles, readTrained, writeCheckpointFiles } from '../../engine/training/checkpoint-files.ts';
import { readSafetensorsHeader } from '../../engine/weights/safetensors.ts';
import { deptMethod, table } from './tiny.ts';

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
  return { spec, values: part(0), first: part(1), second: part(2) };
});
const write = (): void => writeCheckpointFiles(folder, parameters, state, { peft_type: 'PROMPT_TUNING_LORA' });
const refused = (code: string, path: string) =>
  expect.objectContaining({ code, details: expect.objectContaining({ path: join(folder, path) }) });

test('the files and tensors of an adapter as PEFT and the authors have them, moments apart', () => {
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
  expect(readCheckpointFiles(folder, specs)).toEqual({ parameters, state });
  expect(readTrained(folder, specs)).toEqual(parameters.map(({ spec, values }) => ({ spec, values })));
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

  test('a state that is not one', () => {
    write();
    writeFileSync(join(folder, 'trainer_state.json'), '{"step": -1}');
    expect(() => readCheckpointFiles(folder, specs)).toThrow(refused('bad-file', 'trainer_state.json'));
  });

  test('an empty folder', () => {
    expect(() => readCheckpointFiles(folder, specs)).toThrow(expect.objectContaining({ code: 'not-found' }));
  });
});
