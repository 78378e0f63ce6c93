/** Checkpoints and adapters with a damaged file: all their tensors in the shapes that were asked for, or a refusal that names the file. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect } from 'vitest';
import { readAdapter } from '../../engine/adapters/adapter.ts';
import { Random } from '../../engine/common/random.ts';
import { readCheckpointFiles, writeCheckpointFiles } from '../../engine/training/checkpoint-files.ts';
import { withFreshState } from '../../engine/training/train-step.ts';
import { elementCount } from '../../engine/weights/dtypes.ts';
import { deptConfig, deptTensors, promptConfig, promptTensors, writeAdapter } from '../adapters/small-adapters.ts';
import { deptMethod, oldAdamW } from '../training/tiny.ts';
import { damaged, damagedJson } from './damage.ts';
import { ScratchFolder } from './folder.ts';
import { hunt } from './hunt.ts';

const scratch = new ScratchFolder();

/** One file of the folder damaged, the others whole. */
function oneDamaged(folder: string) {
  const files = new Map(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name))]));
  const inputs = fc.constantFrom(...files.keys()).chain((name) => {
    const bytes = files.get(name)!;
    const changed = name.endsWith('.json') ? damagedJson([JSON.parse(bytes.toString())]) : damaged([bytes]);
    return changed.map((content) => [name, content] as const);
  });
  const place = ([name, content]: readonly [string, Buffer]): void => {
    for (const [own, bytes] of files) writeFileSync(join(folder, own), own === name ? content : bytes);
  };
  return { inputs, place };
}

const specs = deptMethod().parameters;
const checkpoint = join(scratch.path, 'checkpoint');
mkdirSync(checkpoint);
const fresh = specs.map((spec) => ({ spec, values: spec.initial(new Random(spec.name)) }));
writeCheckpointFiles(
  checkpoint,
  withFreshState(fresh, oldAdamW),
  { step: 7, evaluated: 5, best: { step: 5, value: 0.3 }, stale: 1 },
  { peft_type: 'PROMPT_TUNING_LORA' },
);
const ofRun = oneDamaged(checkpoint);

hunt('a checkpoint', {
  runs: 150,
  inputs: ofRun.inputs,
  read: (damage) => {
    ofRun.place(damage);
    const { parameters, state } = readCheckpointFiles(checkpoint, specs, oldAdamW);
    expect(parameters.map(({ values }) => values.length)).toEqual(specs.map(({ shape }) => elementCount(shape)));
    expect(state.step).toBeGreaterThanOrEqual(0);
  },
});

for (const [what, config, tensors, file] of [
  ['an adapter of DePT', deptConfig, deptTensors, 'adapter_model.bin'],
  ['an adapter of PEFT', promptConfig, promptTensors, 'adapter_model.safetensors'],
] as const) {
  const folder = writeAdapter(join(scratch.path, file), config, tensors, file);
  const { inputs, place } = oneDamaged(folder);
  hunt(what, {
    runs: 100,
    inputs,
    read: (damage) => {
      place(damage);
      const adapter = readAdapter(folder);
      for (const { shape, data } of Object.values(adapter.tensors)) expect(data.length).toBe(elementCount(shape));
      expect(adapter.promptLength).toBeGreaterThanOrEqual(0);
    },
  });
}
