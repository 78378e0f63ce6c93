/** Where memory is short a run takes less of it: which mode is chosen, that it trains alike, and what is refused. */
import { cpSync, existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { openRun, runsFolder } from '../../engine/runs/run-library.ts';
import { estimateRun } from '../../engine/service/estimate.ts';
import { fittingMode, type MemoryMode, memoryModes, modeText } from '../../engine/service/memory-modes.ts';
import { openService } from '../../engine/service/service.ts';
import { openCheckpoint } from '../../engine/weights/checkpoint.ts';
import { type TensorToMake, writeSafetensors } from '../../engine/weights/safetensors.ts';
import { relativeDifference } from '../models/reference.ts';
import { configFor, fillHome, folderForFile, metricsOf } from './small-home.ts';

const home = folderForFile();
const service = openService({ home });
const short = { steps: 3, evaluation: { every: 3, limit: 6 } };
beforeAll(() => fillHome(home));
afterEach(() => void vi.restoreAllMocks());

/** As if the machine had as many bytes. */
const withMemory = (bytes: number) => vi.spyOn(process, 'constrainedMemory').mockReturnValue(Math.round(bytes));

/** Two runs had the same losses, but for rounding, which the optimiser makes more of with every step. */
function expectAlike(folder: string, other: string): void {
  const [own, expected] = [folder, other].map((one) => metricsOf(one).flatMap(({ loss }) => loss ?? []));
  expect(own).toHaveLength(expected!.length);
  expect(own![0]).toBeCloseTo(expected![0]!, 4);
  expect(relativeDifference(own!, expected!)).toBeLessThan(0.01);
}

describe('the modes that settings leave open', () => {
  const mode = (sharedWeights: boolean, microBatch: number | null, recompute = false): MemoryMode => ({
    sharedWeights,
    microBatch,
    recompute,
  });
  const open = { sharedWeights: 'auto', microBatch: null, recompute: 'auto' } as const;

  test('one copy of the weights comes first, then fewer examples, then the values that layers keep', () => {
    const modes = [
      mode(false, null),
      mode(true, null),
      mode(true, 3),
      mode(true, 2),
      mode(true, 1),
      mode(true, 1, true),
    ];
    expect(memoryModes(open, 5)).toEqual(modes);
    const kept = { ...open, recompute: false };
    expect(memoryModes({ ...kept, sharedWeights: false }, 2)).toEqual([mode(false, null), mode(false, 1)]);
    expect(memoryModes({ ...kept, microBatch: 4 }, 8)).toEqual([mode(false, 4), mode(true, 4)]);
    expect(memoryModes({ ...open, sharedWeights: true, microBatch: 4 }, 8)).toEqual([
      mode(true, 4),
      mode(true, 4, true),
    ]);
    const anew = { sharedWeights: false, microBatch: null, recompute: true };
    expect(memoryModes(anew, 2)).toEqual([mode(false, null, true), mode(false, 1, true)]);
  });

  test('the first that fits is taken, or the last', () => {
    const modes = memoryModes(open, 4);
    const bytesOf = ({ sharedWeights, microBatch, recompute }: MemoryMode) =>
      (sharedWeights ? 10 : 20) + (microBatch ?? 4) - (recompute ? 0.5 : 0);
    const chosen = [24, 23, 13, 11, 10.5, 1].map((room) => modes.indexOf(fittingMode(modes, room, bytesOf)));
    expect(chosen).toEqual([0, 1, 2, 3, 4, 4]);
    expect(modeText(modes[0]!)).toBe('');
    expect(modeText(modes[2]!)).toBe('one copy of the weights, 2 examples at a time');
    expect(modeText(modes[4]!)).toBe('one copy of the weights, 1 example at a time, values of layers computed twice');
  });
});

test('a run of a machine that has too little for the fastest mode trains alike in another, which its record tells', async () => {
  const config = configFor('vqa', short);
  const roomy = await estimateRun(home, config);
  const whole = await service.train(config);
  withMemory((roomy.memory.total - 1) / 0.9);
  const shared = await estimateRun(home, config);
  expect([roomy, shared].map(({ mode }) => mode)).toEqual([
    { sharedWeights: false, microBatch: null, recompute: false },
    { sharedWeights: true, microBatch: null, recompute: false },
  ]);
  withMemory((shared.memory.total - 1) / 0.9);
  const { mode, memory } = await estimateRun(home, config);
  expect(mode).toEqual({ sharedWeights: true, microBatch: 2, recompute: false });
  expect(memory.total).toBeLessThan(shared.memory.total);

  const { folder, run } = await service.train(config);
  expect(openRun(home, run).record().config).toMatchObject({ ...mode, recompute: 'auto' });
  expect(openRun(home, whole.run).record().config).toMatchObject({ sharedWeights: 'auto', microBatch: null });
  expectAlike(folder, whole.folder);

  const single = await estimateRun(home, { ...config, sharedWeights: true, microBatch: 1, recompute: false });
  withMemory((single.memory.total - 1) / 0.9);
  const least = await estimateRun(home, config);
  expect(least.mode).toEqual({ sharedWeights: true, microBatch: 1, recompute: true });
  expect(least.memory.total).toBeLessThan(single.memory.total);
  const tight = await service.train(config);
  expect(openRun(home, tight.run).record().config).toMatchObject(least.mode);
  expectAlike(tight.folder, whole.folder);
});

test('what cannot fit is refused before there is a run, and the estimate warns of it', async () => {
  const before = readdirSync(runsFolder(home));
  withMemory(1e8);
  const { warnings } = await estimateRun(home, configFor('vqa'));
  expect(warnings).toContainEqual(
    expect.objectContaining({ message: expect.stringMatching(/and this machine has 0\.1 GB$/) }),
  );
  await expect(service.train(configFor('vqa'))).rejects.toMatchObject({
    code: 'unsupported',
    message: 'This machine has too little memory for the run',
    details: { got: '0.1 GB' },
  });
  expect(readdirSync(runsFolder(home))).toEqual(before);
});

test('weights of 16 bits are widened once for all sessions that share them, and train as they do without', async () => {
  const from = openCheckpoint(join(home, 'models', 't5'));
  cpSync(from.folder, join(home, 'models', 'half'), { recursive: true });
  const tensors: Record<string, TensorToMake> = {};
  for (const name of from.names()) {
    tensors[name] = { dtype: 'F16', shape: from.tensor(name).shape, make: () => new Float16Array(from.floats(name)) };
  }
  writeSafetensors(join(home, 'models', 'half', 'model.safetensors'), tensors);
  const config = (sharedWeights: boolean) => configFor('vqa', { ...short, language: { model: 'half' }, sharedWeights });
  const apart = await service.train(config(false));
  expect(existsSync(join(home, 'widened'))).toBe(false);
  const shared = await service.train(config(true));
  expect(readdirSync(join(home, 'widened'))).toHaveLength(1);
  expectAlike(shared.folder, apart.folder);
  const request = { run: shared.run, checkpoint: 'last', split: 'val', limit: 4 } as const;
  const evaluated = await service.evaluate(request);
  expect(evaluated.examples).toBe(4);
});
