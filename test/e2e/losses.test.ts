/** A page, a process, the connection or the server lost in the middle of a run: what the page says of it, and that no more is lost. */
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import {
  type App,
  goTo,
  hasChromium,
  isReady,
  openPage,
  patience,
  startApp,
  unexpected,
  type WatchedPage,
} from './app.ts';
import { sampleHome } from './prepared-home.ts';
import { type Relay, startRelay } from './relay.ts';
import { clientOf } from './requests.ts';
import { everyStep, measuredSteps, savedStep, untilSaved } from './run-folder.ts';
import {
  type Client,
  endlessRun,
  longerRun,
  lossPoints,
  stopWork,
  train,
  untilAllPoints,
  untilPoints,
  untilState,
} from './run-page.ts';

/** What a browser says where nobody answers; then the page asks why, and that may be answered where the line is back just then. */
const noAnswer =
  /WebSocket connection to 'ws:.*' failed|net::ERR_(CONNECTION|EMPTY|SOCKET)|status of 400 .*\/uploads\/none/;

/** Waits until the page is without a connection, and says so. */
async function isOffline(page: Page): Promise<void> {
  await page.getByRole('region', { name: 'Connection lost' }).waitFor();
  await page.getByRole('status').getByText('Connecting…').first().waitFor();
}

/** How many pictures of the page are not there yet, or failed. */
const picturesLeft = `[...document.querySelectorAll('[role=gridcell]')].filter((cell) => {
  const img = cell.querySelector('img');
  return img === null || !img.complete || img.naturalWidth === 0;
}).length`;

async function openTab(page: Page, name: string): Promise<void> {
  await page.getByRole('tab', { name }).click();
}

