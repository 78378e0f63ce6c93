/** A run is exported from its page, refused with the reason where the format cannot hold it, and another run starts from it. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type App, hasChromium, patience, startApp } from './app.ts';
import { sampleHome, trainShort } from './prepared-home.ts';

describe.skipIf(!hasChromium)('export (needs Chromium)', () => {
  let app: App;
  let run: string;
  beforeAll(async () => {
    const home = await sampleHome();
    run = (await trainShort(home, 'vqa', { steps: 12 })).run;
    app = await startApp({ home });
  }, 240_000);
  afterAll(() => app[Symbol.asyncDispose]());

  test('from the menu of its page', async () => {
    const { page, complaints } = await app.open(`#/runs/${run}`);
    const openDialog = async () => {
      await page.getByRole('button', { name: 'More actions for this run' }).click({ timeout: patience });
      await page.getByRole('menuitem', { name: 'Export…' }).click();
      return page.getByRole('dialog', { name: 'Export' });
    };
    const dialog = await openDialog();
    const exportIt = () => dialog.getByRole('button', { name: 'Export', exact: true }).click();

    await dialog.getByText('PEFT', { exact: true }).click();
    await exportIt();
    await dialog.getByText(/cannot become one of PEFT/).waitFor({ timeout: patience });
    await dialog.getByText(/is added to the word embeddings at each place of the text/).waitFor();

    await dialog.getByText('ONNX', { exact: true }).click();
    await exportIt();
    await dialog.getByText('Written').waitFor({ timeout: patience });
    const [folder] = readdirSync(join(app.home, 'exports'));
    expect(folder).toMatch(new RegExp(`^${run}-\\d+-onnx$`));
    expect(existsSync(join(app.home, 'exports', folder!, 'example.mjs'))).toBe(true);
    await dialog.getByText('example.mjs').waitFor();
    expect(complaints).toEqual([]);
  }, 240_000);

  test('the form offers to start from it', async () => {
    const { page, complaints } = await app.open('#/train');
    await page.getByRole('button', { name: 'First values and scale of the method' }).click({ timeout: patience });
    const start = page.getByRole('combobox', { name: 'Start from' });
    await start.selectOption(run, { timeout: patience });
    await page.getByText(`startFrom=${run}`).first().waitFor({ timeout: patience });
    await start.selectOption('');
    await page.getByText(`startFrom=${run}`).first().waitFor({ state: 'hidden', timeout: patience });
    expect(complaints).toEqual([]);
  }, 240_000);
});
