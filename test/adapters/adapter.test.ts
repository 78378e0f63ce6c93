/** Adapters from elsewhere: what is read, and what is refused in words. */
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readAdapter } from '../../engine/adapters/adapter.ts';
import { addAdapter, listAdapters, openAdapter, removeAdapter } from '../../engine/adapters/library.ts';
import { DeptError } from '../../engine/common/errors.ts';
import type { TensorToWrite } from '../../engine/weights/safetensors.ts';
import { published } from './published.ts';
import {
  A,
  B,
  deptConfig,
  deptTensors,
  drawn,
  PROMPT,
  projection,
  promptConfig,
  promptTensors,
  unusedFolders,
  writeAdapter,
} from './small-adapters.ts';

const unused = unusedFolders();

test.skipIf(!existsSync(published)).each([
  ['cola', 80, 15],
  ['sst2', 60, 30],
])("the authors' %s has m %d, r %d, s 256, d 768 (needs ../shared)", (task, promptLength, rank) => {
  expect(readAdapter(join(published, task))).toMatchObject({
    method: 'dept',
    promptLength,
    rank,
    maxTextLength: 256,
    alpha: 8,
    width: 768,
    missing: [],
    projection: {},
  });
});

describe('reads', () => {
  test('safetensors before torch files', () => {
    const own = writeAdapter(unused(), promptConfig, promptTensors);
    writeAdapter(own, promptConfig, { [PROMPT]: drawn('other', 4, 16) }, 'adapter_model.bin');
    expect(readAdapter(own).tensors[PROMPT]!.data).toEqual(promptTensors[PROMPT].data);
    rmSync(join(own, 'adapter_model.safetensors'));
    expect(readAdapter(own).tensors[PROMPT]!.data).toEqual(drawn('other', 4, 16).data);
  });

  test("a run's checkpoint, its projection beside the prompt", () => {
    const { tensors, projection: own } = readAdapter(
      writeAdapter(unused(), deptConfig, { ...deptTensors, ...projection }),
    );
    expect(Object.keys(tensors)).toEqual([PROMPT, A, B]);
    expect(Object.keys(own).sort()).toEqual(Object.keys(projection).sort());
  });

  test('a prompt without A and B, as the authors published some: they are named as missing', () => {
    const { method, rank, missing, tensors } = readAdapter(
      writeAdapter(unused(), deptConfig, promptTensors, 'adapter_model.bin'),
    );
    expect({ method, rank, missing, names: Object.keys(tensors) }).toEqual({
      method: 'dept',
      rank: 3,
      missing: [A, B],
      names: [PROMPT],
    });
  });

  test('half precision as it is', () => {
    const half: TensorToWrite = { dtype: 'F16', shape: [4, 16], data: new Float16Array(64).fill(0.5) };
    expect(readAdapter(writeAdapter(unused(), promptConfig, { [PROMPT]: half })).tensors[PROMPT]!.dtype).toBe('F16');
  });
});

