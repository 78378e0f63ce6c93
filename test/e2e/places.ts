/** Every place of the app on a prepared home: where it is, how it is opened, and what is seen once it is there. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { presetCards } from '../../engine/contract/presets.ts';
import { openService } from '../../engine/service/service.ts';
import { goTo } from './app.ts';
import { ImportSteps } from './import-steps.ts';
import { evaluateShort, sampleHome, trainShort } from './prepared-home.ts';
import { settled } from './settled.ts';
import { cocoFolder, sourcesFolder } from './source-folders.ts';

/** What the places are of. */
export interface PreparedHome {
  readonly home: string;
  /** A run of each task, finished. */
  readonly vqa: string;
  readonly caption: string;
  /** Their evaluations; two of the questions, which can be compared. */
  readonly asked: string;
  readonly askedLess: string;
  readonly told: string;
  /** A folder to import, with a record that is refused, and one that is no dataset. */
  readonly source: string;
  readonly noSource: string;
}

/** The sample, runs and evaluations, and of everything that a home holds one that is broken. */
export async function homeOfEverything(): Promise<PreparedHome> {
  const home = await sampleHome();
  const { run: caption } = await trainShort(home, 'caption');
  const { run: vqa } = await trainShort(home, 'vqa');
  const { evaluation: told } = await evaluateShort(home, caption);
  const { evaluation: askedLess } = await openService({ home }).evaluate({
    run: vqa,
    checkpoint: 'best',
    split: 'test',
    limit: 20,
  });
  const { evaluation: asked } = await evaluateShort(home, vqa);
  for (const [folder, file] of [
    ['runs/broken-run', 'run.json'],
    ['datasets/broken-dataset', 'dataset.json'],
    ['models/broken-model', 'config.json'],
  ] as const) {
    mkdirSync(join(home, folder), { recursive: true });
    writeFileSync(join(home, folder, file), '{"half":');
  }
  const folder = sourcesFolder();
  const source = await cocoFolder(folder, 'walls', ({ images, annotations }) => ({
    images,
    annotations: [...annotations, { id: 200, image_id: 99, caption: 'Of nothing' }],
  }));
  const noSource = await cocoFolder(folder, 'cut', (content) => JSON.stringify(content).slice(0, -40));
  return { home, vqa, caption, asked, askedLess, told, source, noSource };
}

export interface Place {
  readonly name: string;
  readonly hash: (home: PreparedHome) => string;
  /** Does what is to be done there, and waits until it is seen. */
  readonly open: (page: Page, home: PreparedHome) => Promise<unknown>;
}

type Name = string | RegExp | ((home: PreparedHome) => string);
const nameOf = (name: Name, home: PreparedHome) => (typeof name === 'function' ? name(home) : name);
const heading = (name: string | RegExp) => (page: Page) =>
  page.locator('main').getByRole('heading', { name }).first().waitFor();
const words = (text: string | RegExp) => (page: Page) => page.getByText(text).first().waitFor();
const picture = (page: Page) => page.locator('main img').first().waitFor();
const chart = (page: Page) => page.locator('.u-over').first().waitFor();
const dialog = (page: Page, title: string | RegExp) =>
  page
    .getByRole('dialog', { name: title })
    .or(page.getByRole('alertdialog', { name: title }))
    .waitFor();

const menu = (button: Name) => async (page: Page, home: PreparedHome) => {
  await page
    .getByRole('button', { name: nameOf(button, home) })
    .first()
    .click();
  await page.getByRole('menuitem').first().waitFor();
};
const press = (button: Name, title: string | RegExp) => async (page: Page, home: PreparedHome) => {
  await page
    .getByRole('button', { name: nameOf(button, home) })
    .first()
    .click();
  await dialog(page, title);
};
const choose = (button: Name, item: string, title: string | RegExp) => async (page: Page, home: PreparedHome) => {
  await menu(button)(page, home);
  await page.getByRole('menuitem', { name: item }).click();
  await dialog(page, title);
};

const at = (hash: string) => () => hash;
const quick = at('#/train?preset=quick&task=vqa&dataset=scenes');
const image = encodeURIComponent('test/200002');
const imports =
  (steps: (steps: ImportSteps, home: PreparedHome) => Promise<unknown>) => async (page: Page, home: PreparedHome) => {
    const own = new ImportSteps(page);
    await own.dialog.waitFor();
    await steps(own, home);
  };

