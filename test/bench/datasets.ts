/**
 * How fast a dataset of 120,000 pictures, captions and questions opens, browses, searches and shows thumbnails.
 * `node test/bench/datasets.ts [pictures]` prints a line of JSON for each measurement, then a table.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { DatasetShelf } from '../../engine/service/dataset-shelf.ts';
import { browseDataset, countAnswers, listAllDatasets, showDataset, showItem } from '../../engine/service/datasets.ts';
import { thumbnailFile } from '../../engine/service/thumbnails.ts';
import { makeLargeDataset } from './large-dataset.ts';
import { type Measurement, report } from './measurements.ts';

const THUMBNAILS = 2000;
const PAGE = 200;

/** Milliseconds that the work takes. */
async function timed(work: () => unknown): Promise<number> {
  const begun = performance.now();
  await work();
  return performance.now() - begun;
}

/** In a process of its own: what a window that has just opened waits for. */
async function measureCold(home: string, dataset: string): Promise<Measurement> {
  const child = fork(fileURLToPath(import.meta.url), ['first-page', home, dataset], { execArgv: ['--no-warnings'] });
  const [value] = (await once(child, 'message')) as [number];
  return { what: 'first page in a fresh process', value, unit: 'ms', limit: 200 };
}

async function measureWarm(home: string, dataset: string, images: number): Promise<Measurement[]> {
  using shelf = new DatasetShelf(home);
  const browse = (query: object) => browseDataset(shelf, { dataset, limit: PAGE, offset: 0, ...query });
  await browse({});
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const cases: [what: string, limit: number, work: () => unknown][] = [
    ['list', 50, () => listAllDatasets(home)],
    ['show', 50, () => showDataset(shelf, dataset)],
    ['page at the start', 50, () => browse({})],
    ['page in the middle', 50, () => browse({ offset: images / 2 })],
    ['page at the end', 50, () => browse({ offset: images - PAGE })],
    ['search: one in many ("giraffe beach")', 200, () => browse({ text: 'giraffe beach' })],
    ['search: one only ("77777")', 200, () => browse({ text: '77777' })],
    ['search: in every text ("n")', 200, () => browse({ text: 'n' })],
    ['the same search, page at its end', 50, () => browse({ text: 'n', offset: images - PAGE })],
    ['answer type', 200, () => browse({ answerType: 'number' })],
    ['answer', 200, () => browse({ answer: 'yes' })],
    ['answer, type and words', 200, () => browse({ answer: 'yes', answerType: 'yes/no', text: 'dog' })],
    ['pictures with questions', 200, () => browse({ has: 'questions' })],
    ['pictures with nothing', 200, () => browse({ has: 'nothing', split: 'val' })],
    ['answers for the histogram', 50, () => countAnswers(shelf, { dataset, limit: 50 })],
    ['one picture with its texts', 50, () => showItem(shelf, { dataset, image: 'train/4242' })],
  ];
  const measurements: Measurement[] = [];
  for (const [what, limit, work] of cases) measurements.push({ what, value: await timed(work), unit: 'ms', limit });
  delay.disable();
  return [...measurements, { what: 'longest the process was busy', value: delay.max / 1e6, unit: 'ms', limit: 100 }];
}

async function measureThumbnails(home: string, dataset: string): Promise<Measurement[]> {
  using shelf = new DatasetShelf(home);
  const { images } = await browseDataset(shelf, { dataset, limit: 1000, offset: 0 });
  const more = await browseDataset(shelf, { dataset, limit: THUMBNAILS - 1000, offset: 60_000 });
  const all = [...images, ...more.images];
  const round = () => timed(() => Promise.all(all.map(({ id }) => thumbnailFile(shelf, dataset, id, 'thumb'))));
  const perSecond = (ms: number): number => (all.length / ms) * 1000;
  return [
    { what: 'thumbnails made', value: perSecond(await round()), unit: 'per second' },
    { what: 'thumbnails found', value: perSecond(await round()), unit: 'per second' },
  ];
}

async function* measureAll(home: string, images: number): AsyncGenerator<Measurement[]> {
  const { name, seconds } = await makeLargeDataset(home, images);
  yield [
    { what: 'writing the files', value: seconds!.files, unit: 's' },
    { what: 'importing them', value: seconds!.import, unit: 's' },
  ];
  yield [await measureCold(home, name)];
  yield await measureWarm(home, name, images);
  yield await measureThumbnails(home, name);
}

async function main(images: number): Promise<void> {
  const home = mkdtempSync(join(tmpdir(), 'dept-bench-'));
  try {
    await report('datasets', images, measureAll(home, images));
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

const [first, home, dataset] = process.argv.slice(2);
if (first === 'first-page') {
  const ms = await timed(async () => {
    using shelf = new DatasetShelf(home!);
    await browseDataset(shelf, { dataset: dataset!, limit: PAGE, offset: 0 });
  });
  process.send!(ms, () => process.exit(0));
} else {
  await main(first === undefined ? 120_000 : Number(first));
}
