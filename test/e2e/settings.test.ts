/** Settings that say what runs compute on: kept, taken by new runs, and the devices of the machine tried. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type App, goTo, hasChromium, startApp, unexpected, type WatchedPage } from './app.ts';
import { sampleHome } from './prepared-home.ts';

describe.skipIf(!hasChromium)('settings', () => {
  let app: App;
  let watched: WatchedPage;
  beforeAll(async () => {
    const home = await sampleHome();
    writeFileSync(join(home, 'settings.json'), '{"thraeds": 1}');
    app = await startApp({ home });
    watched = await app.open('#/settings');
  });
  afterAll(async () => {
    await app?.[Symbol.asyncDispose]();
  });

  test('a mistyped key of the file is told', async () => {
    await watched.page.getByRole('note').filter({ hasText: '"thraeds" (did you mean threads?)' }).waitFor();
  });

  test('each device is tried, and told with the reason where it cannot be used', async () => {
    const { page } = watched;
    await page.getByRole('button', { name: 'Try the devices' }).click();
    const device = (name: string) => page.getByRole('listitem').filter({ hasText: name });
    await device('CPU').getByText('ready').waitFor();
    // Nowhere are these both: one comes with Windows, the other with macOS.
    const words = await Promise.all(['DirectML', 'CoreML'].map((name) => device(name).innerText()));
    expect(words.filter((text) => text.includes('not available'))).not.toEqual([]);
    for (const text of words.filter((one) => one.includes('not available'))) expect(text).toMatch(/comes with/);
  });

  test('a new run begins with the device and the threads that are set here', async () => {
    const { page } = watched;
    await page.getByLabel('Device', { exact: true }).selectOption('Automatic');
    await page.getByLabel('All cores').click();
    await expect.poll(() => page.getByLabel('All cores').isChecked()).toBe(false);
    await goTo(page, '#/train?preset=quick&task=vqa&dataset=scenes');
    const command = page.locator('main pre').filter({ hasText: 'dept train' });
    await command.filter({ hasText: '--device auto' }).filter({ hasText: 'threads=' }).waitFor();

    await page.reload();
    await command.filter({ hasText: '--device auto' }).waitFor();
    await goTo(page, '#/settings');
    await expect.poll(() => page.getByLabel('Device', { exact: true }).inputValue()).toBe('auto');
    await page.getByLabel('Device', { exact: true }).selectOption('CPU');
    await goTo(page, '#/train?preset=quick&task=caption&dataset=scenes');
    await command.filter({ hasText: '--task caption' }).waitFor();
    await expect.poll(() => command.innerText()).not.toContain('--device');
  });

  test('nothing was complained about', () => {
    expect(unexpected(watched)).toEqual([]);
  });
});
