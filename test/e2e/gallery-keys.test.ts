/** The parts under the keyboard: focus on navigation, shortcuts, dialogs, menus, tabs, the virtual grid of 120,000 cells. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasChromium } from './app.ts';
import { type Gallery, openGallery } from './gallery-page.ts';

/* The types of a browser are not here. */
interface Scrolled {
  scrollIntoView(at: { block: 'start' | 'end' }): void;
}

describe.skipIf(!hasChromium)('under the keyboard', () => {
  let gallery: Gallery;
  let page: Page;
  beforeAll(async () => {
    gallery = await openGallery();
    page = await gallery.open('keys', { viewport: { width: 1280, height: 800 } });
  });
  afterAll(async () => {
    await gallery?.close();
    expect(gallery?.problems ?? []).toEqual([]);
  });

  /** Waits until the element with this name, or text, has the keyboard. */
  async function focusOn(name: string): Promise<void> {
    await expect
      .poll(() =>
        page.evaluate(
          `(document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent ?? '').trim()`,
        ),
      )
      .toBe(name);
  }

  test('a dialog opens with the focus inside, keeps it, and Escape gives it back', async () => {
    await page.getByRole('button', { name: 'Import…' }).first().press('Enter');
    await page.getByRole('dialog', { name: 'Import a dataset' }).waitFor();
    expect(await page.evaluate('document.activeElement.tagName')).toBe('INPUT');
    for (let presses = 0; presses < 12; presses += 1) {
      await page.keyboard.press('Tab');
      const inside = `document.activeElement === document.body || document.activeElement.closest('dialog') !== null`;
      expect(await page.evaluate(inside)).toBe(true);
    }
    await page.keyboard.press('Escape');
    await focusOn('Import…');
  });

  test('a menu moves by arrows and letters, and gives the focus back', async () => {
    await page.getByRole('button', { name: 'More about this run' }).press('Enter');
    await focusOn('Rename…');
    await page.keyboard.press('ArrowUp');
    await focusOn('Remove…');
    await page.keyboard.press('c');
    await focusOn('Copy config');
    await page.keyboard.press('Enter');
    await page.getByRole('status').getByText('The config was copied').waitFor();
    await focusOn('More about this run');
  });

  test('messages never cover what has the focus: they go to the top while it lies where they stand', async () => {
    const own = await gallery.open('messages', { viewport: { width: 420, height: 560 } });
    const button = own.getByRole('button', { name: 'Good message' });
    const message = own.locator('.toast');
    const to = (block: 'start' | 'end') =>
      button.evaluate((element, at) => (element as unknown as Scrolled).scrollIntoView({ block: at }), block);
    /** How many pixels of the window's height both take. */
    const shared = async () => {
      const [over, under] = [(await message.boundingBox())!, (await button.boundingBox())!];
      return Math.min(over.y + over.height, under.y + under.height) - Math.max(over.y, under.y);
    };
    await button.focus();
    await to('end');
    await own.getByRole('button', { name: 'Bad message' }).dispatchEvent('click'); // the focus stays
    await expect.poll(shared).toBeLessThanOrEqual(0);
    expect((await message.boundingBox())!.y).toBeLessThan(100);
    await to('start');
    await expect.poll(async () => (await message.boundingBox())!.y).toBeGreaterThan(400);
    expect(await shared()).toBeLessThanOrEqual(0);
    await to('end');
    await expect.poll(shared).toBeLessThanOrEqual(0);
    await own.getByRole('button', { name: 'Close message' }).press('Enter');
    await message.waitFor({ state: 'detached' });
    await own.close();
  });

  test('tabs and radio groups move by arrows', async () => {
    await page.getByRole('tab', { name: 'Curves' }).press('ArrowLeft');
    expect(await page.getByRole('tab', { name: 'Log' }).getAttribute('aria-selected')).toBe('true');
    await page.getByRole('radio', { name: 'Step' }).first().press('ArrowRight');
    expect(await page.getByRole('radio', { name: 'Time' }).first().isChecked()).toBe(true);
  });

  test('`/` searches, letters typed there are letters, `?` lists the shortcuts', async () => {
    await page.getByRole('tab', { name: 'Log' }).focus();
    await page.keyboard.press('/');
    await focusOn('Search');
    await page.keyboard.type('g m');
    expect(page.url()).toContain('gallery');
    await page.getByRole('tab', { name: 'Log' }).focus();
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor();
    await page.keyboard.press('Escape');
  });

  test('the grid is one stop of Tab; keys move, far too, and from where they were', async () => {
    const grid = page.getByRole('grid', { name: 'Pictures' });
    await page.getByRole('gridcell', { name: 'Picture 1', exact: true }).focus();
    await page.keyboard.press('ArrowRight');
    await focusOn('Picture 2');
    await page.keyboard.press('Control+End');
    await focusOn('Picture 120,000');
    await grid.evaluate((element) => element.scrollTo({ top: 0 }));
    await focusOn('Pictures');
    await page.keyboard.press('ArrowLeft');
    await focusOn('Picture 119,999');
    await page.keyboard.press('Control+Home');
    await focusOn('Picture 1');
  });

  test('scrolling through 120,000 cells leaves few of them in the page', async () => {
    const most = await page.getByRole('grid', { name: 'Pictures' }).evaluate(async (element) => {
      const { requestAnimationFrame } = globalThis as unknown as { requestAnimationFrame(done: () => void): void };
      let largest = 0;
      for (let top = 0; top < element.scrollHeight; top += element.scrollHeight / 400) {
        element.scrollTop = top;
        await new Promise<void>((done) => requestAnimationFrame(done));
        largest = Math.max(largest, element.querySelectorAll('[role=gridcell]').length);
      }
      return largest;
    });
    expect(most).toBeGreaterThan(0);
    expect(most).toBeLessThan(200);
  });

  test('after a shortcut to another view its heading has the focus', async () => {
    await page.getByRole('tab', { name: 'Log' }).focus();
    await page.keyboard.press('g');
    await page.keyboard.press('m');
    await expect.poll(() => page.evaluate(`location.hash + ' ' + document.activeElement.tagName`)).toBe('#/models H1');
  });
});
