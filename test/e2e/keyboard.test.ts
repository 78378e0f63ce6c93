/** The app without a mouse: the main job, what opens and gives the focus back, the order of Tab, and every shortcut of the list. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type App, goTo, hasChromium, patience, startApp, unexpected, type WatchedPage } from './app.ts';
import { faults, whole } from './faults.ts';
import { everyStop, faultsOf, focused, tabTo } from './focus.ts';
import { sampleHome } from './prepared-home.ts';
import { untilPoints, untilState } from './run-page.ts';
import { settled } from './settled.ts';

describe.skipIf(!hasChromium)('by the keyboard alone', () => {
  let app: App;
  let watched: WatchedPage;
  let page: Page;
  let run: string;
  beforeAll(async () => {
    app = await startApp({ home: await sampleHome() });
    watched = await app.open('#/', { viewport: whole, colorScheme: 'light', reducedMotion: 'reduce' });
    page = watched.page;
  });
  afterAll(async () => {
    await app?.[Symbol.asyncDispose]();
  });

  const headingHasFocus = () => page.evaluate(`document.activeElement.matches('main h1')`);
  /** Goes to a place as new: nothing is open or typed in it, and its heading has the focus. */
  const arrive = async (place: string): Promise<void> => {
    await goTo(page, '#/elsewhere');
    await page.getByText('There is no page at this address').waitFor();
    await goTo(page, place);
    await page.getByText('There is no page at this address').waitFor({ state: 'hidden' });
    await expect.poll(headingHasFocus, { timeout: patience }).toBe(true);
    await settled(page);
  };
  const press = (key: string) => page.keyboard.press(key);
  const focusIsOn = (name: string | RegExp) =>
    expect
      .poll(async () => (await focused(page)).name, { timeout: patience })
      .toEqual(typeof name === 'string' ? name : expect.stringMatching(name));

  test('the first start is for everybody', async () => {
    await page.getByRole('button', { name: 'Train on the sample' }).waitFor();
    expect(await faults(page)).toEqual([]);
  });

  describe('the main job', () => {
    test('the sample is trained, and stopped and saved', async () => {
      await page.getByRole('heading', { name: 'Welcome to DePT Studio' }).waitFor();
      await tabTo(page, 'Skip to content');
      await press('Enter');
      await focusIsOn('Welcome to DePT Studio');
      await tabTo(page, 'Answer questions');
      await press('ArrowRight');
      await tabTo(page, 'Train on the sample');
      await press('Enter');
      await page.waitForURL(/#\/runs\/./);
      run = decodeURIComponent(/#\/runs\/([^?]+)/.exec(page.url())![1]!);
      await focusIsOn('Captions on scenes');
      await untilPoints(page, 2);
      await tabTo(page, 'Save and stop');
      await press('Enter');
      await untilState(page, 'Stopped');
    });

    test('what stood under the focus went away: it is on what came in its place', async () => {
      await focusIsOn('Resume');
    });

    test('it is evaluated', async () => {
      await tabTo(page, 'Evaluate');
      await press('Enter');
      await focusIsOn('Evaluate');
      await tabTo(page, 'First examples only');
      await page.keyboard.type('4');
      await press('Control+Enter');
      await page.getByRole('link', { name: 'Show result' }).waitFor();
      await tabTo(page, 'Show result');
      await press('Enter');
      await page.getByText('4 of 4').waitFor();
      await focusIsOn('scenes, test');
    });

    test('and asked in the playground', async () => {
      await press('g');
      await press('p');
      await focusIsOn('Playground');
      await tabTo(page, 'Choose from a dataset…');
      await press('Enter');
      const picture = await page.getByRole('dialog').getByRole('gridcell').first().getAttribute('aria-label');
      await tabTo(page, picture!);
      await press('ArrowRight');
      await press('Enter');
      await page.getByRole('dialog').waitFor({ state: 'hidden' });
      await focusIsOn('Choose from a dataset…');
      await tabTo(page, 'Write a caption');
      await press('Enter');
      await page.locator('main canvas').first().waitFor();
    });
  });

  describe('what opens gives the focus back', () => {
    test.each([
      ['#/', 'Jobs', /^Jobs/],
      ['#/datasets', 'Import a dataset…', /^Import a dataset…/],
      ['#/datasets', 'More for scenes', /^More for scenes/],
      ['#/models', 'Add a model…', /^Add a model…/],
      ['#/train?preset=quick&task=vqa', 'Load a JSON config…', /^Load a JSON/],
      ['#/compare', 'Choose runs', /^Choose runs/],
      ['#/playground', 'Choose from a dataset…', /^Choose from/],
      ['#/settings', 'List the shortcuts', /^List the shortcuts/],
    ])('%s: %s', async (place, _what, button) => {
      await arrive(place);
      await tabTo(page, button);
      const { name } = await focused(page);
      await press('Enter');
      await expect.poll(() => page.locator('dialog:modal, :popover-open:not(.tooltip)').count()).toBe(1);
      await expect
        .poll(() =>
          page.evaluate(
            `document.activeElement.closest('dialog:modal, :popover-open') !== null || document.activeElement.getAttribute('aria-expanded') === 'true'`,
          ),
        )
        .toBe(true);
      await press('Escape');
      await expect.poll(() => page.locator('dialog:modal, :popover-open:not(.tooltip)').count()).toBe(0);
      await focusIsOn(name);
    });

    test('a command of a menu that opens a dialog: back on the menu', async () => {
      await arrive('#/datasets');
      await tabTo(page, 'More for scenes');
      await press('Enter');
      await focusIsOn('Browse');
      await press('End');
      await press('Enter');
      await page.locator('dialog:modal').waitFor();
      await press('Escape');
      await focusIsOn('More for scenes');
    });

    test('a picture beside the grid: back on its cell', async () => {
      await arrive('#/datasets/scenes');
      const cell = page.getByRole('gridcell').nth(2);
      await cell.waitFor();
      await cell.focus();
      const { name } = await focused(page);
      await press('Enter');
      await page.getByRole('region', { name: 'About the picture' }).waitFor();
      await press('Escape');
      await focusIsOn(name);
    });
  });

  test.each([
    ['#/', 'Newest runs'],
    ['#/datasets', 'scenes'],
    ['#/datasets/scenes', /^96 pictures$/],
    ['#/models', 'scenes-t5'],
    ['#/train', 'Start training'],
    ['#/runs', 'Captions on scenes'],
    ['#/compare', 'Choose runs'],
    ['#/evaluate', 'scenes, test'],
    ['#/playground', 'Choose a picture'],
    ['#/settings', 'About DePT Studio'],
  ])('Tab goes through %s in the order of the page, and is always seen', async (place, lastShown) => {
    await arrive(place);
    await page.locator('main').getByText(lastShown).first().waitFor();
    expect(await headingHasFocus()).toBe(true);
    const stops = await everyStop(page);
    expect(faultsOf(stops)).toEqual([]);
    expect(stops.length).toBeGreaterThan(10);
  });

  describe('shortcuts', () => {
    /** What the list shows in a view, as `keys: what they do`. */
    async function listed(): Promise<string[]> {
      await press('?');
      const list = page.getByRole('dialog', { name: 'Keyboard shortcuts' });
      await list.waitFor();
      const texts = await list.locator('section').evaluateAll((sections) =>
        sections.flatMap((section) =>
          [...section.querySelectorAll('dl > div')].map((row) => {
            const keys = [...row.querySelectorAll('kbd')].map((key) => key.textContent).join(' ');
            return `${section.querySelector('h3')!.textContent}, ${keys}: ${row.querySelector('dt')!.textContent}`;
          }),
        ),
      );
      await press('Escape');
      await list.waitFor({ state: 'hidden' });
      return texts;
    }
    const ofView = (texts: readonly string[]) => texts.filter((text) => !/^(Go to|Everywhere|In )/.test(text));

    test('those for everywhere are in the list of every view, and lead where they say', async () => {
      await arrive('#/settings');
      const goals = (await listed()).flatMap((text) => /^Go to, g (.): Go to (.*)$/.exec(text)?.slice(1) ?? []);
      expect(goals.length).toBe(18);
      for (let at = 0; at < goals.length; at += 2) {
        await press('g');
        await press(goals[at]!);
        await expect.poll(() => page.url()).toMatch(new RegExp(`#/${goals[at + 1] === 'home' ? '$' : goals[at + 1]}`));
        await page.locator('main h1').waitFor();
      }
    });

    test.each([
      ['#/datasets', 0],
      ['#/runs', 1],
      ['#/train', 1],
      ['#/datasets/scenes', 1],
    ])('/ searches in %s, where there is a search', async (place, searches) => {
      await arrive(place);
      await page.locator('main h1').waitFor();
      if (searches === 1) await page.locator('[data-search]').waitFor();
      await press('/');
      expect(await page.evaluate(`document.activeElement.matches('[data-search]')`)).toBe(searches === 1);
    });

    test('pictures: j, k, Escape', async () => {
      await arrive('#/datasets/scenes');
      await page.getByRole('gridcell').first().waitFor();
      expect(ofView(await listed())).toEqual([
        'Pictures, j: Next picture, while one is open',
        'Pictures, k: Previous picture',
        'Pictures, Esc: Close the picture',
        'Pictures, →: Next picture, in a narrow window',
        'Pictures, ←: Previous picture',
      ]);
      await page.getByRole('gridcell').first().focus();
      await press('Enter');
      await page.getByText('1 of 96').waitFor();
      await press('j');
      await page.getByText('2 of 96').waitFor();
      await press('k');
      await page.getByText('1 of 96').waitFor();
      await press('Escape');
      await page.getByText('1 of 96').waitFor({ state: 'hidden' });
    });

    test('pictures in a narrow window: arrows', async () => {
      await page.setViewportSize({ width: 800, height: 700 });
      await arrive('#/datasets/scenes');
      await page.getByRole('gridcell').first().focus();
      await press('Enter');
      await page.getByText('1 of 96').waitFor();
      await press('ArrowRight');
      await page.getByText('2 of 96').waitFor();
      await press('ArrowLeft');
      await page.getByText('1 of 96').waitFor();
      await press('Escape');
      await page.setViewportSize(whole);
    });

    test('a dialog that is closed as its view goes changes nothing in the next one', async () => {
      await page.setViewportSize({ width: 800, height: 700 });
      await goTo(page, '#/datasets/scenes?item=test%2F200002&at=1');
      await page.locator('dialog[open]').waitFor();
      await page.evaluate(`globalThis.late = document.querySelector('dialog[open]')`);
      const next = '#/datasets?item=kept';
      await goTo(page, next);
      await page.locator('dialog[open]').waitFor({ state: 'detached' });
      await page.evaluate(`new Promise((done) => { late.addEventListener('close', done); late.close(); })`);
      expect(new URL(page.url()).hash).toBe(next);
      expect(unexpected(watched)).toEqual([]);
      await page.setViewportSize(whole);
    });

    test('models: d, a', async () => {
      await arrive('#/models');
      await page.getByRole('heading', { name: 'scenes-t5' }).waitFor();
      expect(ofView(await listed())).toEqual(['Models, d: Download a model', 'Models, a: Add a model']);
      for (const [key, name] of [
        ['d', 'Download a model'],
        ['a', 'Add a model'],
      ] as const) {
        await press(key);
        await page.getByRole('dialog', { name }).waitFor();
        await press('Escape');
        await page.getByRole('dialog', { name }).waitFor({ state: 'hidden' });
      }
    });

    test('items of an evaluation: arrows', async () => {
      await arrive('#/evaluate');
      await page.getByRole('table').getByRole('button', { name: run }).first().press('Enter');
      await page
        .getByRole('region', { name: 'Items' })
        .getByRole('listitem')
        .first()
        .getByRole('button')
        .press('Enter');
      await page.getByRole('dialog', { name: 'Item 1 of 4' }).waitFor();
      await press('ArrowRight');
      await page.getByRole('dialog', { name: 'Item 2 of 4' }).waitFor();
      await press('ArrowLeft');
      await page.getByRole('dialog', { name: 'Item 1 of 4' }).waitFor();
      await press('Escape');
      expect(ofView(await listed())).toEqual(['Items, →: Next item, while one is open', 'Items, ←: Previous item']);
    });

    test('evaluate and playground: Ctrl+Enter', async () => {
      await arrive('#/evaluate');
      await page.getByLabel('Split').waitFor();
      expect(ofView(await listed())).toEqual(['Evaluate, Ctrl Enter: Start the evaluation']); // pressed in the main job
      await arrive('#/playground?dataset=scenes&image=test%2F200003');
      await page.getByRole('button', { name: 'Write a caption' }).waitFor();
      expect(ofView(await listed())).toEqual(['Playground, Ctrl Enter: Ask the run']);
      await press('Control+Enter');
      await page.locator('main canvas').first().waitFor();
    });

    test('train: Ctrl+Enter starts; run: p pauses and goes on', async () => {
      await arrive('#/train?preset=quick&task=vqa&dataset=scenes');
      await page.getByRole('button', { name: 'Start training' }).waitFor();
      expect(ofView(await listed())).toEqual(['Train, Ctrl Enter: Start training']);
      await press('Control+Enter');
      await page.waitForURL(/#\/runs\/./);
      await untilState(page, 'Running');
      expect(ofView(await listed())).toEqual(['Run, p: Pause or continue training']);
      await press('p');
      await untilState(page, 'Paused');
      await press('p');
      await untilState(page, 'Running');
      await page.getByRole('button', { name: 'Save and stop' }).press('Enter');
      await untilState(page, 'Stopped');
    });

    test('of controls: what the list says of fields, menus and grids', async () => {
      await arrive('#/train?preset=quick&task=vqa&dataset=scenes');
      const batch = page.getByRole('textbox', { name: 'Batch size' });
      await batch.fill('8');
      await batch.press('ArrowUp');
      await expect.poll(() => batch.inputValue()).toBe('9');
      await batch.press('Shift+ArrowUp');
      await expect.poll(() => batch.inputValue()).toBe('19');
      await arrive('#/datasets/scenes?item=test%2F200002&at=1');
      const bar = page.getByRole('separator', { name: 'Width of the picture panel' });
      const before = Number(await bar.getAttribute('aria-valuenow'));
      await bar.press('ArrowLeft');
      await expect.poll(async () => Number(await bar.getAttribute('aria-valuenow'))).toBeGreaterThan(before);
      await goTo(page, '#/datasets?import=new');
      await page.getByRole('dialog').getByRole('button', { name: 'Browse…' }).last().press('Enter');
      const files = page.getByRole('group', { name: /^Contents of/ });
      await files.waitFor();
      const folder = await files.getAttribute('aria-label');
      await files.press('Backspace');
      await expect.poll(() => files.getAttribute('aria-label')).not.toBe(folder);
      await press('Escape');
    });
  });

  test('nothing was complained about', () => {
    expect(unexpected(watched)).toEqual([]);
  });
});
