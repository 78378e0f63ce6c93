/**
 * How the app feels in a browser: Datasets with 120,000 made-up pictures, and any page while a training step of seconds runs.
 * `node test/bench/app.ts [pictures] [--home folder] [--part warm|cold] [--check]` prints a line of JSON for each measurement, then a
 * table; with `--check` it fails where one is over its bound. A home that is given is filled where it is empty, and stays: another
 * time the measuring starts at once. `warm` is what needs thumbnails that are made, `cold` the rest. Needs Debian's Chromium and the
 * built page.
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { BrowserContext, CDPSession, Page } from 'playwright-core';
import type { PageResult } from '../../engine/contract/api.ts';
import type { Progress } from '../../engine/contract/jobs.ts';
import { presets } from '../../engine/contract/presets.ts';
import { openDataset } from '../../engine/data/dataset.ts';
import { datasetFolder } from '../../engine/data/dataset-info.ts';
import { PictureLooks } from '../../engine/data/picture-looks.ts';
import { makeAllThumbnails } from '../../engine/service/all-thumbnails.ts';
import { ensureSampleDataset, sampleRecipe } from '../../engine/service/sample.ts';
import { type App, startApp, temporaryHome } from '../e2e/app.ts';
import { clientOf } from '../e2e/requests.ts';
import { makeLargeDataset } from './large-dataset.ts';
import { type Measurement, median, report } from './measurements.ts';
import { scroll } from './scrolling.ts';

const SCROLL_SECONDS = 40;
const PASS_SECONDS = 10;
const FIRST_SEARCH = 'cat';
const SEARCHES = ['giraffe beach', 'red bus', 'zebra', 'dog running'];
/** Training steps that are to pass while the app is asked, and how long one takes at least. */
const STEPS = 5;
const LEAST_STEP_MS = 2000;
/** A person who clicks as fast as can be, in milliseconds. */
const BETWEEN = 100;
/** Pictures asked for at a time. */
const PAGE = 100;

/** Pictures whose thumbnails are there before the measuring: more than a pass of scrolling shows. */
const PREPARED = 3000;

const largest = (values: readonly number[]): number => Math.max(...values);

/** Scripts in the page are text: this file is checked without a browser's types. */
const firstPicture = `new Promise((done) => {
  const look = () => {
    const img = document.querySelector('[role=gridcell] img');
    if (img?.complete && img.naturalWidth > 0) requestAnimationFrame(() => done(performance.now()));
    else requestAnimationFrame(look);
  };
  look();
})`;

/** All in one tab: for a new one Chromium loads pages of its own, which keep a small machine busy for half a second. */
async function measureOpening(context: BrowserContext, address: string): Promise<Measurement> {
  const times: number[] = [];
  const page = await context.newPage();
  for (let round = 0; round < 5; round += 1) {
    await page.goto('about:blank');
    await page.goto(address);
    times.push((await page.evaluate(firstPicture)) as number);
  }
  await page.close();
  return { what: 'opening the dataset, to the first picture', value: median(times.slice(1)), unit: 'ms', limit: 1000 };
}

/**
 * From the last key to the first frame with the answer, and to its first picture; the wait for a pause in typing is part of both. Most of
 * what is found has no thumbnail yet.
 */
async function searchTime(page: Page, text: string): Promise<{ answer: number; picture: number }> {
  const box = page.getByRole('searchbox').first();
  await box.fill('');
  await page.getByText(/^[\d,]+ pictures$/).waitFor();
  await page.evaluate(`void (globalThis.found = new Promise((done) => {
    const cells = () => [...document.querySelectorAll('[role=gridcell]')];
    const before = cells().map((cell) => cell.ariaLabel).join('|');
    document.addEventListener('input', () => {
      const begun = performance.now();
      let answer;
      const look = () => {
        const img = cells()[0]?.querySelector('img');
        const isNew = cells().map((cell) => cell.ariaLabel).join('|') !== before;
        if (isNew) answer ??= performance.now() - begun;
        if (isNew && img?.complete && img.naturalWidth > 0) done({ answer, picture: performance.now() - begun });
        else requestAnimationFrame(look);
      };
      look();
    }, { once: true, capture: true });
  }))`);
  await box.fill(text); // one event, as the last key is
  return (await page.evaluate('globalThis.found')) as { answer: number; picture: number };
}

