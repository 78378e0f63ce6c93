/**
 * How the app feels in a browser: Datasets with 120,000 made-up pictures, and any page while a training step of seconds runs.
 * `node test/bench/app.ts [pictures] [--check]` prints a line of JSON for each measurement, then a table; with `--check` it fails
 * where one is over its bound. Needs Debian's Chromium and the built page.
 */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BrowserContext, CDPSession, Page } from 'playwright-core';
import { WebSocket } from 'ws';
import { type PageCalls, pageCalls } from '../../engine/contract/api.ts';
import { ContractClient } from '../../engine/contract/client.ts';
import { presets } from '../../engine/contract/presets.ts';
import { ensureSampleDataset, sampleRecipe } from '../../engine/service/sample.ts';
import { socketPort } from '../../main/server/socket-port.ts';
import { type App, startApp } from '../e2e/app.ts';
import { makeLargeDataset } from './large-dataset.ts';

interface Measurement {
  readonly what: string;
  readonly value: number;
  readonly unit: 'ms' | 'MB';
  /** What the app promises. */
  readonly limit?: number;
}

const SCROLL_SECONDS = 60;
const PASS_SECONDS = 10;
const SEARCHES = ['giraffe beach', 'red bus', 'zebra', 'dog running'];
/** Round trips while a step runs. */
const ROUNDS = 60;

const largest = (values: readonly number[]): number => Math.max(...values);
const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1]!;

/** Scripts in the page are text: this file is checked without a browser's types. */
const firstPicture = `new Promise((done) => {
  const look = () => {
    const img = document.querySelector('[role=gridcell] img');
    if (img?.complete && img.naturalWidth > 0) requestAnimationFrame(() => done(performance.now()));
    else requestAnimationFrame(look);
  };
  look();
})`;

async function measureOpening(context: BrowserContext, address: string): Promise<Measurement> {
  const times: number[] = [];
  for (let round = 0; round < 5; round += 1) {
    const page = await context.newPage();
    await page.goto(address);
    times.push((await page.evaluate(firstPicture)) as number);
    await page.close();
  }
  return { what: 'opening the dataset, to the first picture', value: median(times.slice(1)), unit: 'ms', limit: 1000 };
}

/** From the last key to the first frame with other pictures; the wait for a pause in typing is part of it. */
async function searchTime(page: Page, text: string): Promise<number> {
  const box = page.getByRole('searchbox').first();
  await box.fill('');
  await page.evaluate(firstPicture);
  await box.pressSequentially(text.slice(0, -1));
  await page.evaluate(`(() => {
    const labels = () => [...document.querySelectorAll('[role=gridcell]')].map((cell) => cell.ariaLabel).join('|');
    globalThis.found = new Promise((done) => {
      document.addEventListener('input', () => {
        const begun = performance.now();
        const wait = () => (document.querySelector('[role=grid]')?.getAttribute('aria-rowcount') + labels() === globalThis.before
          ? requestAnimationFrame(wait)
          : done(performance.now() - begun));
        globalThis.before = document.querySelector('[role=grid]')?.getAttribute('aria-rowcount') + labels();
        wait();
      }, { once: true, capture: true });
    });
  })()`);
  await box.press(text.at(-1)!);
  return (await page.evaluate('globalThis.found')) as number;
}

/**
 * Scrolls the grid fast, down and back up, in passes of so many seconds. Gives the milliseconds for which a cell in view stayed
 * without its picture at most, on the way down for the first time and after that.
 */
async function scroll(page: Page, seconds: number, pass: number): Promise<{ first: number; later: number }> {
  return (await page.evaluate(`new Promise((done) => {
    const grid = document.querySelector('[role=grid]');
    const since = new Map();
    const begun = performance.now();
    let [first, later] = [0, 0];
    const isBlank = (cell) => {
      const img = cell.querySelector('img');
      return img === null || !img.complete || img.naturalWidth === 0;
    };
    const frame = () => {
      const now = performance.now();
      const { top, bottom } = grid.getBoundingClientRect();
      const seen = new Set();
      for (const cell of grid.querySelectorAll('[role=gridcell]')) {
        const box = cell.getBoundingClientRect();
        if (box.bottom <= top || box.top >= bottom || !isBlank(cell)) continue;
        const key = cell.ariaLabel + cell.getAttribute('aria-colindex') + cell.parentElement.getAttribute('aria-rowindex');
        seen.add(key);
        if (!since.has(key)) since.set(key, now);
        const blank = now - since.get(key);
        if (now - begun < ${pass * 1000}) first = Math.max(first, blank);
        else later = Math.max(later, blank);
      }
      for (const key of since.keys()) if (!seen.has(key)) since.delete(key);
      if (now - begun >= ${seconds * 1000}) return done({ first, later });
      const direction = Math.floor((now - begun) / ${pass * 1000}) % 2 === 0 ? 1 : -1;
      grid.scrollTop += direction * 120; // a fast wheel: 7,200 pixels a second
      requestAnimationFrame(frame);
    };
    frame();
  })`)) as { first: number; later: number };
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
  const searches: number[] = [];
  for (const text of SEARCHES) searches.push(await searchTime(page, text));
  await page.getByRole('searchbox').first().fill('');
  await page.evaluate(firstPicture);

  const session = await context.newCDPSession(page);
  await session.send('Performance.enable');
  const { first } = await scroll(page, 2 * PASS_SECONDS, PASS_SECONDS);
  const before = await heapMegabytes(session);
  const { first: second, later } = await scroll(page, SCROLL_SECONDS, PASS_SECONDS);
  const after = await heapMegabytes(session);
  await page.close();
  return [
    { what: 'search, from the last key to its pictures', value: largest(searches), unit: 'ms', limit: 200 },
    { what: 'longest blank cell, scrolling fast where thumbnails are still to be made', value: first, unit: 'ms' },
    { what: 'longest blank cell, scrolling fast', value: Math.max(second, later), unit: 'ms', limit: 150 },
    {
      what: `page's heap after ${SCROLL_SECONDS} s more of scrolling, grown by`,
      value: after - before,
      unit: 'MB',
      limit: 10,
    },
  ];
}

