/** A model from a hub on this machine into the library, in the Models view: planned, stopped, gone on with after a reload. */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { behaviours, filesOf, StandIn } from '../weights/hub/stand-in.ts';
import { type App, hasChromium, startApp, type WatchedPage } from './app.ts';
import { sampleHome } from './prepared-home.ts';

const bundled = join(import.meta.dirname, '..', '..', 'assets', 'models', 'scenes-t5');
const repo = 'me/scenes-t5';

describe.skipIf(!hasChromium)('download', () => {
  let standIn: StandIn;
  let app: App;
  let watched: WatchedPage;
  beforeAll(async () => {
    standIn = await StandIn.start();
    standIn.add(repo, filesOf(bundled), { licence: 'mit' });
    vi.stubEnv('HF_ENDPOINT', standIn.endpoint); // for the server, which inherits it
    app = await startApp({ home: await sampleHome() });
    watched = await app.open('#/models');
  });
  afterAll(async () => {
    await app?.[Symbol.asyncDispose]();
    await standIn[Symbol.asyncDispose]();
    vi.unstubAllEnvs();
    expect(watched?.complaints).toEqual([]);
  });

  const dialog = () => watched.page.getByRole('dialog', { name: /^Download/ });
  const press = (name: string) => dialog().getByRole('button', { name, exact: true }).last().click();

  test('an unknown model is said to be unknown, and the dialog stays', async () => {
    await watched.page.getByRole('button', { name: 'Download a model…' }).click();
    await dialog().getByText('Nothing else in the app goes to the network').waitFor();
    expect(standIn.requests).toEqual([]);
    await dialog().getByText('google-t5/t5-base').click();
    expect(await dialog().getByLabel('Repository').inputValue()).toBe('google-t5/t5-base');
    await press('Continue');
    await dialog().getByText('The hub has no such model, or it is private').waitFor();
  });

  test('the plan names commit, licence, files and room; a stop leaves what is there', async () => {
    await dialog().getByLabel('Repository').fill(repo);
    await dialog().getByLabel('Name in the library').fill('pulled');
    await press('Continue');
    for (const text of [repo, 'MIT', 'model.safetensors', 'Free on the disk']) {
      await dialog().getByText(text, { exact: true }).first().waitFor();
    }
    standIn.misbehave(
      'model.safetensors',
      behaviours.hang(5_000_000, () => {}),
    );
    await press('Download');
    await dialog()
      .getByText(/model\.safetensors, file 2 of/)
      .waitFor();
    await press('Stop');
    await dialog().waitFor({ state: 'hidden' });
    await watched.page.getByRole('group', { name: 'Unfinished download pulled' }).waitFor();
  });

  test('after a reload it is there still, and goes on to a model that can be trained with', async () => {
    const { page } = watched;
    await page.reload();
    const left = page.getByRole('group', { name: 'Unfinished download pulled' });
    await left.getByText(/MB of 11\.\d MB/).waitFor();
    await left.getByRole('button', { name: 'Resume' }).click();
    await page.getByRole('link', { name: 'pulled', exact: true }).click();
    await page.getByRole('heading', { name: 'pulled', level: 1 }).waitFor();
    await page.getByText(`${standIn.endpoint}/${repo}`).waitFor();
    expect(standIn.ranges('model.safetensors')).toEqual(['whole', expect.stringMatching(/^bytes=\d+-$/)]);
  });

  test('what was left can be discarded', async () => {
    const { page } = watched;
    standIn.misbehave('model.safetensors', behaviours.status(401));
    await page.getByRole('link', { name: 'Models' }).first().click();
    await page.getByRole('button', { name: 'Download a model…' }).click();
    await dialog().getByLabel('Repository').fill(repo);
    await dialog().getByLabel('Name in the library').fill('again');
    await press('Continue');
    await press('Download');
    await dialog().getByText('The hub gives no access').waitFor();
    await dialog().getByRole('button', { name: 'Close' }).first().click();
    const left = page.getByRole('group', { name: 'Unfinished download again' });
    await left.getByRole('button', { name: 'Discard…' }).click();
    await page.getByRole('button', { name: 'Discard download' }).click();
    await left.waitFor({ state: 'hidden' });
  });
});
