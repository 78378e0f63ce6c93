/**
 * The parts under the keyboard, in a real browser on the built page: focus on navigation, shortcuts, dialogs, menus, tabs, the
 * virtual grid of 120,000 cells. `node test/renderer/gallery-keys.ts` fails with the first thing that is not as it should be.
 */
import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { openGallery } from './gallery-page.ts';

const gallery = await openGallery();
const page = await gallery.open('keys', { viewport: { width: 1280, height: 800 } });

/** Name, or text, of the element that has the keyboard. */
function focused(from: Page): Promise<string> {
  return from.evaluate(
    `(document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent ?? '').trim()`,
  ) as Promise<string>;
}

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 5000; !(await holds()); ) {
    assert.ok(Date.now() < end, `${what}: it is not so`);
    await page.evaluate('new Promise(requestAnimationFrame)');
  }
}

// Dialog: opens with the focus inside, keeps it there, Escape closes it and gives the focus back.
await page.getByRole('button', { name: 'Import…' }).first().press('Enter');
await page.getByRole('dialog', { name: 'Import a dataset' }).waitFor();
assert.equal(await page.evaluate('document.activeElement.tagName'), 'INPUT', 'the field has the focus');
for (let presses = 0; presses < 12; presses++) {
  await page.keyboard.press('Tab');
  assert.ok(
    await page.evaluate(
      `document.activeElement === document.body || document.activeElement.closest('dialog') !== null`,
    ),
    'Tab stays in the dialog',
  );
}
await page.keyboard.press('Escape');
await until('focus is back on Import…', async () => (await focused(page)) === 'Import…');

// Menu: the first item has the focus, arrows and letters move, Escape gives the focus back.
await page.getByRole('button', { name: 'More about this run' }).press('Enter');
await until('first item', async () => (await focused(page)) === 'Rename…');
await page.keyboard.press('ArrowUp');
assert.equal(await focused(page), 'Remove…');
await page.keyboard.press('c');
assert.equal(await focused(page), 'Copy config');
await page.keyboard.press('Enter');
await page.getByRole('status').getByText('The config was copied').waitFor();
await until('focus is back on the menu button', async () => (await focused(page)) === 'More about this run');

// Tabs and radio groups move with arrows.
await page.getByRole('tab', { name: 'Curves' }).press('ArrowLeft');
assert.equal(await page.getByRole('tab', { name: 'Log' }).getAttribute('aria-selected'), 'true');
await page.getByRole('radio', { name: 'Step' }).first().press('ArrowRight');
assert.ok(await page.getByRole('radio', { name: 'Time' }).first().isChecked());

// Shortcuts: `/` searches, letters typed there do nothing else, `?` lists, `g m` goes, and the heading has the focus.
await page.getByRole('tab', { name: 'Log' }).focus();
await page.keyboard.press('/');
await until('search has the keyboard', async () => (await focused(page)) === 'Search');
await page.keyboard.type('g m');
assert.match(page.url(), /gallery/);
await page.getByRole('tab', { name: 'Log' }).focus();
await page.keyboard.press('?');
await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor();
await page.keyboard.press('Escape');

// Grid: one stop of Tab; keys move, far too; the cell keeps its place while it is scrolled away and back.
const grid = page.getByRole('grid', { name: 'Pictures' });
await page.getByRole('gridcell', { name: 'Picture 1', exact: true }).focus();
await page.keyboard.press('ArrowRight');
await until('second cell', async () => (await focused(page)) === 'Picture 2');
await page.keyboard.press('Control+End');
await until('last cell', async () => (await focused(page)) === 'Picture 120,000');
await grid.evaluate((element) => element.scrollTo({ top: 0 }));
await until('the grid keeps the keyboard', async () => (await focused(page)) === 'Pictures');
await page.keyboard.press('ArrowLeft');
await until('goes on from where it was', async () => (await focused(page)) === 'Picture 119,999');
await page.keyboard.press('Control+Home');
await until('first cell', async () => (await focused(page)) === 'Picture 1');

// Scrolling through all of it leaves few elements in the page and no blank cell for long.
const scroll = await grid.evaluate(async (element) => {
  const { requestAnimationFrame } = globalThis as unknown as { requestAnimationFrame(done: () => void): void };
  const frame = () => new Promise<void>((done) => requestAnimationFrame(done));
  let blank = 0;
  let longest = 0;
  let most = 0;
  const step = element.scrollHeight / 400;
  for (let top = 0; top < element.scrollHeight; top += step) {
    element.scrollTop = top;
    const start = performance.now();
    await frame();
    const cells = [...element.querySelectorAll('[role=gridcell]')];
    most = Math.max(most, cells.length);
    const { top: above, bottom: below } = element.getBoundingClientRect();
    const seen = cells.filter((cell) => {
      const { top: start, bottom: end } = cell.getBoundingClientRect();
      return end > above && start < below;
    });
    blank = seen.length === 0 ? blank + performance.now() - start : 0;
    longest = Math.max(longest, blank);
  }
  return { longest, most };
});
console.log(
  `Scrolled 120,000 cells: at most ${scroll.most} in the page, without cells for at most ${scroll.longest.toFixed(0)} ms`,
);
assert.ok(scroll.most < 200);
assert.ok(scroll.longest < 150);

// Navigation.
await page.getByRole('tab', { name: 'Log' }).focus();
await page.keyboard.press('g');
await page.keyboard.press('m');
await until('the heading of the new view has the focus', () =>
  page.evaluate(`location.hash === '#/models' && document.activeElement.tagName === 'H1'`),
);

await gallery.close();
assert.deepEqual(gallery.problems, []);
console.log('The keyboard works');