describe.skipIf(!hasChromium)('in the middle of a run', () => {
  let relay: Relay;
  let app: App;
  let client: Client;
  const watched: WatchedPage[] = [];
  const open = async (place?: string): Promise<Page> => {
    const opened = await app.open(place, { viewport: { width: 1024, height: 700 } });
    watched.push(opened);
    return opened.page;
  };

  beforeAll(async () => {
    relay = await startRelay();
    app = await startApp({ home: await sampleHome(), browserArgs: relay.browserArgs });
    relay.leadTo(Number(new URL(app.origin).port));
    client = await clientOf(app.origin, (await app.open()).page.context());
  });
  afterEach(async () => {
    relay.mend();
    await stopWork(client);
    const own = watched.splice(0);
    for (const { page } of own) await page.context().close();
    expect(own.flatMap((one) => unexpected(one, noAnswer))).toEqual([]);
  });
  afterAll(async () => {
    client?.close();
    await app?.[Symbol.asyncDispose]();
    relay?.close();
  });

  test('the page is reloaded: the run, its curve, its log and the job are there, and the curve goes on', async () => {
    const page = await open();
    const run = await train(client, page, endlessRun);
    await untilPoints(page, 5);
    const before = await lossPoints(page);
    await page.reload();
    await isReady(page);
    await untilState(page, 'Running');
    await untilPoints(page, before);
    await page.getByRole('button', { name: 'Jobs, 1 under way: Train on scenes' }).waitFor();
    await untilPoints(page, (await lossPoints(page)) + 3);
    await openTab(page, 'Log');
    await page.getByText('Training from step 0').waitFor();

    await page.getByRole('button', { name: 'Pause' }).click();
    await untilState(page, 'Paused');
    await page.reload(); // and now nothing comes by itself
    await isReady(page);
    expect(page.url()).toContain(run);
    await untilState(page, 'Paused');
    await page.getByRole('button', { name: 'Continue' }).click();
    await untilState(page, 'Running');
  });

  test('two pages: what one does the other shows, and both read meanwhile', async () => {
    const [one, other] = [await open(), await open('#/datasets/scenes')];
    const run = await train(client, one, endlessRun);
    await untilState(one, 'Running');
    await other.getByRole('gridcell').first().click();
    await other.getByRole('region', { name: 'About the picture' }).getByRole('img').waitFor();
    await goTo(other, `#/runs/${run}`);
    await untilPoints(other, 2);

    await one.getByRole('button', { name: 'Pause' }).click();
    await untilState(other, 'Paused');
    await untilState(one, 'Paused');
    const held = measuredSteps(app.home, run).length;
    await untilPoints(other, held);
    await other.getByRole('button', { name: 'Continue' }).click();
    await untilState(one, 'Running');
    await untilPoints(one, held + 2);

    await other.getByRole('button', { name: 'Save and stop' }).click();
    for (const page of [one, other]) {
      await untilState(page, 'Stopped');
      await page.getByRole('button', { name: 'Resume' }).waitFor();
    }
    const steps = measuredSteps(app.home, run);
    expect(savedStep(app.home, run)).toBe(steps.length);
    for (const page of [one, other]) await untilAllPoints(page, app.home, run);
  });

  test('the training process is killed: every page says so and offers to resume, and the run ends as if nothing had been', async () => {
    const [own, other] = [await open(), await open('#/datasets')];
    const run = await train(client, own, longerRun);
    await untilSaved(app.home, run, 5);
    app.killEngine('work');
    await untilState(own, 'Interrupted');
    const saved = savedStep(app.home, run);
    await own.getByText(`Interrupted after step ${measuredSteps(app.home, run).at(-1)}`).waitFor();
    await own.getByText(`It is saved up to step ${saved}`).waitFor();
    await own.getByRole('button', { name: 'Resume' }).waitFor();
    const banner = other.getByRole('region', { name: `${run} was interrupted` });
    await banner.getByText(`It is saved up to step ${saved} of ${longerRun.steps}`).waitFor();
    await banner.getByText('killed by SIGKILL').waitFor();
    expect(await own.getByRole('region', { name: `${run} was interrupted` }).count()).toBe(0);

    await banner.getByRole('button', { name: 'Resume' }).click();
    await banner.waitFor({ state: 'hidden' });
    await untilState(own, 'Running');
    await untilState(own, 'Finished');
    expect(measuredSteps(app.home, run)).toEqual(everyStep(longerRun.steps));
    expect(savedStep(app.home, run)).toBe(longerRun.steps);
    await untilAllPoints(own, app.home, run);
    await openTab(own, 'Log');
    for (const words of ['Training from step 0', `Training from step ${saved}`, `finished at step ${longerRun.steps}`])
      await own.getByText(words, { exact: true }).waitFor();
  });

  test('the connection is cut: the page says so, and goes on by itself with what came meanwhile', async () => {
    const [page, other] = [await open(), await open('#/datasets/scenes')];
    const run = await train(client, page, endlessRun);
    await untilPoints(page, 2);
    await other.getByRole('gridcell').first().waitFor();
    relay.cut();
    for (const each of [page, other]) await isOffline(each);
    await other.evaluate(`document.querySelector('[role=grid]').scrollTop = 100_000`);
    await other.getByRole('img', { name: 'Picture could not be shown' }).first().waitFor();
    const cut = measuredSteps(app.home, run).length;
    await expect.poll(() => measuredSteps(app.home, run).length, { timeout: patience }).toBeGreaterThan(cut + 3);
    await stopWork(client);
    await untilState(page, 'Running');

    relay.mend();
    for (const each of [page, other]) {
      await isReady(each);
      await each.getByRole('region', { name: 'Connection lost' }).waitFor({ state: 'hidden' });
    }
    await untilState(page, 'Stopped');
    await untilAllPoints(page, app.home, run);
    await page.getByRole('button', { name: 'Resume' }).waitFor();
    await other.getByRole('img', { name: 'Picture could not be shown' }).first().waitFor({ state: 'detached' });
    await expect.poll(() => other.evaluate(picturesLeft), { timeout: patience }).toBe(0);
  });

  test('the process that reads is killed: it starts again, and the page reads on', async () => {
    const page = await open();
    const run = await train(client, page, endlessRun);
    await untilPoints(page, 2);
    app.killEngine('library');
    const lost = measuredSteps(app.home, run).length;
    await untilPoints(page, lost + 2);
    await isReady(page);
    await untilState(page, 'Running');
    await goTo(page, '#/datasets/scenes');
    await page.getByRole('gridcell').first().waitFor();
  });
});

describe.skipIf(!hasChromium)('the server itself, killed in the middle of a run and started again', () => {
  test('the page says so, asks for the new link, and with it shows the run that was saved and ends it', async () => {
    await using app = await startApp({ home: await sampleHome() });
    const before = await app.open();
    const { page } = before;
    const own = await clientOf(app.origin, page.context());
    const run = await train(own, page, longerRun);
    await untilSaved(app.home, run, 5);
    await app.killServer();
    await isOffline(page);

    await app.restart();
    await page.getByRole('region', { name: 'The link of this page is used up' }).waitFor();
    await page.getByRole('status').getByText('Engine not reached').first().waitFor();
    const anew = await openPage(page.context(), app.link);
    await isReady(anew.page);
    await goTo(anew.page, `#/runs/${run}`);
    await isReady(page);
    for (const shown of [page, anew.page]) {
      await untilState(shown, 'Stopped');
      await untilAllPoints(shown, app.home, run);
    }
    await anew.page.getByRole('button', { name: 'Resume' }).click();
    await untilState(page, 'Running');
    await untilState(page, 'Finished');
    await untilState(anew.page, 'Finished');
    expect(measuredSteps(app.home, run)).toEqual(everyStep(longerRun.steps));
    expect(unexpected(before, noAnswer, /status of 401/)).toEqual([]);
    expect(unexpected(anew)).toEqual([]);
  });
});