describe('refuses', () => {
  const wide = drawn('wide', 4, 17);
  const infinite: TensorToWrite = {
    dtype: 'F32',
    shape: [4, 16],
    data: new Float32Array(64).fill(Number.POSITIVE_INFINITY),
  };
  const whole: TensorToWrite = { dtype: 'I32', shape: [4, 16], data: new Int32Array(64) };

  test.each<[string, string, RegExp, object, Readonly<Record<string, TensorToWrite>>]>([
    [
      'multitask prompts, with the reason',
      'unsupported',
      /MULTITASK_PROMPT_TUNING are not read: its prompt is a product/,
      { ...promptConfig, peft_type: 'MULTITASK_PROMPT_TUNING' },
      promptTensors,
    ],
    ['P-tuning', 'unsupported', /P_TUNING are not read/, { ...promptConfig, peft_type: 'P_TUNING' }, promptTensors],
    ['LoRA', 'unsupported', /of the kind LORA are not read$/, { ...promptConfig, peft_type: 'LORA' }, promptTensors],
    [
      'another kind of model',
      'unsupported',
      /reads and then writes/,
      { ...promptConfig, task_type: 'CAUSAL_LM' },
      promptTensors,
    ],
    ['no kind', 'bad-file', /expected fields/, {}, promptTensors],
    [
      'a length that is no number',
      'bad-file',
      /expected fields/,
      { ...promptConfig, num_virtual_tokens: '4' },
      promptTensors,
    ],
    ['an absurd length', 'bad-file', /expected fields/, { ...promptConfig, num_virtual_tokens: 1e12 }, promptTensors],
    [
      'another width than it says',
      'bad-file',
      /does not fit the adapter's configuration/,
      promptConfig,
      { [PROMPT]: wide },
    ],
    [
      'one half where it says two',
      'bad-file',
      /does not fit/,
      { ...promptConfig, num_transformer_submodules: 2 },
      promptTensors,
    ],
    ['another rank than it says', 'bad-file', /does not fit/, { ...deptConfig, r: 4 }, deptTensors],
    ['no prompt', 'bad-file', /lacks 'prompt_embeddings'/, promptConfig, {}],
    [
      'A without B',
      'bad-file',
      /lacks 'prompt_encoder.lora_embedding_B'/,
      deptConfig,
      { ...promptTensors, [A]: deptTensors[A] },
    ],
    [
      'an update that it does not speak of',
      'unsupported',
      /tensors that its kind does not have/,
      promptConfig,
      deptTensors,
    ],
    [
      'other tensors',
      'unsupported',
      /tensors that its kind does not have/,
      promptConfig,
      { ...promptTensors, 'base_model.lm_head': drawn('x', 1) },
    ],
    ['infinities', 'bad-file', /not finite/, promptConfig, { [PROMPT]: infinite }],
    ['whole numbers', 'bad-input', /floating-point/, promptConfig, { [PROMPT]: whole }],
  ])('%s', (_what, code, message, config, tensors) => {
    const own = writeAdapter(unused(), config, tensors);
    expect(() => readAdapter(own)).toThrow(DeptError);
    expect(() => readAdapter(own)).toThrow(expect.objectContaining({ code, message: expect.stringMatching(message) }));
  });

  test.each([
    ['a folder that is not there', 'not-found', undefined],
    ['a folder without weights', 'not-found', JSON.stringify(promptConfig)],
    ['a configuration that is no JSON', 'bad-file', '{'],
    ['a configuration that is a list', 'bad-file', '[]'],
  ])('%s', (_what, code, config) => {
    const own = unused();
    if (config !== undefined) {
      mkdirSync(own);
      writeFileSync(join(own, 'adapter_config.json'), config);
    }
    expect(() => readAdapter(own)).toThrow(expect.objectContaining({ code }));
  });
});

describe('the library', () => {
  test('keeps the files as they came, lists, opens and removes', async () => {
    const home = unused();
    const source = writeAdapter(unused(), deptConfig, deptTensors, 'adapter_model.bin');
    writeFileSync(join(source, 'train.log'), 'not taken');
    const { name, adapter } = await addAdapter(home, source, 'mine');
    expect([name, adapter.folder]).toEqual(['mine', join(home, 'adapters', 'mine')]);
    expect(existsSync(join(adapter.folder, 'train.log'))).toBe(false);
    rmSync(source, { recursive: true });
    expect(openAdapter(home, 'mine').tensors[B]!.data).toEqual(deptTensors[B].data);

    await expect(addAdapter(home, adapter.folder, 'mine')).rejects.toMatchObject({ code: 'already-exists' });
    await expect(addAdapter(home, adapter.folder, '../mine')).rejects.toMatchObject({ code: 'bad-input' });
    mkdirSync(join(home, 'adapters', 'broken'));
    const { adapters, broken } = listAdapters(home);
    expect([adapters.map((one) => one.name), broken.map((one) => one.name)]).toEqual([['mine'], ['broken']]);

    removeAdapter(home, 'mine');
    expect(() => openAdapter(home, 'mine')).toThrow(expect.objectContaining({ code: 'not-found' }));
    expect(() => removeAdapter(home, 'mine')).toThrow(expect.objectContaining({ code: 'not-found' }));
  });

  test('a broken adapter leaves nothing behind', async () => {
    const home = unused();
    const source = writeAdapter(unused(), deptConfig, { [PROMPT]: drawn('wide', 4, 17) });
    await expect(addAdapter(home, source, 'broken')).rejects.toMatchObject({ code: 'bad-file' });
    expect(listAdapters(home)).toEqual({ adapters: [], broken: [] });
  });
});
