/**
 * Pictures of every view in both themes, or of those that are named: `node test/e2e/screenshots.ts <folder> [home] [--views run,train]
 * [--webp]`. In the home, a new one by default, it first trains what is to be seen and is not there yet: some ten minutes.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Page } from 'playwright-core';
import sharp from 'sharp';
import { layOver, parseTrainConfig } from '../../engine/contract/parse-config.ts';
import { presets } from '../../engine/contract/presets.ts';
import type { Task } from '../../engine/contract/train-config.ts';
import { listEvaluations } from '../../engine/service/evaluations.ts';
import { runList } from '../../engine/service/run-views.ts';
import { ensureSampleDataset, sampleRecipe } from '../../engine/service/sample.ts';
import { openService } from '../../engine/service/service.ts';
import { type App, startApp, temporaryHome } from './app.ts';

/** Answers, the same with another budget and with prompt tuning, captions: enough to compare, each long enough for a curve. */
const configs = [
  { ...presets.bundled('vqa'), method: { name: 'prompt-tuning', promptLength: 100 }, steps: 600 },
  { ...presets.bundled('vqa'), method: { ...presets.bundled('vqa').method, promptLength: 60, rank: 35 }, steps: 600 },
  { ...presets.bundled('vqa'), steps: 2025 },
  presets.bundled('caption'),
];

/** Trains and evaluates what the home lacks: a home that was left half filled is gone on with. */
async function fillHome(home: string): Promise<void> {
  const service = openService({ home });
  const name = await ensureSampleDataset(home, sampleRecipe(), {});
  for (const config of configs.slice(runList(home).runs.length)) {
    const every = config.steps / 15;
    const own = { dataset: { name }, evaluation: { every, limit: 100 }, checkpoint: { every: 3 * every } };
    await service.train(parseTrainConfig(layOver({ ...config }, own)));
  }
  for (const { id: run } of runList(home).runs)
    if (listEvaluations(home, { run }).evaluations.length === 0)
      await service.evaluate({ run, split: 'test', checkpoint: 'best', limit: 500 });
}

/** Frame after frame; the page's content policy keeps Playwright's own way of waiting out. */
async function until(page: Page, expression: string): Promise<void> {
  while (!(await page.evaluate(expression)))
    await page.evaluate('new Promise((done) => requestAnimationFrame(() => done()))');
}

interface Shot {
  readonly name: string;
  readonly hash: string;
  /** What must be seen before the picture is taken. */
  readonly ready: (page: Page) => Promise<unknown>;
}

const heading = (page: Page): Promise<void> => page.locator('main h1').first().waitFor();
const words = (text: string | RegExp) => (page: Page) => page.locator('main').getByText(text).first().waitFor();

