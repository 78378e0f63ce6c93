/** A person's first hour: an empty home, one button, a moving chart, stop and resume, evaluate, export, try a picture. */
import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type App, hasChromium, patience, startApp, unexpected, type WatchedPage } from './app.ts';
import { everyStep, measuredSteps } from './run-folder.ts';
import { lossPoints, untilPoints, untilState } from './run-page.ts';

/** What a press on this makes the browser save. */
async function downloadBy(page: Page, name: string): Promise<string> {
  const downloading = page.waitForEvent('download');
  await page.getByRole('link', { name }).click();
  const download = await downloading;
  return readFileSync(await download.path(), 'utf8');
}

describe.skipIf(!hasChromium)('from an empty home', () => {
  let app: App;
  let watched: WatchedPage;
  let page: Page;
  beforeAll(async () => {
    app = await startApp();
    watched = await app.open();
    page = watched.page;
  });
  afterAll(async () => {
    await app?.[Symbol.asyncDispose]();
  });

  test('the sample is drawn, and one button trains on it', async () => {
    await page.getByRole('heading', { name: 'Welcome to DePT Studio' }).waitFor();
    await page.getByText('Describe pictures', { exact: true }).click();
    await page.getByRole('button', { name: 'Train on the sample' }).click();
    await page.waitForURL(/#\/runs\/./);
    await untilState(page, 'Running');
  });

  test('a chart moves while it trains', async () => {
    await untilPoints(page, 1);
    const before = await lossPoints(page);
    await untilPoints(page, before + 3);
  });

  test('a pause holds it, and it goes on', async () => {
    await page.getByRole('button', { name: 'Pause' }).click();
    await untilState(page, 'Paused');
    await page.getByRole('button', { name: 'Continue' }).click();
    await untilState(page, 'Running');
    await untilPoints(page, (await lossPoints(page)) + 2);
  });

  test('save and stop keeps it; resume goes on to the end, with every step once', async () => {
    await page.getByRole('button', { name: 'Save and stop' }).click();
    await untilState(page, 'Stopped');
    const stopped = await lossPoints(page);
    await page.getByRole('button', { name: 'Resume' }).click();
    await untilState(page, 'Running');
    await untilPoints(page, stopped + 2);
    await untilState(page, 'Finished', 400_000); // some 40 s of training with nothing else on two cores
    await untilPoints(page, 150);
    const run = decodeURIComponent(/#\/runs\/([^?]+)/.exec(page.url())![1]!);
    expect(measuredSteps(app.home, run)).toEqual(everyStep(150));
  }, 500_000);

  test('the end offers to evaluate; the worst captions come first', async () => {
    await page.getByRole('link', { name: 'Evaluate' }).last().click();
    await page.getByLabel('First examples only').fill('40');
    await page.getByRole('button', { name: 'Evaluate', exact: true }).click();
    await page.getByRole('link', { name: 'Show result' }).click();
    await page.getByText('40 of 40').waitFor();
    const scores = await page.getByRole('region', { name: 'Items' }).getByRole('listitem').allInnerTexts();
    const shown = scores.map((text) => Number(text.trim().split('\n').at(-1)));
    expect(shown.length).toBeGreaterThan(3);
    expect(shown).toEqual(shown.toSorted((a, b) => a - b));
  });

  test('the items can be searched', async () => {
    const search = page.getByRole('searchbox', { name: 'Search items' });
    await search.fill('zzz nothing says this');
    await page.getByText('0 of 40').waitFor();
    await search.fill('');
    await page.getByText('40 of 40').waitFor();
  });

  test('the official result file holds what the page shows', async () => {
    const result = JSON.parse(await downloadBy(page, 'Result file')) as { image_id: number; caption: string }[];
    expect(result).toHaveLength(40);
    const texts = await page.getByRole('region', { name: 'Items' }).getByRole('listitem').allInnerTexts();
    const captions = new Set(result.map(({ caption }) => caption));
    for (const text of texts) expect(captions).toContain(text.trim().split('\n')[0]);
  });

  test('the report is one file that loads nothing', async () => {
    const html = await downloadBy(page, 'HTML report');
    expect(html).toMatch(/^<!doctype html>/i);
    const context = await app.newContext({ offline: true, javaScriptEnabled: false });
    const report = await context.newPage();
    const asked: string[] = [];
    report.on('request', (request) => asked.push(request.url()));
    await report.setContent(html);
    await report.getByRole('heading', { level: 1 }).waitFor();
    expect(asked.filter((url) => !url.startsWith('data:'))).toEqual([]);
    await context.close();
  });

  test('the playground captions a picture of the sample, and shows word by word where it looked', async () => {
    await page.getByRole('navigation').getByRole('link', { name: 'Playground' }).click();
    await page.getByRole('button', { name: 'Choose from a dataset…' }).click();
    await page.getByRole('dialog').getByRole('gridcell').first().click();
    await page.getByRole('button', { name: 'Write a caption' }).click();
    const words = page.getByRole('toolbar', { name: /where the decoder looked/ });
    await words.getByRole('button').nth(1).waitFor();
    await page.mouse.move(0, 0); // a word under the pointer is shown before the one with the focus
    const second = words.getByRole('button').nth(1);
    const reach = async (): Promise<string | null> => {
      await words.getByRole('button').first().focus();
      await page.keyboard.press('ArrowRight');
      return second.getAttribute('aria-pressed');
    };
    await expect.poll(reach, { timeout: patience }).toBe('true');
    expect(await page.locator('main canvas').count()).toBeGreaterThan(0);
  });

  test('nothing was complained about', () => {
    expect(unexpected(watched)).toEqual([]);
  });
});
