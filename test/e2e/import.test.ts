/** Datasets brought in by a typed path, by the folder picker and by dropping; whole, broken, and given up half-way. */
import { existsSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type App, goTo, hasChromium, patience, startApp, type WatchedPage } from './app.ts';
import { ImportSteps } from './import-steps.ts';
import { sampleHome } from './prepared-home.ts';
import { cocoFolder, csvFolder, longTable, sourcesFolder, vqaFolder } from './source-folders.ts';

describe.skipIf(!hasChromium)('import', () => {
  const sources = sourcesFolder();
  let app: App;
  let watched: WatchedPage;
  let steps: ImportSteps;
  beforeAll(async () => {
    app = await startApp({ home: await sampleHome() });
    watched = await app.open('#/datasets');
    steps = new ImportSteps(watched.page);
  });
  afterAll(async () => {
    await app?.[Symbol.asyncDispose]();
    rmSync(sources, { recursive: true, force: true });
    expect(watched?.complaints).toEqual([]);
  });
  beforeEach(async () => {
    await steps.open();
  });

  test('COCO captions by a typed path: found, shown, named, imported, browsed', async () => {
    await steps.type(await cocoFolder(sources, 'my-coco'));
    for (const text of ['COCO captions', 'captions_train2014.json', 'A red wall']) await steps.says(text);
    await steps.goOn('walls');
    await steps.says('walls is imported');
    await steps.says('6 captions of the split train');
    await steps.dialog.getByRole('link', { name: 'Browse it' }).click();
    await watched.page.getByRole('heading', { name: 'walls', level: 1 }).waitFor();
    await watched.page.getByRole('gridcell', { name: 'A yellow wall' }).waitFor();
  });

  test('VQA v2 by the folder picker, its two files ticked', async () => {
    const folder = await vqaFolder(sources, 'my-vqa');
    const { page } = watched;
    await steps.dialog.getByRole('button', { name: 'Browse…' }).click();
    const picker = page.getByRole('dialog', { name: 'Choose a dataset' });
    await picker.getByRole('textbox', { name: 'Folder' }).fill(dirname(folder));
    await picker.getByRole('button', { name: 'Go' }).click();
    await picker.getByRole('button', { name: basename(folder) }).click();
    await picker.getByText('1 folder, 0 pictures, 2 annotation files').waitFor();
    for (const box of await picker.getByRole('checkbox').all()) await box.check();
    await picker.getByRole('button', { name: 'Choose 2 files' }).click();
    await picker.waitFor({ state: 'hidden' });
    await steps.lookAt();
    for (const text of ['VQA v2', 'What colour is the wall?', 'red (7), grey (3)']) await steps.says(text);
    await steps.goOn('questions');
    await steps.says('6 questions of the split train');
    await steps.press('Close');
  });

  test('who began to type in the picker before its folder came types in its place', async () => {
    const { page } = watched;
    const library = app.engineProcess('library')!;
    const picker = page.getByRole('dialog', { name: 'Choose a dataset' });
    const field = picker.getByRole('textbox', { name: 'Folder' });
    process.kill(library, 'SIGSTOP');
    try {
      await steps.dialog.getByRole('button', { name: 'Browse…' }).click();
      await field.focus();
      expect(await field.inputValue()).toBe('');
    } finally {
      process.kill(library, 'SIGCONT');
    }
    await expect.poll(() => field.inputValue(), { timeout: patience }).not.toBe('');
    await page.keyboard.insertText(sources);
    expect(await field.inputValue()).toBe(sources);
    await page.keyboard.press('Enter');
    await picker.getByRole('button', { name: 'my-vqa' }).waitFor();
    await page.keyboard.press('Escape');
    await picker.waitFor({ state: 'hidden' });
    await steps.close();
  });

  test('a CSV folder chosen to be copied, with the good and the bad rows told apart', async () => {
    const table = 'image,caption\n1.png,one wall\n2.png,two walls\n7.png,a wall that is not there\n3.png,\n';
    const folder = await csvFolder(sources, 'my-table', table);
    const chooser = watched.page.waitForEvent('filechooser');
    await steps.press('Choose a folder…');
    await (await chooser).setFiles(folder);
    await steps.says('CSV table');
    await steps.says('1 picture could not be found');
    await steps.says('2 records of 4 would not be taken');
    await steps.goOn('table');
    await steps.says('2 captions of the split train');
    await steps.says('2 records were not taken');
    await steps.says('Missing image: 1');
    await steps.says('Empty caption: 1');
    await steps.press('Close');
    expect(existsSync(join(app.home, 'drops'))).toBe(true);
    await goTo(watched.page, '#/datasets/table?tab=about');
    await watched.page.getByRole('heading', { name: 'Records that were not taken' }).waitFor();
    const download = watched.page.waitForEvent('download');
    await watched.page.getByRole('button', { name: 'Download all' }).click();
    expect((await download).suggestedFilename()).toBe('table-refused.jsonl');
  });

  test('a folder dropped onto the page', async () => {
    const folder = await csvFolder(sources, 'my-drop', 'image,question,answer\n1.png,is it a wall?,yes\n');
    await steps.close();
    const client = await watched.page.context().newCDPSession(watched.page);
    const data = { items: [], files: [folder], dragOperationsMask: 1 };
    for (const type of ['dragEnter', 'dragOver', 'drop'] as const)
      await client.send('Input.dispatchDragEvent', { type, x: 700, y: 500, data });
    await steps.says('CSV table');
    await steps.says('is it a wall?');
    await steps.goOn('dropped');
    await steps.says('1 question of the split train');
    await steps.press('Close');
    await watched.page.getByRole('link', { name: 'dropped' }).waitFor();
  });

  test.each([
    ['no such folder', () => join(sources, 'nowhere'), /nowhere/],
    ['a file cut off', () => cocoFolder(sources, 'cut', (whole) => JSON.stringify(whole).slice(0, -40)), /JSON/],
    [
      'columns that say nothing',
      () => csvFolder(sources, 'columns', 'a,b\n1,2\n'),
      /columns of the table are not those/,
    ],
    [
      'a file without records',
      () => cocoFolder(sources, 'empty', () => ({ images: [], annotations: [] })),
      /no records/,
    ],
  ])('%s: the problem is named and can be copied', async (_what, make, problem) => {
    await steps.type(await make());
    await steps.says(problem);
    await steps.dialog.getByRole('button', { name: /Copy/ }).first().waitFor();
    expect(
      await steps.dialog
        .getByRole('button', { name: 'Continue' })
        .isEnabled({ timeout: 1 })
        .catch(() => false),
    ).toBe(false);
  });

  test.each([
    [
      'pictures that are not there',
      (content: { images: object[]; annotations: object[] }) => ({
        ...content,
        images: content.images.map((image, position) => (position < 2 ? { ...image, file_name: 'gone.jpg' } : image)),
      }),
      'Missing image',
      '4 captions of the split train',
    ],
    [
      'the same id twice',
      (content: { images: object[]; annotations: object[] }) => ({
        ...content,
        annotations: [...content.annotations, { id: 101, image_id: 2, caption: 'Another wall' }],
      }),
      'Duplicate id',
      '6 captions of the split train',
    ],
    [
      'captions without words',
      (content: { images: object[]; annotations: object[] }) => ({
        ...content,
        annotations: content.annotations.map((one, position) => (position === 0 ? { ...one, caption: '  ' } : one)),
      }),
      'Empty caption',
      '5 captions of the split train',
    ],
    [
      'a record of another shape',
      (content: { images: object[]; annotations: object[] }) => ({
        ...content,
        annotations: [...content.annotations, { id: 300, caption: ['no', 'picture'] }],
      }),
      'Malformed',
      '6 captions of the split train',
    ],
  ])('%s: what is good is taken, the rest named', async (what, change, problem, taken) => {
    const name = what.replaceAll(' ', '-');
    await steps.type(await cocoFolder(sources, name, change));
    await steps.says(problem);
    await steps.goOn(name);
    await steps.says(taken);
    await steps.says(problem);
    await steps.press('Close');
  });

  test('a list that is open elsewhere is read anew, and stays where it was scrolled to', async () => {
    const other = await app.open('#/datasets/scenes', { viewport: { width: 1024, height: 500 } });
    await other.page.getByRole('gridcell').first().waitFor();
    const place = `document.querySelector('[role=grid]').scrollTop`;
    await other.page.evaluate(`${place} = 300`);
    await other.page.evaluate(`void (globalThis.asked = new Promise((done) => {
      const { send } = WebSocket.prototype;
      WebSocket.prototype.send = function (message) {
        const drawn = ({ data }) => data.includes('"images":') && requestAnimationFrame(() => requestAnimationFrame(done));
        if (message.includes('datasets.browse')) this.addEventListener('message', drawn);
        return send.call(this, message);
      };
    }))`);
    await steps.type(await cocoFolder(sources, 'more'));
    await steps.goOn('more');
    await steps.says('more is imported');
    await steps.press('Close');
    await other.page.evaluate('globalThis.asked');
    expect(await other.page.evaluate(place)).toBe(300);
    await other.page.context().close();
    expect(other.complaints).toEqual([]);
  });

  test('an import given up half-way leaves nothing behind', async () => {
    await steps.type(await csvFolder(sources, 'long', longTable(600_000)));
    await steps.says('CSV table');
    await steps.goOn('long');
    await steps.press('Cancel the import');
    await steps.says('The import was cancelled');
    await steps.press('Close');
    await watched.page.getByRole('link', { name: 'scenes', exact: true }).waitFor();
    expect(await watched.page.getByRole('link', { name: 'long', exact: true }).count()).toBe(0);
    expect(existsSync(join(app.home, 'datasets', 'long'))).toBe(false);
  });
});
