/**
 * Every view for everybody: nothing for axe in both themes, and nothing out of reach in a window of 1024 x 700 or at 200 % zoom of one
 * of 1280 x 800; without motion, and in forced colours.
 */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type App, hasChromium, openPage, startApp, unexpected, type WatchedPage } from './app.ts';
import { faults, whole } from './faults.ts';
import { homeOfEverything, type PreparedHome, places, visit } from './places.ts';
import { clientOf } from './requests.ts';
import { endlessRun, train, untilPoints, untilState } from './run-page.ts';

/** The background that is seen at the first that fits, or the widths of its borders. */
function look(page: Page, selector: string, by: 'background' | 'border'): Promise<unknown> {
  return page
    .locator(selector)
    .first()
    .evaluate((element, wanted) => {
      const { getComputedStyle: styleOf } = globalThis as unknown as {
        getComputedStyle(of: unknown): { backgroundColor: string; borderWidth: string };
      };
      if (wanted === 'border') return styleOf(element).borderWidth;
      let seen = element;
      while (seen.parentElement && styleOf(seen).backgroundColor.endsWith(', 0)')) seen = seen.parentElement;
      return styleOf(seen).backgroundColor;
    }, by);
}

describe.skipIf(!hasChromium)('every view', () => {
  let home: PreparedHome;
  let app: App;
  let watched: WatchedPage;
  let page: Page;
  beforeAll(async () => {
    home = await homeOfEverything();
    app = await startApp({ home: home.home });
    watched = await app.open('#/', { viewport: whole, colorScheme: 'light', reducedMotion: 'reduce' });
    page = watched.page;
  });
  afterAll(async () => {
    await app?.[Symbol.asyncDispose]();
  });

  test.each(places)('$name', async (place) => {
    await visit(page, place, home);
    expect(await faults(page)).toEqual([]);
  });

  describe('in forced colours', () => {
    beforeAll(() => page.emulateMedia({ forcedColors: 'active' }));
    afterAll(() => page.emulateMedia({ forcedColors: 'none' }));

    /** What says something by a box alone, and what it must differ from: another in another state, or what it stands on. */
    test.each([
      ['home', 'border', 'nav a[aria-current=page]', 'nav a:not([aria-current])'],
      ['settings', 'border', 'label:has(> [type=radio]:checked)', 'label:has(> [type=radio]:not(:checked))'],
      ['dataset', 'border', '[role=tab][aria-selected=true]', '[role=tab][aria-selected=false]'],
      ['settings', 'background', '[role=switch]:checked', 'main'],
      ['dataset: answers', 'background', 'main .bar .filled', 'main'],
      ['evaluation of questions', 'background', '[aria-label="Items by score"] button:enabled span', 'main'],
      ['run', 'background', '.legend .swatch', 'main'],
    ] as const)('%s: %s of %s', async (name, by, selector, other) => {
      await visit(page, places.find((place) => place.name === name)!, home);
      expect(await look(page, selector, by)).not.toEqual(await look(page, other, by));
    });
  });

  test('a run at work, paused and stopped', async () => {
    const client = await clientOf(app.origin, page.context());
    await train(client, page, { ...endlessRun, batchSize: 8 });
    client.close();
    await untilPoints(page, 2);
    expect(await faults(page)).toEqual([]);
    // It is said in words and numbers; nothing turns or slides for who does not want it.
    expect(await page.evaluate(`document.getAnimations().filter((one) => one.playState === 'running').length`)).toBe(0);
    await page.getByRole('button', { name: 'Pause' }).click();
    await untilState(page, 'Paused');
    expect(await faults(page)).toEqual([]);
    await page.getByRole('button', { name: 'Save and stop' }).click();
    await untilState(page, 'Stopped');
    expect(await faults(page)).toEqual([]);
  });

  test('nothing was complained about', () => {
    expect(unexpected(watched)).toEqual([]);
  });

  test('a page without the link, and one whose app is gone', async () => {
    const other = await openPage(await app.newContext({ viewport: whole, reducedMotion: 'reduce' }), app.origin);
    await other.page.getByRole('heading', { name: 'Open the link' }).waitFor();
    expect(await faults(other.page)).toEqual([]);
    await app.stop();
    await page.getByText('Connection lost').waitFor();
    expect(await faults(page)).toEqual([]);
  });
});
