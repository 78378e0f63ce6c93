/** The demo on a few pictures and a few steps: from an empty home to scores beside their floors. */
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { DemoResult } from '../../engine/contract/calls.ts';
import type { Task } from '../../engine/contract/train-config.ts';
import { openDataset, removeDataset } from '../../engine/data/dataset.ts';
import { importDataset } from '../../engine/data/import.ts';
import { listRuns } from '../../engine/runs/run-library.ts';
import { runDemo } from '../../engine/service/demo.ts';
import { ensureSampleDataset } from '../../engine/service/sample.ts';
import { folderForFile, recipe, settings } from './small-home.ts';

const home = folderForFile();
const bundled = { vision: { model: 'scenes-clip' }, language: { model: 'scenes-t5' } };
const setup = { recipe, settings: (task: Task) => ({ ...settings, ...bundled, task, steps: 4 }) };

test('trains, scores and tries both tasks', async () => {
  const tasks: string[] = [];
  const progress = ({ task }: { task: string }): void => {
    if (!tasks.includes(task)) tasks.push(task);
  };
  const [vqa, caption] = (await runDemo(home, { tasks: ['vqa', 'caption'] }, { progress }, setup)) as [
    DemoResult,
    DemoResult,
  ];
  expect(tasks).toEqual(['Drawing the sample pictures', 'Computing visual features', 'Generating text']);
  expect(vqa).toMatchObject({
    task: 'vqa',
    train: { status: 'finished', step: 4 },
    evaluation: { split: 'test', examples: 24, metrics: { perAnswerType: expect.anything() } },
    floor: { name: 'question-only', metrics: { accuracy: expect.any(Number) } },
    example: { question: expect.any(String), text: expect.any(String), expected: expect.any(String) },
  });
  expect(caption).toMatchObject({
    task: 'caption',
    evaluation: { run: caption.train.run, examples: 8 },
    floor: { name: 'nearest-caption', metrics: { CIDEr: expect.any(Number) } },
  });
  using dataset = openDataset(home, 'small');
  const image = dataset.images('test').next().value!;
  expect([vqa.example.image, caption.example.image]).toEqual([image.path, image.path]);
  expect(caption.example.expected).toBe(dataset.captionsOf(image.id)[0]);
});

test('a stop leaves a run to go on with', async () => {
  const controller = new AbortController();
  const event = ({ type }: { type: string }): void => {
    if (type === 'checkpoint') controller.abort();
  };
  const demo = runDemo(home, { tasks: ['vqa'] }, { signal: controller.signal, event }, setup);
  const error = await demo.catch((cause: unknown) => cause);
  const { id, state, last } = listRuns(home).runs.at(-1)!;
  expect(error).toMatchObject({ code: 'cancelled', details: { got: `run ${id}, saved at step 3` } });
  expect([state, last?.step]).toEqual(['stopped', 3]);
});

describe('the sample dataset', () => {
  /** The folder of the files that it was imported from. */
  function source(): string {
    using dataset = openDataset(home, 'small');
    return dirname(dataset.info.parts[0]!.sources[0]!.path);
  }

  test('is drawn once for each recipe, and again or imported again where something is missing', async () => {
    const folder = source();
    let drawn = 0;
    const hooks = {
      progress: () => {
        drawn += 1;
      },
    };
    expect(await ensureSampleDataset(home, recipe, hooks)).toBe('small');
    expect([drawn, source()]).toEqual([0, folder]);
    await ensureSampleDataset(home, { ...recipe, seed: 4 }, hooks);
    expect(drawn).toBe(38);
    expect(source()).not.toBe(folder);

    await removeDataset(home, 'small');
    await importDataset({ home, name: 'small', paths: [folder], format: 'vqa-v2' });
    await ensureSampleDataset(home, recipe, hooks);
    using dataset = openDataset(home, 'small');
    expect([drawn, source(), dataset.info.tasks]).toEqual([38, folder, ['caption', 'vqa']]);

    rmSync(folder, { recursive: true });
    await ensureSampleDataset(home, recipe, hooks);
    expect([drawn, existsSync(folder)]).toEqual([76, true]);
  });

  test("does not take the place of somebody's own", async () => {
    const own = folderForTest();
    const { name } = recipe;
    await importDataset({ home: own, name, paths: [source()], format: 'vqa-v2' });
    await expect(ensureSampleDataset(own, recipe, {})).rejects.toMatchObject({ code: 'already-exists' });
  });

  test('that is stopped while it is drawn leaves nothing behind', async () => {
    const own = folderForTest();
    const stopped = ensureSampleDataset(own, recipe, { signal: AbortSignal.abort() });
    await expect(stopped).rejects.toMatchObject({ code: 'cancelled' });
    expect(readdirSync(join(own, 'samples'))).toEqual([]);
  });
});

function folderForTest(): string {
  const folder = mkdtempSync(join(tmpdir(), 'dept-sample-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
