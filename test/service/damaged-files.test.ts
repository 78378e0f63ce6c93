/** Files that are gone, or cut short, when a run goes on or under it: each is named with the way out, and once it is back the run ends in the same bits. */
import { cpSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import type { ErrorCode } from '../../engine/common/errors.ts';
import { openDataset } from '../../engine/data/dataset.ts';
import { readDatasetInfo } from '../../engine/data/dataset-info.ts';
import { openRun } from '../../engine/runs/run-library.ts';
import { runList } from '../../engine/service/run-views.ts';
import { openService } from '../../engine/service/service.ts';
import { rejection } from '../common/refusal.ts';
import { configFor, fillHome, folderForFile, trainedBytes } from './small-home.ts';

const home = folderForFile();
const service = openService({ home });
const config = configFor('vqa', {
  threads: 1,
  evaluation: { every: 4, limit: 4, maxLength: 6 },
  checkpoint: { every: 2 },
});
let whole: string;
/** Stopped after its step 5. */
let stopped: string;
beforeAll(async () => {
  await fillHome(home);
  ({ folder: whole } = await service.train(config));
  const controller = new AbortController();
  ({ run: stopped } = await service.train(config, {
    signal: controller.signal,
    event: (event) => event.type === 'step' && event.step === 5 && controller.abort(),
  }));
});

let copies = 0;

/** A run like the one that was stopped, to be changed. */
function copyOfStopped(): string {
  copies += 1;
  const run = `copy-${copies}`;
  cpSync(join(home, 'runs', stopped), join(home, 'runs', run), { recursive: true });
  return run;
}

async function expectSameBits(run: string): Promise<void> {
  const { folder, status } = await service.resume(run);
  expect(status).toBe('finished');
  expect(trainedBytes(folder, 8)).toEqual(trainedBytes(whole, 8));
}

type Damage = 'gone' | 'cut short';

/** Gives back how to mend it. The file is replaced: weights are links to those that come with the program. */
function damage(path: string, how: Damage): () => void {
  const bytes = readFileSync(path);
  rmSync(path);
  if (how === 'cut short') writeFileSync(path, bytes.subarray(0, bytes.byteLength / 2));
  return () => {
    rmSync(path, { force: true });
    writeFileSync(path, bytes);
  };
}

const model = (name: string, file: string) => (): string => join(home, 'models', name, file);
const dataset = (file: string) => (): string => join(home, 'datasets', 'small', file);
const index = (): string => dataset(readDatasetInfo(join(home, 'datasets', 'small'))!.index)();
function picture(): string {
  using opened = openDataset(home, 'small');
  return [...opened.images('train')][0]!.path;
}
/** The shard with the most pictures. */
const features = (): string => {
  const [encoder] = readdirSync(join(home, 'features'));
  const folder = join(home, 'features', encoder!, 'small');
  const shards = readdirSync(folder).filter((name) => name.endsWith('.safetensors'));
  const paths = shards.map((name) => join(folder, name));
  return paths.sort((one, other) => statSync(other).size - statSync(one).size)[0]!;
};

test.each<[what: string, damage: Damage, path: () => string, code: ErrorCode]>([
  ['the weights of T5', 'cut short', model('t5', 'model.safetensors'), 'bad-file'],
  ['the weights of T5', 'gone', model('t5', 'model.safetensors'), 'not-found'],
  ['the weights of CLIP', 'cut short', model('clip', 'model.safetensors'), 'bad-file'],
  ["T5's config", 'cut short', model('t5', 'config.json'), 'bad-file'],
  ["T5's config", 'gone', model('t5', 'config.json'), 'not-found'],
  ["CLIP's config", 'cut short', model('clip', 'config.json'), 'bad-file'],
  ['the tokenizer', 'cut short', model('t5', 'tokenizer.json'), 'bad-file'],
  ['the tokenizer', 'gone', model('t5', 'tokenizer.json'), 'not-found'],
  ['the preprocessing', 'cut short', model('clip', 'preprocessor_config.json'), 'bad-file'],
  ['dataset.json', 'cut short', dataset('dataset.json'), 'bad-file'],
  ['dataset.json', 'gone', dataset('dataset.json'), 'not-found'],
  ['the index', 'cut short', index, 'bad-file'],
  ['the index', 'gone', index, 'bad-file'],
  ['the features', 'cut short', features, 'bad-file'],
  ['a picture', 'gone', picture, 'not-found'],
])('%s: %s', async (_, how, pathOf, code) => {
  const path = pathOf();
  const mend = damage(path, how);
  const error = await rejection(service.resume(stopped)).finally(mend);
  expect(error.code).toBe(code);
  expect([path, join(path, '..')]).toContain(error.details.path);
  expect(error.details.remedy).toBeDefined();
});

test('a picture that is cut short, with features to be computed', async () => {
  const path = picture();
  const mend = damage(path, 'cut short');
  const error = await rejection(service.resume(stopped)).finally(mend);
  expect(error).toMatchObject({ code: 'bad-file', details: { path, remedy: expect.any(String) } });
});

test('all of them back, the run ends as if nothing had been', () => expectSameBits(copyOfStopped()));

/** Gives back how to mend it. The file stays, for whoever has it open. */
function damageInPlace(path: string): () => void {
  const bytes = readFileSync(path);
  truncateSync(path, 4096);
  return () => writeFileSync(path, bytes);
}

// a session that is made for the first evaluation opens the weights anew; the features are read at each step
test.each<[what: string, damage: (path: string) => () => void, path: () => string, code: ErrorCode]>([
  ['the weights of T5: gone', (path) => damage(path, 'gone'), model('t5', 'model.safetensors'), 'not-found'],
  ['the weights of T5: cut short', (path) => damage(path, 'cut short'), model('t5', 'model.safetensors'), 'bad-file'],
  ['the features: cut short', damageInPlace, features, 'bad-file'],
])('under a run, %s', async (_, damageIt, pathOf, code) => {
  const path = pathOf();
  let mend = (): void => {};
  let run = '';
  const training = service.train(config, {
    event: (event) => {
      if (event.type === 'start') ({ run } = event);
      if (event.type === 'step' && event.step === 2) mend = damageIt(path);
    },
  });
  const error = await rejection(training).finally(() => mend());
  expect(error).toMatchObject({ code, details: { path, remedy: expect.any(String) } });
  expect(openRun(home, run).state()).toBe('failed');
  expect(openRun(home, run).checkpoints.last()?.step).toBeGreaterThanOrEqual(2);
  await expectSameBits(run);
});

test.each<[file: string, damage: Damage]>([
  ['checkpoints/5/adapter_model.safetensors', 'cut short'],
  ['checkpoints/5/trainer_state.safetensors', 'gone'],
  ['checkpoints/5/trainer_state.json', 'cut short'],
])('%s %s: the checkpoint before is used, and the log says so', async (file, how) => {
  const run = copyOfStopped();
  damage(join(home, 'runs', run, file), how);
  await expectSameBits(run);
  const warnings = openRun(home, run)
    .read('log')
    .values.filter((line) => (line as { level: string }).level === 'warning');
  expect(warnings).toMatchObject([{ message: expect.stringContaining('an earlier one is used') }]);
});

test('no checkpoint that can be read: nothing is touched, and the way out is named', async () => {
  const run = copyOfStopped();
  const at = (step: number): string => join(home, 'runs', run, 'checkpoints', String(step), 'trainer_state.json');
  const mends = openRun(home, run)
    .checkpoints.steps()
    .map((step) => damage(at(step), 'gone'));
  expect(mends.length).toBeGreaterThan(1);
  expect(await rejection(service.resume(run))).toMatchObject({
    code: 'not-found',
    details: { path: at(5), remedy: expect.stringContaining('checkpoints') },
  });
  for (const mend of mends) mend();
  await expectSameBits(run);
});

test.each(['last.json', 'best.json'])(
  '%s cut short: the list names it with the way out, which is to resume',
  async (file) => {
    const run = copyOfStopped();
    damage(join(home, 'runs', run, file), 'cut short');
    const [broken] = runList(home).broken;
    expect(broken).toMatchObject({
      name: run,
      error: { code: 'bad-file', remedy: expect.stringContaining('Resume the run') },
    });
    await expectSameBits(run);
    expect(runList(home).broken).toEqual([]);
  },
);

test('run.json cut short: the list names it, and it can be brought back', async () => {
  const run = copyOfStopped();
  const mend = damage(join(home, 'runs', run, 'run.json'), 'cut short');
  expect(runList(home).broken).toMatchObject([{ name: run, error: { code: 'bad-file', remedy: expect.any(String) } }]);
  await expect(service.resume(run)).rejects.toMatchObject({ code: 'bad-file' });
  mend();
  await expectSameBits(run);
});
