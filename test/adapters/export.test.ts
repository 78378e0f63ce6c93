/** Adapters for other programs: the authors' files come out as they were, PEFT computes the same with ours as we with its own. */
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readAdapter } from '../../engine/adapters/adapter.ts';
import { writeDeptFolder, writePeftFolder } from '../../engine/adapters/export.ts';
import { startParameters } from '../../engine/training/train-step.ts';
import { encoderFeeds, trainedParameters } from '../../engine/vision-language/clip-t5.ts';
import { linearProjection } from '../../engine/vision-language/projection.ts';
import { targetFeeds } from '../../engine/vision-language/target-feeds.ts';
import { readFloats, readSafetensorsHeader, readTensor, type TensorToWrite } from '../../engine/weights/safetensors.ts';
import { compared, pinned } from '../fidelity/compared.ts';
import { golden } from '../models/reference.ts';
import { promptTuningMethod, config as t5 } from '../training/tiny.ts';
import { countedLogits, openLogits } from '../tuning/logits.ts';
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
import { exported, writeExported } from './write-exported.ts';

const unused = unusedFolders();
const adapter = (config: object, tensors: Readonly<Record<string, TensorToWrite>>) =>
  readAdapter(writeAdapter(unused(), config, tensors));

compared(
  {
    area: 'Checkpoints',
    what: 'published DePT adapters read and exported: adapter_config.json and adapter_model.bin, whole files',
    against: 'the authors',
    measure: 'identical',
    allowed: 0,
    skip: !existsSync(published),
  },
  (differences) => {
    for (const task of ['cola', 'sst2']) {
      const out = unused();
      writeDeptFolder(out, readAdapter(join(published, task)));
      for (const file of ['adapter_config.json', 'adapter_model.bin']) {
        const [own, theirs] = [out, join(published, task)].map((place) =>
          readFileSync(join(place, file)).toString('hex'),
        );
        differences.same(own, theirs, `${task}/${file}`);
      }
    }
  },
);

interface PeftReference {
  readonly case: { readonly input_ids: number[][]; readonly labels: number[][] };
}

compared(
  {
    area: 'DePT',
    what: "prompt tuning of PEFT's adapters, of one half and two, and of one exported here: logits",
    against: pinned('peft'),
    measure: 'relative',
    allowed: 1e-5,
  },
  async (differences) => {
    const { reference, expected, folder: files } = golden<PeftReference>('peft');
    const texts = reference.case.input_ids.map((ids) => ids.filter((id) => id !== t5.padId));
    const targets = reference.case.labels.map((ids) => ({ ids: ids.filter((id) => id !== -100), score: 1 }));
    // no pictures: PEFT knows text only
    const visual = { tokens: 0, width: 1 };
    const model = {
      config: t5,
      method: promptTuningMethod({ promptLength: 4 }),
      projection: linearProjection({ clipWidth: 1, width: t5.width, epsilon: t5.epsilon }),
      visual,
    };
    const feeds = { ...encoderFeeds(model, texts, new Float32Array(0)), ...targetFeeds(t5, targets, () => 1) };
    await using logits = await openLogits(model);
    for (const name of ['exported', 'one-half', 'two-halves']) {
      const { weights } = readAdapter(join(files, name));
      const prompt = readFloats(weights, PROMPT).slice(0, 4 * t5.width);
      const parameters = startParameters(trainedParameters(model), 1).map((parameter) =>
        parameter.spec.name === PROMPT ? { ...parameter, values: prompt } : parameter,
      );
      const own = await logits.of(parameters, feeds);
      differences.values(own, countedLogits(expected(`${name}.logits`), feeds), name);
    }
  },
);

test('what the real PEFT loaded is what is exported today', () => {
  const out = unused();
  writeExported(out);
  const names = readdirSync(exported).sort();
  expect(names).toEqual(['adapter_config.json', 'adapter_model.safetensors']);
  expect(readdirSync(out).sort()).toEqual(names);
  for (const name of names) expect(readFileSync(join(out, name)).equals(readFileSync(join(exported, name)))).toBe(true);
});