/** In the order of the navigation. */
export const places: readonly Place[] = [
  { name: 'home', hash: at('#/'), open: heading('Your run is') },
  {
    name: 'home: shortcuts',
    hash: at('#/'),
    open: async (page) => {
      await page.keyboard.press('?');
      await dialog(page, 'Keyboard shortcuts');
    },
  },
  { name: 'home: jobs', hash: at('#/'), open: press('Jobs', 'Jobs') },
  { name: 'datasets', hash: at('#/datasets'), open: heading('scenes') },
  { name: 'datasets: menu', hash: at('#/datasets'), open: menu('More for scenes') },
  { name: 'datasets: remove', hash: at('#/datasets'), open: choose('More for scenes', 'Remove…', /Remove/) },
  { name: 'import: where', hash: at('#/datasets?import=new'), open: imports(async () => {}) },
  {
    name: 'import: not a dataset',
    hash: at('#/datasets?import=new'),
    open: imports(async (steps, { noSource }) => {
      await steps.type(noSource);
      await steps.dialog.getByRole('alert').first().waitFor();
    }),
  },
  {
    name: 'import: found',
    hash: at('#/datasets?import=new'),
    open: imports(async (steps, { source }) => {
      await steps.type(source);
      await steps.says('First items');
    }),
  },
  {
    name: 'import: name',
    hash: at('#/datasets?import=new'),
    open: imports(async (steps, { source }) => {
      await steps.type(source);
      await steps.press('Continue');
      await steps.dialog.getByLabel('Name').waitFor();
    }),
  },
  {
    name: 'import: done',
    hash: at('#/datasets?import=new'),
    open: imports(async (steps, { source }) => {
      await steps.type(source);
      await steps.goOn('walls');
      await steps.dialog.getByRole('link', { name: 'Browse it' }).waitFor();
    }),
  },
  { name: 'dataset', hash: at('#/datasets/scenes'), open: picture },
  { name: 'dataset: filtered', hash: at('#/datasets/scenes?split=train&q=a&has=captions'), open: picture },
  { name: 'dataset: nothing found', hash: at('#/datasets/scenes?q=zzzz'), open: words('No picture passes') },
  { name: 'dataset: picture', hash: at(`#/datasets/scenes?item=${image}&at=1`), open: words(/^10 answers/) },
  { name: 'dataset: answers', hash: at('#/datasets/scenes?tab=answers'), open: heading('Answer types') },
  { name: 'dataset: about', hash: at('#/datasets/scenes?tab=about'), open: words(/^questions|VQA v2/) },
  { name: 'dataset: not there', hash: at('#/datasets/none'), open: words('The dataset could not be opened') },
  { name: 'models', hash: at('#/models'), open: heading('scenes-t5') },
  { name: 'models: add', hash: at('#/models'), open: press('Add a model…', 'Add a model') },
  { name: 'model', hash: at('#/models/scenes-t5'), open: words('Licence') },
  { name: 'model: not there', hash: at('#/models/none'), open: (page) => page.getByRole('alert').first().waitFor() },
  ...presetCards.map(
    ({ preset, task, title }): Place => ({
      name: `train: ${title}`,
      hash: at(`#/train?preset=${preset}&task=${task}&dataset=scenes`),
      open: (page) => page.getByRole('button', { name: 'Start training' }).waitFor(),
    }),
  ),
  {
    name: 'train: every setting and the estimate',
    hash: quick,
    open: async (page) => {
      const folded = page.locator('main h2 button[aria-expanded=false]');
      await folded.first().waitFor();
      while ((await folded.count()) > 0) await folded.first().click();
      await page.getByText('Time per step').waitFor();
    },
  },
  { name: 'train: load a config', hash: quick, open: press('Load a JSON config…', /config/i) },
  { name: 'runs', hash: at('#/runs'), open: words('Questions on scenes') },
  { name: 'runs: none fits', hash: at('#/runs?q=zzzz'), open: words('No run fits the filters') },
  { name: 'runs: menu', hash: at('#/runs'), open: menu(({ vqa }) => `Actions for ${vqa}`) },
  { name: 'runs: note', hash: at('#/runs'), open: choose(({ vqa }) => `Actions for ${vqa}`, 'Edit note…', /note/i) },
  { name: 'runs: remove', hash: at('#/runs'), open: choose(({ vqa }) => `Actions for ${vqa}`, 'Remove…', /Remove/) },
  { name: 'run', hash: ({ vqa }) => `#/runs/${vqa}`, open: chart },
  {
    name: 'run: curve as a table',
    hash: ({ vqa }) => `#/runs/${vqa}`,
    open: async (page) => {
      await page.getByRole('button', { name: 'Training loss as a table' }).click();
      await page.getByRole('region', { name: 'Training loss as a table' }).waitFor();
    },
  },
  { name: 'run: menu', hash: ({ vqa }) => `#/runs/${vqa}`, open: menu('More actions for this run') },
  {
    name: 'run: export',
    hash: ({ vqa }) => `#/runs/${vqa}`,
    open: choose('More actions for this run', 'Export…', /Export/),
  },
  ...(['batch', 'predictions', 'log', 'config', 'checkpoints'] as const).map(
    (tab): Place => ({
      name: `run: ${tab}`,
      hash: ({ vqa }) => `#/runs/${vqa}?tab=${tab}`,
      open: (page) => page.getByRole('tabpanel').locator('p, td, dt, code, time').first().waitFor(),
    }),
  ),
  { name: 'run: not there', hash: at('#/runs/none'), open: (page) => page.getByRole('alert').first().waitFor() },
  { name: 'compare', hash: ({ vqa, caption }) => `#/compare?runs=${vqa},${caption}`, open: chart },
  { name: 'compare: nothing chosen', hash: at('#/compare'), open: words(/Choose/) },
  { name: 'evaluate', hash: at('#/evaluate'), open: (page) => page.getByLabel('Split').waitFor() },
  { name: 'evaluation of questions', hash: ({ vqa, asked }) => `#/evaluate?run=${vqa}&id=${asked}`, open: picture },
  {
    name: 'evaluation of captions',
    hash: ({ caption, told }) => `#/evaluate?run=${caption}&id=${told}`,
    open: picture,
  },
  {
    name: 'evaluation: an item',
    hash: ({ vqa, asked }) => `#/evaluate?run=${vqa}&id=${asked}&item=0`,
    open: (page) =>
      page
        .getByRole('dialog', { name: /^Item 1 of/ })
        .getByRole('heading', { name: 'People said' })
        .waitFor(),
  },
  {
    name: 'evaluation: two compared',
    hash: ({ vqa, asked, askedLess }) => `#/evaluate?run=${vqa}&id=${asked}&otherRun=${vqa}&otherId=${askedLess}`,
    open: words(/shared items/),
  },
  {
    name: 'evaluation: not there',
    hash: ({ vqa }) => `#/evaluate?run=${vqa}&id=none`,
    open: (page) => page.getByRole('alert').first().waitFor(),
  },
  { name: 'playground', hash: at('#/playground'), open: words('Choose a picture') },
  {
    name: 'playground: pictures of a dataset',
    hash: at('#/playground'),
    open: async (page) => {
      await page.getByRole('button', { name: 'Choose from a dataset…' }).click();
      await page.getByRole('dialog').locator('img').first().waitFor();
    },
  },
  {
    name: 'playground: a caption',
    hash: ({ caption }) => `#/playground?run=${caption}&dataset=scenes&image=${image}`,
    open: (page) => page.locator('main canvas').first().waitFor(),
  },
  {
    name: 'playground: two runs',
    hash: ({ vqa }) =>
      `#/playground?run=${vqa}&other=${vqa}&otherCheckpoint=last&dataset=scenes&image=${image}&question=what%20is%20this`,
    open: (page) => page.locator('main canvas').nth(1).waitFor(),
  },
  { name: 'settings', hash: at('#/settings'), open: heading('About DePT Studio') },
  { name: 'no such page', hash: at('#/nowhere'), open: words('There is no page at this address') },
];

/** Goes to a place as new, whatever was open before, once messages that something went well have gone. */
export async function visit(page: Page, { hash, open }: Place, home: PreparedHome): Promise<void> {
  await page.keyboard.press('Escape');
  await goTo(page, '#/elsewhere');
  await page.getByText('There is no page at this address').waitFor();
  await page.locator('.toast:not(.bad)').first().waitFor({ state: 'detached' });
  await goTo(page, hash(home));
  await open(page, home);
  await settled(page);
}
