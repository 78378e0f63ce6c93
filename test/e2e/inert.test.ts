/** What strangers write into captions, questions, answers, file names, notes and names is text on every page that shows it. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type App, goTo, hasChromium, openPage, patience, startApp, type WatchedPage } from './app.ts';
import {
  hostileFileNames,
  hostileFolder,
  hostileFolderName,
  hostileRefused,
  hostileTableName,
  hostileTexts,
  hostileValTexts,
} from './hostile-texts.ts';
import { ImportSteps } from './import-steps.ts';
import { sampleHome } from './prepared-home.ts';
import { clientOf } from './requests.ts';
import { type Client, train, untilState } from './run-page.ts';
import { sourcesFolder } from './source-folders.ts';

/** What a page does that it was not asked to do: requests to others, dialogs, windows. */
function watchDeeds(context: BrowserContext, isOwn: (address: string) => boolean): string[] {
  const deeds: string[] = [];
  context.on('request', (request) => {
    if (!isOwn(request.url())) deeds.push(`request of ${request.url()}`);
  });
  context.on('dialog', (dialog) => {
    deeds.push(`dialog ${dialog.message()}`);
    void dialog.dismiss();
  });
  context.on('page', (page) => deeds.push(`window ${page.url()}`));
  return deeds;
}

/** Elements and attributes that only a text taken for markup could have made; what ran. */
const traces = `(() => {
  const leads = new Set(['href', 'xlink:href', 'src', 'srcdoc', 'data', 'action', 'formaction']);
  const found = globalThis.ran === undefined ? [] : ['ran ' + globalThis.ran];
  for (const element of document.querySelectorAll('*')) {
    if (['IFRAME', 'OBJECT', 'EMBED', 'BASE', 'B'].includes(element.tagName)) found.push(element.outerHTML);
    for (const { name, value } of element.attributes)
      if (name.startsWith('on') || (leads.has(name) && /^\\s*javascript:/i.test(value))) found.push(name + '=' + value);
  }
  return found;
})()`;

/**
 * Texts beside which others stand in one line with an override of the direction, which then turns them too, where it is not held by an
 * element of its own.
 */
const turned = `(() => {
  const found = [];
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const text = texts.currentNode;
    if (!text.data.includes('\u202e')) continue;
    const holds = ({ display, unicodeBidi }) =>
      !/^(inline|contents)$/.test(display) || /isolate|plaintext/.test(unicodeBidi);
    let box = text.parentElement;
    while (!holds(getComputedStyle(box))) box = box.parentElement;
    if (box.textContent.trim() !== text.data.trim()) found.push(box.textContent);
  }
  return found;
})()`;

const openAll = `document.querySelectorAll('details').forEach((one) => { one.open = true; })`;

/** Waits until the page shows all these texts, letter for letter, in what can be opened as well, and none turned by another. */
async function shows(page: Page, texts: readonly string[]): Promise<void> {
  const missing = async (): Promise<string[]> => {
    const shown = (await page.evaluate(`${openAll}; document.body.innerText`)) as string;
    return texts.filter((text) => !shown.includes(text));
  };
  await expect.poll(missing, { timeout: patience }).toEqual([]);
  expect(await page.evaluate(turned)).toEqual([]);
}