async function heapMegabytes(session: CDPSession): Promise<number> {
  await session.send('HeapProfiler.collectGarbage');
  const { metrics } = await session.send('Performance.getMetrics');
  return metrics.find(({ name }) => name === 'JSHeapUsedSize')!.value / 1e6;
}

async function measureBrowsing(context: BrowserContext, address: string): Promise<Measurement[]> {
  const page = await context.newPage();
  await page.goto(address);
  await page.evaluate(firstPicture);
  const searches: { answer: number; picture: number }[] = [];
  await searchTime(page, FIRST_SEARCH); // the first reads the index from the disk, as the first opening does
  for (const text of SEARCHES) searches.push(await searchTime(page, text));
  await page.getByRole('searchbox').first().fill('');
  await page.getByText(/^[\d,]+ pictures$/).waitFor();

  const session = await context.newCDPSession(page);
  await session.send('Performance.enable');
  await scroll(page, 2 * PASS_SECONDS, PASS_SECONDS);
  const before = await heapMegabytes(session);
  const warm = await scroll(page, SCROLL_SECONDS, PASS_SECONDS);
  const after = await heapMegabytes(session);
  await page.close();
  return [
    {
      what: 'search, from the last key to the answer, slowest',
      value: largest(searches.map(({ answer }) => answer)),
      unit: 'ms',
      limit: 200,
    },
    {
      what: 'search, from the last key to its first picture, slowest',
      value: largest(searches.map(({ picture }) => picture)),
      unit: 'ms',
    },
    { what: 'scrolling, thumbnails made: longest blank cell', value: warm.blank, unit: 'ms', limit: 150 },
    { what: 'scrolling, thumbnails made: longest without its picture', value: warm.withoutPicture, unit: 'ms' },
    { what: 'scrolling, thumbnails made: longest frame', value: warm.frame, unit: 'ms' },
    {
      what: `page's heap after ${SCROLL_SECONDS} s more of scrolling, grown by`,
      value: after - before,
      unit: 'MB',
      limit: 10,
    },
  ];
}

/** Among pictures that nobody has looked at yet, while the program has just begun to make the thumbnails of all. */
async function measureCold(context: BrowserContext, address: string): Promise<Measurement[]> {
  const page = await context.newPage();
  await page.goto(address);
  await page.evaluate(firstPicture);
  const cold = await scroll(page, PASS_SECONDS, PASS_SECONDS);
  await page.close();
  return [
    { what: 'scrolling, no thumbnail made: longest blank cell', value: cold.blank, unit: 'ms' },
    { what: 'scrolling, no thumbnail made: longest without its picture', value: cold.withoutPicture, unit: 'ms' },
  ];
}

/**
 * Trains on batches so large that a step takes seconds, and asks meanwhile, with the run's own page and its live charts open, until
 * `STEPS` steps are over. Throws where the steps were short: nothing is shown by being fast beside them.
 */
