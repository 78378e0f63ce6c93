/**
 * Large amounts, each in a process that has just begun: importing 100,000 pictures with 500,000 questions, opening an evaluation of
 * 200,000 predictions, a run of 50,000 steps and a feature cache of 100,000 pictures, in the engine and on the page.
 * `node test/bench/scale.ts [--part import|pages|features]` prints a line of JSON for each figure, then a table, and fails where one
 * is over its bound. Pages need Debian's Chromium and the built page.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { BrowserContext, Locator, Page } from 'playwright-core';
import { type App, startApp } from '../e2e/app.ts';
import { sampleHome } from '../e2e/prepared-home.ts';
import { type Measurement, median, report } from './measurements.ts';
import { encoder, PICTURES, PREDICTIONS, QUESTIONS_EACH, STEPS, shape } from './scale-amounts.ts';
import { type LongRun, makeFeatureCache, makeLongRun, writeVqaPair } from './scale-home.ts';
import type { Done } from './scale-process.ts';

/** Times that a page is opened. */
const ROUNDS = 5;

const entry = fileURLToPath(new URL('scale-process.ts', import.meta.url));

async function inProcess(task: string, ...args: string[]): Promise<Done> {
  const child = fork(entry, [task, ...args], { execArgv: ['--no-warnings'] });
  const [done] = (await Promise.race([once(child, 'message'), once(child, 'exit')])) as [Done | number];
  if (typeof done !== 'object') throw new Error(`The task ${task} failed`);
  return done;
}

async function* measureImport(home: string): AsyncGenerator<Measurement[]> {
  const source = join(home, 'source');
  await writeVqaPair(source, PICTURES, QUESTIONS_EACH);
  const { ms, memory } = await inProcess('import', home, source);
  yield [
    { what: 'importing 100,000 pictures and 500,000 questions', value: ms / 1000, unit: 's', limit: 90 },
    { what: 'the same, most resident memory', value: memory / 1e6, unit: 'MB', limit: 600 },
  ];
}

async function* measureFeatures(home: string): AsyncGenerator<Measurement[]> {
  makeFeatureCache(home, encoder, 'vqa', PICTURES, shape);
  const { ms, memory } = await inProcess('features', home);
  yield [
    { what: 'opening a feature cache of 100,000 pictures', value: ms, unit: 'ms', limit: 1000 },
    { what: 'the same, most resident memory', value: memory / 1e6, unit: 'MB' },
  ];
}

async function* measureCalls(home: string, { run, evaluation }: LongRun): AsyncGenerator<Measurement[]> {
  const items = (query: object) => ['items', home, run, evaluation, JSON.stringify(query)] as const;
  const calls: [what: string, limit: number, ...task: [string, ...string[]]][] = [
    ['run of 50,000 steps: its series', 500, 'series', home, run],
    ['evaluation of 200,000: its scores and groups', 200, 'show', home, run, evaluation],
    ['the same: its first items', 100, ...items({})],
    ['the same: items in the middle', 100, ...items({ offset: PREDICTIONS / 2 })],
    ['the same: the last of one type', 100, ...items({ answerType: 'number', sort: 'best', offset: 50_000 })],
    ['the same: a search in all texts', 400, ...items({ text: 'ärger straße' })],
  ];
  for (const [what, limit, ...task] of calls) {
    const times: number[] = [];
    for (let round = 0; round < 3; round += 1) times.push((await inProcess(...task)).ms);
    yield [{ what, value: median(times), unit: 'ms', limit }];
  }
}

interface Opening {
  readonly opened: number;
  readonly busy: number;
  readonly sent: number;
}

/** Opens an address in a fresh tab: ms until it is `ready`, the longest task of the page, and the MB that it was sent. */
async function openOnce(context: BrowserContext, address: string, ready: (page: Page) => Locator): Promise<Opening> {
  const page = await context.newPage();
  await page.goto('about:blank');
  const session = await context.newCDPSession(page);
  await session.send('Network.enable');
  let bytes = 0;
  session.on('Network.webSocketFrameReceived', ({ response }) => {
    bytes += response.payloadData.length;
  });
  await page.addInitScript(`
    globalThis.busy = 0;
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) globalThis.busy = Math.max(globalThis.busy, duration);
    }).observe({ type: 'longtask', buffered: true });`);
  const begun = performance.now();
  await page.goto(address);
  await ready(page).first().waitFor({ state: 'attached' });
  const opened = performance.now() - begun;
  await page.evaluate('new Promise((done) => requestAnimationFrame(() => setTimeout(done, 500)))');
  const busy = (await page.evaluate('globalThis.busy')) as number;
  await page.close();
  return { opened, busy, sent: bytes / 1e6 };
}

/** A page of a large amount beside the same page of a small one; medians of so many rounds, turn by turn. */
async function besideSmall(
  context: BrowserContext,
  what: string,
  [large, small]: readonly [large: string, small: string],
  ready: (page: Page) => Locator,
): Promise<Measurement[]> {
  const rounds: [Opening, Opening][] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    rounds.push([await openOnce(context, large, ready), await openOnce(context, small, ready)]);
  }
  const of = (which: 0 | 1, field: keyof Opening): number => median(rounds.map((round) => round[which][field]));
  const more = (field: keyof Opening): number => of(0, field) - of(1, field);
  return [
    { what: `${what}: opened`, value: of(0, 'opened'), unit: 'ms' },
    { what: `${what}: later than a small one`, value: more('opened'), unit: 'ms', limit: 300 },
    { what: `${what}: longest task, longer than of a small one`, value: more('busy'), unit: 'ms', limit: 100 },
    { what: `${what}: sent to the page`, value: of(0, 'sent'), unit: 'MB', limit: 1 },
  ];
}

async function* measurePages(app: App, long: LongRun, small: LongRun): AsyncGenerator<Measurement[]> {
  const context = await app.newContext();
  const page = await context.newPage();
  await page.goto(app.link);
  await page.getByRole('heading', { level: 1 }).waitFor();
  await page.close();
  const both = (place: (run: LongRun) => string) =>
    [`${app.origin}/${place(long)}`, `${app.origin}/${place(small)}`] as const;
  const loss = (own: Page): Locator => own.getByText(/^Loss: [\d,]+ points/);
  const firstItem = (own: Page): Locator => own.getByLabel('Items').getByText('?');
  yield await besideSmall(
    context,
    'page of the run',
    both(({ run }) => `#/runs/${run}`),
    loss,
  );
  const evaluation = both(({ run, evaluation }) => `#/evaluate?run=${run}&id=${evaluation}`);
  yield await besideSmall(context, 'page of the evaluation', evaluation, firstItem);
}

async function* measureAll(home: string, part: string | undefined): AsyncGenerator<Measurement[]> {
  if (part === undefined || part === 'features') yield* measureFeatures(home);
  if (part === undefined || part === 'import') yield* measureImport(home);
  if (part !== undefined && part !== 'pages') return;
  const long = makeLongRun(home, STEPS, PREDICTIONS);
  yield* measureCalls(home, long);
  await using app = await startApp({ home, keepHome: true });
  yield* measurePages(app, long, makeLongRun(home, 100, 100));
}

const { values } = parseArgs({ options: { part: { type: 'string' } } });
const home = await sampleHome();
try {
  if ((await report('scale', PICTURES, measureAll(home, values.part))) > 0) process.exitCode = 1;
} finally {
  rmSync(home, { recursive: true, force: true });
}
