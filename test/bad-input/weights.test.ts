/** Every file of weights.ts, by the commands that take weights: as a model and as an adapter. */
import { copyFileSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { bundledModelsFolder } from '../../engine/weights/bundled.ts';
import { promptConfig } from '../adapters/small-adapters.ts';
import { dept } from '../cli/fake-host.ts';
import { compared, type Make, put, unusedPaths } from './expected.ts';
import { readInSmallHeap } from './small-heap.ts';
import { type BadWeights, badWeights, bombs, leadingElsewhere } from './weights.ts';

const unused = unusedPaths();
const fileNames = {
  torch: { model: 'pytorch_model.bin', adapter: 'adapter_model.bin' },
  safetensors: { model: 'model.safetensors', adapter: 'adapter_model.safetensors' },
} as const;

/** A T5 whose weights are these. */
function modelOf(name: string, make: Make): string {
  const folder = unused();
  put(join(folder, name), make);
  for (const own of ['config.json', 'tokenizer.json']) {
    copyFileSync(join(bundledModelsFolder(), 'scenes-t5', own), join(folder, own));
  }
  return folder;
}

function adapterOf(name: string, make: Make): string {
  const folder = unused();
  put(join(folder, name), make);
  writeFileSync(join(folder, 'adapter_config.json'), JSON.stringify(promptConfig));
  return folder;
}

async function refused(command: readonly string[], kept: string, bad: BadWeights): Promise<void> {
  const home = unused();
  const { exitCode, stdout } = await dept([...command, '--name', 'stranger', '--json'], { home });
  expect(exitCode).not.toBe(0);
  const { error } = JSON.parse(stdout);
  const { got, wanted } = compared(error, bad);
  expect(got).toEqual(wanted);
  expect(stdout.length).toBeLessThan(5000);
  expect(existsSync(join(home, kept, 'stranger'))).toBe(false);
  expect(existsSync('pwned')).toBe(false);
}

test.each(badWeights)('$format: $name', async (bad) => {
  const { model, adapter } = fileNames[bad.format];
  await refused(['models', 'add', modelOf(model, bad.make)], 'models', bad);
  await refused(['import-adapter', adapterOf(adapter, bad.make)], 'adapters', bad);
});

test.each(bombs)('%s in little memory', async (_name, code, message, file) => {
  const path = put(unused(), () => file);
  expect(await readInSmallHeap(path)).toMatchObject({ code, message: expect.stringMatching(message) });
});

test('names of an archive that lead elsewhere are never used as paths', async () => {
  const home = unused();
  mkdirSync(home);
  const source = modelOf('pytorch_model.bin', () => leadingElsewhere);
  const { exitCode } = await dept(['models', 'add', source, '--name', 'stranger'], { home });
  expect(exitCode).toBe(0);
  expect(readdirSync(join(home, 'models', 'stranger')).sort()).toEqual([
    'config.json',
    'pytorch_model.bin',
    'tokenizer.json',
  ]);
  expect(readdirSync(home)).toEqual(['models']);
});