async function measureWhileTraining(app: App, context: BrowserContext, large: string): Promise<Measurement[]> {
  const client = await clientOf(app.origin, context);
  const config = { ...presets.bundled('vqa'), dataset: { name: sampleRecipe().name }, batchSize: 1024, steps: 1000 };
  const { id } = await client.call('jobs.start', { call: 'train', params: { config } });
  const run = await new Promise<string>((resolve, reject) => {
    const look = async (): Promise<void> => {
      const job = (await client.call('jobs.list', {})).find((one) => one.id === id);
      if (job?.error !== undefined) reject(new Error(job.error.message));
      else if (job?.run !== undefined && job.progress?.task === 'Training' && job.progress.done >= 2) resolve(job.run);
      else void setTimeout(200).then(look);
    };
    void look();
  });
  const page = await context.newPage();
  await page.goto(`${app.origin}/#/runs/${run}`);
  await page.locator('.u-over').first().waitFor(); // a chart
  const measured = async (): Promise<PageResult<'runs.series'>> => client.call('runs.series', { run });
  const stepsOf = ({ step }: PageResult<'runs.series'>): number => step.at(-1) ?? 0;

  const calls: number[] = [];
  const frames: number[] = [];
  const timed = async <Value>(times: number[], work: () => Promise<Value>): Promise<Value> => {
    const begun = performance.now();
    const value = await work();
    times.push(performance.now() - begun);
    return value;
  };
  const first = stepsOf(await measured());
  for (let offset = 0, steps = first; steps < first + STEPS; offset += PAGE) {
    await timed(calls, () => client.call('datasets.browse', { dataset: large, offset, limit: PAGE }));
    await timed(calls, () => client.call('runs.list', {}));
    steps = stepsOf(await timed(calls, measured));
    await timed(frames, () => page.evaluate('new Promise((done) => requestAnimationFrame(() => done()))'));
    await setTimeout(BETWEEN); // what asks without a break takes the cores from the step
  }
  const { step, seconds } = await measured();
  const stepMs = (1000 * (seconds.at(-1)! - seconds[0]!)) / (step.at(-1)! - step[0]!);
  await client.call('jobs.cancel', { job: id });
  client.close();
  await page.close();
  if (stepMs < LEAST_STEP_MS) throw new Error(`A step took ${stepMs} ms: take a larger batch`);
  return [
    { what: 'a training step meanwhile, on average', value: stepMs, unit: 'ms' },
    { what: `a call while it runs, median of ${calls.length}`, value: median(calls), unit: 'ms' },
    { what: 'a call while it runs, slowest', value: largest(calls), unit: 'ms', limit: 100 },
    { what: "the run's page: its next frame while it runs, slowest", value: largest(frames), unit: 'ms', limit: 100 },
  ];
}

/** As the program does when a dataset is opened, for the pictures that come first: the others are not looked at. */
async function prepareThumbnails(home: string, name: string): Promise<void> {
  const enough = new AbortController();
  const progress = ({ done }: Progress): void => {
    if (done >= PREPARED) enough.abort();
  };
  await makeAllThumbnails(home, name, { signal: enough.signal, progress }).catch((error: unknown) => {
    if (!enough.signal.aborted) throw error;
  });
  using dataset = openDataset(home, name);
  using looks = PictureLooks.writing(datasetFolder(home, name), dataset.info.index);
  looks.complete(); // so that the program does not go on with it meanwhile
}

/** Starts the app, with a page that has been opened once by the link: others may then be opened by their address. */
async function openApp(home: string): Promise<{ app: App; context: BrowserContext }> {
  const app = await startApp({ home, keepHome: true });
  const context = await app.newContext();
  const page = await context.newPage();
  await page.goto(app.link);
  await page.getByRole('heading', { level: 1 }).waitFor();
  await page.close();
  return { app, context };
}

async function* measureWarm(home: string, name: string): AsyncGenerator<Measurement[]> {
  await prepareThumbnails(home, name);
  const { app, context } = await openApp(home);
  await using _ = app;
  const address = `${app.origin}/#/datasets/${name}`;
  yield [await measureOpening(context, address)];
  yield await measureBrowsing(context, address);
}

async function* measureOthers(home: string, name: string): AsyncGenerator<Measurement[]> {
  rmSync(join(datasetFolder(home, name), 'thumbs'), { recursive: true, force: true });
  const { app, context } = await openApp(home);
  await using _ = app;
  yield await measureCold(context, `${app.origin}/#/datasets/${name}?split=val`);
  yield await measureWhileTraining(app, context, name);
}

async function* measureAll(home: string, images: number): AsyncGenerator<Measurement[]> {
  const { name } = await makeLargeDataset(home, images);
  await ensureSampleDataset(home, sampleRecipe(), {});
  if (options.part !== 'cold') yield* measureWarm(home, name);
  if (options.part !== 'warm') yield* measureOthers(home, name);
}

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { home: { type: 'string' }, part: { type: 'string' }, check: { type: 'boolean', default: false } },
});
const images = Number(positionals[0] ?? 120_000);
const home = options.home ?? temporaryHome();
try {
  const over = await report('app', images, measureAll(home, images));
  if (options.check && over > 0) process.exitCode = 1;
} finally {
  if (options.home === undefined) rmSync(home, { recursive: true, force: true });
}