describe.skipIf(!hasChromium)('texts from strangers', () => {
  const sources = sourcesFolder();
  let app: App;
  let watched: WatchedPage;
  let page: Page;
  let deeds: string[];
  let client: Client;
  let file: string;
  const run = { vqa: '', caption: '' };

  beforeAll(async () => {
    file = await hostileFolder(sources);
    app = await startApp({ home: await sampleHome() });
    watched = await app.open('#/datasets');
    page = watched.page;
    deeds = watchDeeds(page.context(), (address) => address.startsWith(app.origin) || /^(data|blob):/.test(address));
    client = await clientOf(app.origin, page.context());
  });
  afterEach(async () => {
    expect(await page.evaluate(traces)).toEqual([]);
    expect(deeds).toEqual([]);
    expect(watched.complaints).toEqual([]);
  });
  afterAll(async () => {
    client?.close();
    await app?.[Symbol.asyncDispose]();
    rmSync(sources, { recursive: true, force: true });
  });

  test('file names, in the picker of places on the disk', async () => {
    const steps = new ImportSteps(page);
    await steps.open();
    await steps.dialog.getByRole('button', { name: 'Browse…' }).click();
    const picker = page.getByRole('dialog', { name: 'Choose a dataset' });
    await picker.getByRole('textbox', { name: 'Folder' }).fill(sources);
    await picker.getByRole('button', { name: 'Go' }).click();
    await picker.getByRole('button', { name: hostileFolderName }).click();
    await picker.getByRole('checkbox', { name: hostileTableName }).waitFor();
    await page.keyboard.press('Escape');
  });

  test('records, refusals and names, in an import', async () => {
    const steps = new ImportSteps(page);
    await steps.open();
    await steps.type(file);
    await shows(page, [hostileTexts[0]!, hostileFileNames[0]!, ...hostileRefused]);
    await steps.goOn('<img src=x onerror=globalThis.ran=17>');
    await steps.says("cannot be called '<img src=x onerror=globalThis.ran=17>'");
    await steps.press('Back to the import');
    await steps.dialog.getByLabel('Name').fill('strangers');
    await steps.press('Import');
    await steps.says('strangers is imported');
    await shows(page, hostileRefused);
    await steps.press('Close');
  });

  test('captions, questions, answers, their types and file names, in the dataset', async () => {
    await goTo(page, '#/datasets/strangers');
    await shows(page, hostileTexts);
    await page.getByRole('gridcell').first().click();
    const panel = page.getByRole('region', { name: /^Picture / });
    const seen: string[] = [];
    for (const position of hostileTexts.keys()) {
      await panel.getByText(`${position + 1} of ${hostileTexts.length}`, { exact: true }).waitFor();
      await panel.locator('.content:not(.old)').waitFor();
      await page.evaluate(openAll);
      seen.push(await panel.innerText());
      expect(await page.evaluate(turned)).toEqual([]);
      if (position + 1 < hostileTexts.length) await panel.getByRole('button', { name: 'Next picture' }).click();
    }
    for (const [position, text] of hostileTexts.entries()) {
      const own = seen.find((words) => words.includes(hostileFileNames[position]!)) ?? '';
      // caption, question, both types, the answer in the chart and seven times as annotated
      expect([text, own.split(text).length - 1 >= 12]).toEqual([text, true]);
    }
    await goTo(page, '#/datasets/strangers?tab=answers');
    await shows(page, hostileTexts);
    await goTo(page, '#/datasets/strangers?tab=about');
    await shows(page, [file, ...hostileRefused]);
    await goTo(page, '#/datasets');
    await shows(page, ['strangers']);
  });

  test.each([
    ['questions and answers', 'vqa'],
    ['captions', 'caption'],
  ] as const)('%s, in a run that learns them, with its note', async (_what, task) => {
    const dataset = { name: 'strangers', trainSplit: 'train', validationSplit: 'val' };
    const often = {
      dataset,
      steps: 2,
      schedule: { warmupSteps: 0 },
      evaluation: { every: 1, limit: 7 },
      checkpoint: { every: 2 },
    };
    run[task] = await train(client, page, often, task);
    await untilState(page, 'Finished');
    const note = hostileTexts.slice(0, 8).join('\n');
    await client.call('runs.note', { run: run[task], note });
    await shows(page, hostileTexts.slice(0, 8));
    await goTo(page, `#/runs/${run[task]}?tab=batch`);
    await page.getByText('Learns').first().waitFor();
    await goTo(page, `#/runs/${run[task]}?tab=predictions`);
    await shows(page, hostileValTexts);
    await goTo(page, '#/runs');
    await shows(page, [hostileTexts[0]!]);
    await goTo(page, `#/compare?runs=${run.vqa},${run.caption}`);
    await shows(page, [run[task]]);
  });

  test.each(['vqa', 'caption'] as const)('in an evaluation (%s) and its report', async (task) => {
    const { id: job } = await client.call('jobs.start', {
      call: 'evaluate',
      params: { run: run[task], split: 'val', checkpoint: 'last' },
    });
    const result = async (): Promise<unknown> => {
      const { state, error, result: value } = (await client.call('jobs.list', {})).find(({ id }) => id === job)!;
      return error ?? (state === 'done' && value);
    };
    await expect.poll(result, { timeout: patience }).toMatchObject({ run: run[task] });
    const { evaluation } = (await result()) as { evaluation: string };
    await goTo(page, `#/evaluate?run=${run[task]}&id=${evaluation}`);
    await shows(page, hostileValTexts);
    await page.getByRole('region', { name: 'Items' }).getByRole('button').first().click();
    const dialog = page.getByRole('dialog');
    const seen: string[] = [];
    for (const position of hostileValTexts.keys()) {
      await dialog.getByRole('heading', { name: `Item ${position + 1} of ${hostileValTexts.length}` }).waitFor();
      seen.push(await dialog.innerText());
      if (position + 1 < hostileValTexts.length) await dialog.getByRole('button', { name: 'Next item' }).click();
    }
    for (const text of hostileValTexts) expect(seen.some((words) => words.includes(text))).toBe(true);
    await page.keyboard.press('Escape');

    const report = join(sources, `${task}.html`);
    const answer = await page.context().request.get(`${app.origin}/exports/${run[task]}/${evaluation}/report.html`);
    writeFileSync(report, await answer.body());
    const address = pathToFileURL(report).href;
    const context = await app.newContext();
    const asked = watchDeeds(context, (own) => own === address || own.startsWith('data:'));
    const opened = await openPage(context, address);
    await shows(opened.page, hostileValTexts);
    expect(await opened.page.evaluate(traces)).toEqual([]);
    expect([...asked.filter((deed) => deed !== 'window about:blank'), ...opened.complaints]).toEqual([]);
    await context.close();
  });

  test('questions and answers, in the playground', async () => {
    const question = hostileTexts[1]!;
    const place = new URLSearchParams({
      run: run.vqa,
      dataset: 'strangers',
      image: `val/${hostileFileNames[1]}`,
      question,
    });
    await goTo(page, `#/playground?${place}`);
    await page.getByText('People said').first().waitFor();
    await shows(page, [question, hostileTexts[0]!]);
  });

  test('names in jobs and their errors', async () => {
    const name = hostileTexts[2]!;
    const params = { folder: join(sources, hostileFolderName), name };
    await client.call('jobs.start', { call: 'models.add', params });
    await page.getByRole('button', { name: /^Jobs/ }).click();
    const entry = page.getByRole('dialog', { name: 'Jobs' }).getByRole('listitem').filter({ hasText: name });
    await entry.getByText('Failed', { exact: true }).waitFor();
    await shows(page, [`Add the model ${name}: `]);
    await page.keyboard.press('Escape');
  });

  test('names of folders that somebody put into the home', async () => {
    for (const kind of ['models', 'datasets', 'runs']) {
      const name = `<img src=x onerror="globalThis.ran='${kind}'">`;
      mkdirSync(join(app.home, kind, name), { recursive: true });
      for (const inside of ['config.json', 'dataset.json', 'run.json'])
        writeFileSync(join(app.home, kind, name, inside), '<script>globalThis.ran=18</script>');
      await goTo(page, `#/${kind}`);
      await page.reload();
      await shows(page, [name]);
    }
  });

  test.each(hostileTexts)('an address with %s', async (text) => {
    const part = encodeURIComponent(text);
    const places = ['datasets/', 'models/', 'runs/', 'compare?runs=', 'evaluate?run=', 'playground?question=', 'x/'];
    for (const place of [
      ...places,
      'datasets/strangers?text=',
      'datasets/strangers?item=',
      'runs?text=',
      'train?from=',
    ]) {
      await goTo(page, `#/${place}${part}`);
      await page.locator('main h1').first().waitFor();
      expect(await page.evaluate(traces)).toEqual([]);
    }
  });
});