/** Every view; those of a run are of the newest of its task. */
function shotsOf(home: string): Shot[] {
  const { runs } = runList(home);
  const runOf = (task: Task): string => runs.find((run) => run.task === task)!.id;
  const [vqa, caption] = [runOf('vqa'), runOf('caption')];
  const evaluationOf = (run: string): string => listEvaluations(home, { run }).evaluations[0]!.id;
  const compared = runs.filter((run) => run.task === 'vqa').map(({ id }) => id);
  const dataset = runs[0]!.dataset!;
  const chart = (page: Page): Promise<void> => page.locator('.u-over').first().waitFor();
  const picture = (page: Page): Promise<unknown> =>
    until(page, `[...document.querySelectorAll('main img')].some((img) => img.complete && img.naturalWidth > 0)`);
  const lines = (page: Page): Promise<unknown> =>
    until(page, `document.querySelectorAll('main svg[role=img]').length >= ${Math.min(4, runs.length)}`);
  const asked = async (page: Page): Promise<void> => {
    await page.getByRole('button', { name: 'Write a caption' }).click();
    await page.locator('main canvas').first().waitFor();
  };
  const imageOf = (id: number): string => encodeURIComponent(`test/${id}`);
  return [
    { name: 'home', hash: '#/', ready: words('Your run is evaluated') },
    { name: 'datasets', hash: '#/datasets', ready: picture },
    { name: 'dataset', hash: `#/datasets/${dataset}`, ready: picture },
    { name: 'dataset-item', hash: `#/datasets/${dataset}?item=${imageOf(200002)}&at=1`, ready: picture },
    { name: 'dataset-answers', hash: `#/datasets/${dataset}?tab=answers`, ready: words('Question types') },
    { name: 'dataset-about', hash: `#/datasets/${dataset}?tab=about`, ready: words('Imported from') },
    { name: 'import', hash: '#/datasets?import=new', ready: (page) => page.getByRole('dialog').waitFor() },
    { name: 'models', hash: '#/models', ready: words('scenes-t5') },
    { name: 'model', hash: '#/models/scenes-t5', ready: words('Runs with it') },
    {
      name: 'train',
      hash: '#/train?preset=bundled&task=caption',
      ready: (page) => page.getByText('Time per step').waitFor(),
    },
    { name: 'runs', hash: '#/runs', ready: lines },
    { name: 'run', hash: `#/runs/${vqa}`, ready: chart },
    { name: 'run-batch', hash: `#/runs/${vqa}?tab=batch`, ready: picture },
    { name: 'run-predictions', hash: `#/runs/${vqa}?tab=predictions`, ready: picture },
    { name: 'run-log', hash: `#/runs/${vqa}?tab=log`, ready: words('Training from step') },
    { name: 'run-settings', hash: `#/runs/${vqa}?tab=config`, ready: words('Fingerprints') },
    { name: 'run-checkpoints', hash: `#/runs/${vqa}?tab=checkpoints`, ready: words('best score') },
    { name: 'compare', hash: `#/compare?runs=${compared.join()}`, ready: chart },
    { name: 'evaluate', hash: '#/evaluate', ready: (page) => page.getByLabel('Split').waitFor() },
    { name: 'evaluation-vqa', hash: `#/evaluate?run=${vqa}&id=${evaluationOf(vqa)}`, ready: picture },
    { name: 'evaluation-caption', hash: `#/evaluate?run=${caption}&id=${evaluationOf(caption)}`, ready: picture },
    {
      name: 'playground',
      hash: `#/playground?run=${caption}&dataset=${dataset}&image=${imageOf(200072)}`,
      ready: asked,
    },
    { name: 'settings', hash: '#/settings', ready: words('About DePT Studio') },
    { name: 'missing', hash: '#/runs/no-such-run', ready: words('could not be read') },
  ];
}

/** As files; as WebP for pages on the web, where they are to be small. */
async function write(bytes: Buffer, path: string, asWebp: boolean): Promise<void> {
  if (asWebp) await sharp(bytes).webp({ quality: 85, effort: 6, smartSubsample: true }).toFile(`${path}.webp`);
  else await sharp(bytes).png({ palette: true, effort: 10 }).toFile(`${path}.png`);
}

async function take(app: App, theme: 'light' | 'dark'): Promise<void> {
  const context = await app.newContext();
  const page = await context.newPage();
  await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
  await page.goto(app.link);
  await heading(page);
  await page.goto(`${app.origin}/#/datasets/${sampleRecipe().name}`); // makes its thumbnails, which the navigation tells
  await page.locator('main img').first().waitFor();
  await until(page, `document.querySelector('.tray.busy') === null`);
  for (const { name, hash, ready } of shotsOf(app.home).filter((shot) => wanted?.includes(shot.name) ?? true)) {
    await page.goto(`${app.origin}/${hash}`);
    await page.reload();
    await ready(page);
    await until(page, `document.querySelectorAll('[aria-busy=true]').length === 0`);
    await until(page, `[...document.querySelectorAll('main img')].every((img) => img.complete)`);
    await write(await page.screenshot(), join(folder!, `${name}-${theme}`), options.webp);
  }
  await context.close();
}

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { views: { type: 'string' }, webp: { type: 'boolean', default: false } },
});
const [folder, given] = positionals;
const wanted = options.views?.split(',');
if (folder === undefined) throw new Error('Usage: node test/e2e/screenshots.ts <folder> [home] [--views a,b] [--webp]');
mkdirSync(folder, { recursive: true });
const home = given ?? temporaryHome();
await fillHome(home);
await using app = await startApp({ home, keepHome: given !== undefined });
for (const theme of ['light', 'dark'] as const) await take(app, theme);
