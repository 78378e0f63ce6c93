/** Every file of configs.ts, by the command that reads it. */
import {
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { DeptError, type ErrorRecord } from '../../engine/common/errors.ts';
import { parseTrainConfig } from '../../engine/contract/parse-config.ts';
import { importDataset } from '../../engine/data/import.ts';
import { createRun } from '../../engine/runs/run-library.ts';
import { checkModel } from '../../engine/service/model-check.ts';
import { showInLibrary } from '../../engine/service/models.ts';
import { MeasurementShelf } from '../../engine/service/run-series.ts';
import { runDetails } from '../../engine/service/run-views.ts';
import { readSettings } from '../../engine/service/settings.ts';
import { bundledModelsFolder } from '../../engine/weights/bundled.ts';
import { promptConfig, promptTensors, writeAdapter } from '../adapters/small-adapters.ts';
import { dept } from '../cli/fake-host.ts';
import { pixel } from '../data/fixtures.ts';
import { settings } from '../service/small-home.ts';
import { badConfigs, type Door } from './configs.ts';
import { aFolder, compared, namedPipe, put, unusedPaths } from './expected.ts';

const unused = unusedPaths();
const home = unused();
mkdirSync(home);

beforeAll(async () => {
  const folder = unused();
  put(join(folder, 'a.png'), () => pixel);
  await importDataset({ home, name: 'small', paths: [folder] });
});

/** The first error of a command. */
async function errorOf(...args: string[]): Promise<ErrorRecord> {
  const { exitCode, stdout } = await dept([...args, '--json'], { home });
  expect(exitCode, stdout).not.toBe(0);
  return JSON.parse(stdout).error;
}

async function thrown(action: () => unknown): Promise<ErrorRecord> {
  try {
    await action();
  } catch (error) {
    if (error instanceof DeptError) return error.toRecord();
    throw error;
  }
  return expect.fail('no error was thrown');
}

interface Place {
  /** Where the bad file goes. */
  readonly path: string;
  /** Reads it. */
  readonly open: () => Promise<ErrorRecord>;
}

/** A copy of a bundled model, to be checked; its weights are the same file. */
function model(name: 'scenes-t5' | 'scenes-clip', file: string): Place {
  const [source, folder] = [join(bundledModelsFolder(), name), unused()];
  mkdirSync(folder);
  for (const own of readdirSync(source)) {
    if (file === 'spiece.model' && own === 'tokenizer.json') continue;
    try {
      linkSync(join(source, own), join(folder, own));
    } catch {
      copyFileSync(join(source, own), join(folder, own));
    }
  }
  const open = async (): Promise<ErrorRecord> => {
    if (file === 'generation_config.json') {
      const [{ readGenerationDefaults }, { readT5Config }] = await Promise.all([
        import('../../engine/decoding/generation-config.ts'),
        import('../../engine/models/t5/config.ts'),
      ]);
      return thrown(() => readGenerationDefaults(folder, readT5Config(folder)));
    }
    const { steps } = await checkModel(home, folder);
    return steps.find(({ outcome }) => outcome === 'failed')!.error!;
  };
  return { path: join(folder, file), open };
}

function adapter(): Place {
  const folder = writeAdapter(unused(), promptConfig, promptTensors);
  return {
    path: join(folder, 'adapter_config.json'),
    open: () => errorOf('import-adapter', folder, '--name', 'stranger'),
  };
}

const trainConfig = { ...settings, task: 'vqa' };

function train(): Place {
  const path = unused();
  writeFileSync(path, JSON.stringify(trainConfig));
  return { path, open: () => errorOf('train', '--config', path) };
}

function run(file: string): Place {
  const { folder, id } = createRun(home, {
    label: 'made',
    config: parseTrainConfig(trainConfig),
    fingerprints: {},
    versions: {},
  });
  return { path: join(folder, file), open: () => thrown(() => runDetails(home, id, new MeasurementShelf())) };
}

function ofHome(file: string, open: (home: string) => Promise<ErrorRecord>): Place {
  return { path: join(home, file), open: () => open(home) };
}

function score(file: 'predictions' | 'references'): Place {
  const folder = unused();
  const references = { images: [{ id: 1 }], annotations: [{ image_id: 1, caption: 'a cat' }] };
  const paths = {
    references: put(join(folder, 'references.json'), () => JSON.stringify(references)),
    predictions: put(join(folder, 'predictions.json'), () => '[{"image_id":1,"caption":"a cat"}]'),
  };
  const open = () => errorOf('score', 'captions', '--references', paths.references, '--predictions', paths.predictions);
  return { path: paths[file], open };
}

const places: { readonly [D in Door]: () => Place } = {
  't5/config.json': () => model('scenes-t5', 'config.json'),
  't5/tokenizer.json': () => model('scenes-t5', 'tokenizer.json'),
  't5/generation_config.json': () => model('scenes-t5', 'generation_config.json'),
  't5/spiece.model': () => model('scenes-t5', 'spiece.model'),
  'clip/config.json': () => model('scenes-clip', 'config.json'),
  'clip/preprocessor_config.json': () => model('scenes-clip', 'preprocessor_config.json'),
  'adapter_config.json': adapter,
  'train.json': train,
  'settings.json': () => ofHome('settings.json', (home) => thrown(() => readSettings(home))),
  'run.json': () => run('run.json'),
  'metrics.jsonl': () => run('metrics.jsonl'),
  'dataset.json': () => ofHome('datasets/small/dataset.json', () => errorOf('data', 'show', 'small')),
  'predictions.json': () => score('predictions'),
  'references.json': () => score('references'),
};

test.each(badConfigs)('$door: $name', async ({ door, content, ...expected }) => {
  const { path, open } = places[door]();
  const before = existsSync(path) ? readFileSync(path) : undefined;
  rmSync(path, { force: true }); // it may be a link to what others read
  if (typeof content === 'function') put(path, content);
  else if (typeof content === 'string' || content instanceof Uint8Array) writeFileSync(path, content);
  else writeFileSync(path, JSON.stringify({ ...JSON.parse(before?.toString() ?? '{}'), ...content }));
  try {
    const error = await open();
    const { got, wanted } = compared(error, expected);
    expect(got).toEqual(wanted);
    if (error.code !== 'bad-config' || !door.startsWith('train')) expect(dirname(error.path!)).toBe(dirname(path));
    expect(JSON.stringify(error).length).toBeLessThan(6000);
  } finally {
    rmSync(path, { force: true });
    if (before !== undefined) writeFileSync(path, before);
  }
});

test('a pipe for a model card and a folder of licences do not keep a model from being shown', async () => {
  const { path } = model('scenes-t5', 'config.json');
  const folder = dirname(path);
  for (const [name, make] of [
    ['README.md', namedPipe],
    ['LICENSES', aFolder],
  ] as const) {
    rmSync(join(folder, name), { force: true });
    put(join(folder, name), make);
  }
  expect(showInLibrary(home, folder)).toMatchObject({ kind: 't5' });
});