/** A connection as a page has it. */
async function connect(app: App, context: BrowserContext): Promise<ContractClient<PageCalls>> {
  const cookies = await context.cookies(app.origin);
  const headers = { Origin: app.origin, Cookie: cookies.map(({ name, value }) => `${name}=${value}`).join('; ') };
  const socket = new WebSocket(`${app.origin.replace('http', 'ws')}/socket`, { headers });
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
  return new ContractClient<PageCalls>(socketPort(socket), pageCalls);
}

/** Trains on batches so large that a step takes seconds, and asks meanwhile. */
async function measureWhileTraining(app: App, context: BrowserContext, large: string): Promise<Measurement[]> {
  const client = await connect(app, context);
  const config = { ...presets.bundled('vqa'), dataset: { name: sampleRecipe().name }, batchSize: 1024, steps: 1000 };
  const { id } = await client.call('jobs.start', { call: 'train', params: { config } });
  const run = await new Promise<string>((resolve) => {
    const look = async (): Promise<void> => {
      const job = (await client.call('jobs.list', {})).find((one) => one.id === id);
      if (job?.error !== undefined) throw new Error(job.error.message);
      if (job?.run !== undefined && (job.progress?.task === 'Training' ? job.progress.done : 0) >= 2) resolve(job.run);
      else setTimeout(look, 200);
    };
    void look();
  });
  const page = await context.newPage();
  await page.goto(`${app.origin}/#/datasets`);
  await page.getByRole('heading', { name: 'Datasets', level: 1 }).waitFor();
  const calls: number[] = [];
  const frames: number[] = [];
  const timed = async (times: number[], work: () => Promise<unknown>): Promise<void> => {
    const begun = performance.now();
    await work();
    times.push(performance.now() - begun);
  };
  for (let round = 0; round < ROUNDS; round += 1) {
    await timed(calls, () => client.call('datasets.browse', { dataset: large, offset: round * 100 }));
    await timed(calls, () => client.call('runs.series', { run }));
    await timed(calls, () => client.call('runs.list', {}));
    await timed(frames, () => page.evaluate('new Promise((done) => requestAnimationFrame(() => done()))'));
  }
  const { step, seconds } = await client.call('runs.series', { run });
  const rows = step.length;
  const stepMs = rows < 2 ? 0 : (1000 * (seconds[rows - 1]! - seconds[0]!)) / (step[rows - 1]! - step[0]!);
  await client.call('jobs.cancel', { job: id });
  client.close();
  return [
    { what: 'a training step meanwhile, on average', value: stepMs, unit: 'ms' },
    { what: 'a call while it runs, median', value: median(calls), unit: 'ms' },
    { what: 'a call while it runs, slowest', value: largest(calls), unit: 'ms', limit: 100 },
    { what: "a page's next frame while it runs, slowest", value: largest(frames), unit: 'ms', limit: 100 },
  ];
}

const check = process.argv.includes('--check');
const images = Number(process.argv.slice(2).find((word) => /^\d+$/.test(word)) ?? 120_000);
const home = mkdtempSync(join(tmpdir(), 'dept-bench-'));
const { name } = await makeLargeDataset(home, images);
await ensureSampleDataset(home, sampleRecipe(), {});
await using app = await startApp({ home });
const context = await app.newContext();
const first = await context.newPage();
await first.goto(app.link);
await first.getByRole('heading', { level: 1 }).waitFor();
await first.close();
const address = `${app.origin}/#/datasets/${name}`;
const measurements = [
  await measureOpening(context, address),
  ...(await measureBrowsing(context, address)),
  ...(await measureWhileTraining(app, context, name)),
];
for (const measurement of measurements) console.log(JSON.stringify({ bench: 'app', images, ...measurement }));
let over = 0;
for (const { what, value, unit, limit } of measurements) {
  const isOver = limit !== undefined && value > limit;
  over += Number(isOver);
  const bound = limit === undefined ? '' : `  (${isOver ? 'OVER' : 'within'} ${limit})`;
  console.log(`${what.padEnd(74)} ${value.toFixed(1).padStart(9)} ${unit}${bound}`);
}
if (check && over > 0) process.exitCode = 1;