describe("for the authors' fork", () => {
  test('every key of their configuration, sorted; the same tensors in both files, the projection beside them', () => {
    const own = { ...deptConfig, vision_model: 'clip', vision_layer: 3, vision_projection: 'linear' };
    const out = unused();
    writeDeptFolder(out, adapter(own, { ...deptTensors, ...projection }));
    expect(readdirSync(out).sort()).toEqual([
      'adapter_config.json',
      'adapter_model.bin',
      'adapter_model.safetensors',
      'visual_projection.safetensors',
    ]);
    const text = readFileSync(join(out, 'adapter_config.json'), 'utf8');
    expect(JSON.parse(text)).toEqual(deptConfig);
    expect(Object.keys(JSON.parse(text))).toEqual(Object.keys(deptConfig).sort());
    expect(text.endsWith('}')).toBe(true);
    for (const file of [join(out, 'adapter_model.safetensors')]) {
      expect([...readSafetensorsHeader(file).tensors.keys()]).toEqual([PROMPT, A, B]);
    }
    const again = readAdapter(out);
    for (const [name, { data }] of Object.entries(deptTensors)) expect(again.tensors[name]!.data).toEqual(data);
    rmSync(join(out, 'adapter_model.safetensors'));
    const fromTorch = readAdapter(out);
    for (const [name, { data }] of Object.entries(deptTensors)) expect(fromTorch.tensors[name]!.data).toEqual(data);
    const visual = readSafetensorsHeader(join(out, 'visual_projection.safetensors'));
    expect(visual.metadata).toEqual({
      format: 'pt',
      vision_model: 'clip',
      vision_layer: '3',
      vision_projection: 'linear',
    });
    expect(readTensor(visual, 'visual_projection.linear.bias')).toEqual(
      projection['visual_projection.linear.bias'].data,
    );
  });

  test("a scale of 1 is written as the alpha that makes their code's scale 1", () => {
    const out = unused();
    writeDeptFolder(out, adapter({ ...deptConfig, lora_alpha: null }, deptTensors));
    const { lora_alpha: alpha, r } = JSON.parse(readFileSync(join(out, 'adapter_config.json'), 'utf8'));
    expect(alpha / Math.sqrt(r)).toBe(1);
  });

  test.each([
    [
      'no prompt',
      { num_virtual_tokens: 0 },
      { [A]: deptTensors[A], [B]: deptTensors[B] },
      [
        [0, 16],
        [8, 3],
        [3, 16],
      ],
    ],
    [
      'no update',
      { r: 0 },
      promptTensors,
      [
        [4, 16],
        [8, 0],
        [0, 16],
      ],
    ],
  ])('%s: their reader asks for all three tensors', (_what, changes, tensors, shapes) => {
    const out = unused();
    writeDeptFolder(out, adapter({ ...deptConfig, ...changes }, tensors));
    const written = [...readSafetensorsHeader(join(out, 'adapter_model.safetensors')).tensors.values()];
    expect(written.map(({ name }) => name).sort()).toEqual([PROMPT, A, B].sort());
    expect([PROMPT, A, B].map((name) => written.find((one) => one.name === name)!.shape)).toEqual(shapes);
    expect(Object.keys(readAdapter(out).tensors)).toEqual(Object.keys(tensors));
  });

  test('texts beyond ASCII are escaped, as Python does it', () => {
    const out = unused();
    writeDeptFolder(out, adapter({ ...deptConfig, prompt_tuning_init_text: 'Café 𝒙?' }, deptTensors));
    const text = readFileSync(join(out, 'adapter_config.json'), 'utf8');
    expect(text).toContain(String.raw`"prompt_tuning_init_text": "Caf\u00e9 \ud835\udc99?"`);
  });
});

describe('refused', () => {
  test('DePT with an update as PROMPT_TUNING: why, and the ways out', () => {
    const out = unused();
    const write = () => writePeftFolder(out, adapter(deptConfig, deptTensors));
    expect(write).toThrow(
      expect.objectContaining({
        code: 'unsupported',
        message: expect.stringMatching(/low-rank update cannot become one of PEFT/),
        details: expect.objectContaining({
          remedy: expect.stringMatching(/at each place of the text.*--to dept.*--to onnx/),
        }),
      }),
    );
    expect(existsSync(out)).toBe(false);
  });

  test('an adapter whose A and B are missing', () => {
    const write = () => writeDeptFolder(unused(), adapter(deptConfig, promptTensors));
    expect(write).toThrow(
      expect.objectContaining({ code: 'unsupported', message: expect.stringMatching(/not whole/) }),
    );
  });

  test('a folder that is there', () => {
    const write = () =>
      writeDeptFolder(writeAdapter(unused(), deptConfig, deptTensors), adapter(deptConfig, deptTensors));
    expect(write).toThrow(expect.objectContaining({ code: 'already-exists' }));
  });
});

test('DePT of rank 0 is prompt tuning: it goes to PEFT, and two halves go as one', () => {
  const out = unused();
  writePeftFolder(out, adapter({ ...deptConfig, r: 0 }, { ...promptTensors, ...projection }));
  expect(JSON.parse(readFileSync(join(out, 'adapter_config.json'), 'utf8'))).toMatchObject({
    peft_type: 'PROMPT_TUNING',
    num_transformer_submodules: 1,
    num_virtual_tokens: 4,
  });
  expect(existsSync(join(out, 'visual_projection.safetensors'))).toBe(true);

  const two = drawn('two', 8, 16);
  const half = unused();
  writePeftFolder(half, adapter({ ...promptConfig, num_transformer_submodules: 2 }, { [PROMPT]: two }));
  expect([...readAdapter(half).tensors[PROMPT]!.data]).toEqual([...two.data.subarray(0, 64)]);
});
