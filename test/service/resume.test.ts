/** Runs that stop and go on: to the bits of one that never stopped, and only on what they were trained on. */
import { appendFileSync, cpSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { TrainResult } from '../../engine/contract/calls.ts';
import type { TrainEvent, TrainHooks } from '../../engine/contract/jobs.ts';
import { openDataset } from '../../engine/data/dataset.ts';
import { importDataset } from '../../engine/data/import.ts';
import { openRun } from '../../engine/runs/run-library.ts';
import { openService } from '../../engine/service/service.ts';
import { IMAGE_ORDER, OBJECT_ORDER } from '../../engine/vision-language/vl-t5-projection.ts';
import { readFloats, readSafetensorsHeader } from '../../engine/weights/safetensors.ts';
import { configFor, fillHome, folderForFile, metricsOf, trainedBytes } from './small-home.ts';

const home = folderForFile();
const service = openService({ home });
let whole: TrainResult;
beforeAll(async () => {
  await fillHome(home);
  whole = await service.train(configFor('vqa'));
});

/** Hooks that ask to stop as soon as this happens. */
function stopAt(isMoment: (event: TrainEvent) => boolean): TrainHooks {
  const controller = new AbortController();
  return { signal: controller.signal, event: (event) => isMoment(event) && controller.abort() };
}

const isStep = (step: number) => (event: TrainEvent) => event.type === 'step' && event.step === step;

/** What a run measured, but for what depends on the machine. */
function measured(folder: string): object[] {
  const ofTheMachine = { samplesPerSecond: undefined, seconds: undefined, memory: undefined };
  return metricsOf(folder).map((line) => ({ ...line, ...ofTheMachine }));
}

function expectSameAsWhole({ folder, ...run }: TrainResult): void {
  expect({ ...run, seconds: 0, run: '' }).toEqual({ ...whole, folder: undefined, seconds: 0, run: '' });
  expect(trainedBytes(folder, 8)).toEqual(trainedBytes(whole.folder, 8));
  expect(measured(folder)).toEqual(measured(whole.folder));
  const samples = (of: string) => readFileSync(join(of, 'samples.jsonl'), 'utf8');
  expect(samples(folder)).toBe(samples(whole.folder));
}

test.each([1, 3, 5])('stopped after step %i, saved, and resumed: the same bits, metrics and samples', async (step) => {
  const stopped = await service.train(configFor('vqa'), stopAt(isStep(step)));
  expect(stopped).toMatchObject({ status: 'stopped', step });
  expect(openRun(home, stopped.run).state()).toBe('stopped');
  expect(openRun(home, stopped.run).checkpoints.last()?.step).toBe(step);
  expectSameAsWhole(await service.resume(stopped.run));
});

test('so it is with what another optimiser keeps', async () => {
  const config = configFor('vqa', {
    optimiser: { name: 'adafactor', beta1: 0.9, scaleParameter: true },
    schedule: { name: 'relative-step' },
  });
  const unstopped = await service.train(config);
  const stopped = await service.train(config, stopAt(isStep(3)));
  const resumed = await service.resume(stopped.run);
  expect(resumed.status).toBe('finished');
  expect(trainedBytes(resumed.folder, 8)).toEqual(trainedBytes(unstopped.folder, 8));
  expect(measured(resumed.folder)).toEqual(measured(unstopped.folder));
  expect(trainedBytes(unstopped.folder, 8)).not.toEqual(trainedBytes(whole.folder, 8));
});

test('so it is with int8 matrices in parts of a batch', async () => {
  const config = configFor('vqa', { precision: 'int8', microBatch: 3 });
  const unstopped = await service.train(config);
  const stopped = await service.train(config, stopAt(isStep(3)));
  const resumed = await service.resume(stopped.run);
  expect(trainedBytes(resumed.folder, 8)).toEqual(trainedBytes(unstopped.folder, 8));
  expect(measured(resumed.folder)).toEqual(measured(unstopped.folder));
  expect(trainedBytes(unstopped.folder, 8)).not.toEqual(trainedBytes(whole.folder, 8));
});

test("so it is with VL-T5's projection; the rows that it draws and does not train are in every checkpoint", async () => {
  const config = configFor('vqa', { vision: { model: 'clip', layer: 3, projection: 'vl-t5' } });
  const unstopped = await service.train(config);
  const stopped = await service.train(config, stopAt(isStep(3)));
  const { parameters, folder } = await service.resume(stopped.run);
  expect(trainedBytes(folder, 8)).toEqual(trainedBytes(unstopped.folder, 8));
  expect(measured(folder)).toEqual(measured(unstopped.folder));
  // 11 * 192 more are trained, and 64 * 192 fixed
  const { trained, frozen } = whole.parameters;
  expect(parameters).toMatchObject({ trained: trained + 9 * 192, frozen: frozen + 64 * 192 });

  const at = (step: number, file: string): string => join(folder, 'checkpoints', String(step), file);
  const rows = (step: number) => {
    const file = readSafetensorsHeader(at(step, 'adapter_model.safetensors'));
    return [readFloats(file, OBJECT_ORDER), readFloats(file, IMAGE_ORDER)];
  };
  const [[drawn, image], [later, laterImage]] = [rows(6), rows(8)];
  expect(drawn).toHaveLength(64 * 192);
  expect(later).toEqual(drawn);
  expect(laterImage).not.toEqual(image);
  const kept = [...readSafetensorsHeader(at(8, 'trainer_state.safetensors')).tensors.keys()];
  expect(kept.filter((name) => name.includes(IMAGE_ORDER))).toHaveLength(2);
  expect(kept.filter((name) => name.includes(OBJECT_ORDER))).toEqual([]);
  const adapter = JSON.parse(readFileSync(at(8, 'adapter_config.json'), 'utf8'));
  expect(adapter).toMatchObject({ vision_projection: 'vl-t5', vision_resize: 'squash' });
});

test('stopped during an evaluation: the step is saved, the evaluation comes first when it goes on', async () => {
  const controller = new AbortController();
  const stopped = await service.train(configFor('vqa'), {
    signal: controller.signal,
    progress: ({ task }) => task === 'Generating text' && controller.abort(),
  });
  expect(stopped).toMatchObject({ status: 'stopped', step: 4 });
  expect(stopped.best).toBeUndefined();
  const told: string[] = [];
  const resumed = await service.resume(stopped.run, { event: ({ type, step }) => told.push(`${type} ${step}`) });
  expect(told.slice(0, 3)).toEqual(['start 4', 'evaluation 4', 'checkpoint 4']);
  expectSameAsWhole(resumed);
});

test('stopped before the first step: nothing is saved, and it starts anew', async () => {
  const stopped = await service.train(configFor('vqa'), { signal: AbortSignal.abort() });
  expect(stopped).toMatchObject({ status: 'stopped', step: 0 });
  expectSameAsWhole(await service.resume(stopped.run));
});

test('stopped while visual features are computed: there is a run to go on with', async () => {
  const vision = { model: 'clip', layer: 2 };
  const stopped = await service.train(configFor('vqa', { vision }), { signal: AbortSignal.abort() });
  expect(stopped).toMatchObject({ status: 'stopped', step: 0 });
  expect(openRun(home, stopped.run).state()).toBe('stopped');
  expect(await service.resume(stopped.run)).toMatchObject({ status: 'finished', step: 8 });
});

test('killed between a checkpoint and its mark as the best', async () => {
  const stopped = await service.train(configFor('vqa'), stopAt(isStep(5)));
  const folder = join(home, 'runs', stopped.run);
  rmSync(join(folder, 'best.json'));
  expectSameAsWhole(await service.resume(stopped.run));
});

test('a run that is done is resumed to itself', async () => {
  const again = await service.resume(whole.run);
  expectSameAsWhole(again);
});

test('a run that ended early stays so', async () => {
  // a rate of zero: no evaluation is better than the first
  const learningRates = { prompt: 0, lowRank: 0, projection: 0 };
  const evaluation = { every: 2, limit: 2, patience: 1 };
  const run = await service.train(configFor('vqa', { learningRates, evaluation }));
  expect(run).toMatchObject({ status: 'converged', step: 4, best: { step: 2 } });
  expect(await service.resume(run.run)).toMatchObject({ status: 'converged', step: 4 });
});

test('a failure is in the log with its stack, and the run goes on from its last checkpoint', async () => {
  let id = '';
  const failing = service.train(configFor('vqa'), {
    event: (event) => {
      if (event.type === 'start') id = event.run;
      if (isStep(5)(event)) throw new TypeError('oops');
    },
  });
  await expect(failing).rejects.toThrow(new TypeError('oops'));
  const run = openRun(home, id);
  expect(run.record()).toMatchObject({
    status: 'failed',
    error: { code: 'runtime-failed', message: 'TypeError: oops' },
  });
  const log = run.read('log').values;
  expect(log.at(-1)).toMatchObject({ level: 'error', message: expect.stringMatching(/^TypeError: oops\n +at /) });
  expectSameAsWhole(await service.resume(id));
});

describe('what a run was trained on', () => {
  let id: string;
  beforeAll(async () => {
    ({ run: id } = await service.train(configFor('vqa'), stopAt(isStep(5))));
  });
  const changed = (what: string) =>
    expect.objectContaining({ code: 'bad-input', message: `The ${what} of the run is not what it was` });

  /** Imports one question about the first picture into a split. */
  async function importInto(split: string): Promise<void> {
    using dataset = openDataset(home, 'small');
    const table = join(home, `${split}.csv`);
    const [image] = dataset.images('train').take(1);
    writeFileSync(table, `image,question,answer\n${basename(image!.path)},what is it?,red\n`);
    const images = dirname(image!.path);
    await importDataset({ home, name: 'small', paths: [table], images, split, replace: true });
  }

  test('may gain other splits', async () => {
    await importInto('extra');
    expectSameAsWhole(await service.resume(id));
  });

  test('may not have another tokenizer', async () => {
    const [folder, aside] = [join(home, 'models', 't5'), join(home, 'models', 'aside')];
    renameSync(folder, aside);
    cpSync(aside, folder, { recursive: true });
    appendFileSync(join(folder, 'tokenizer.json'), '\n');
    const request = { run: id, split: 'test', checkpoint: 'best' } as const;
    await expect(service.resume(id)).rejects.toEqual(changed('language model'));
    await expect(service.evaluate(request)).rejects.toEqual(changed('language model'));
    rmSync(folder, { recursive: true });
    renameSync(aside, folder);
  });

  test('may not have other training data', async () => {
    await importInto('train');
    await expect(service.resume(id)).rejects.toEqual(changed('training data'));
    const evaluated = await service.evaluate({ run: id, split: 'test', checkpoint: 'best' });
    expect(evaluated.examples).toBe(24);
  });
});
