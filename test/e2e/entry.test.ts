/** Who gets into the app: a browser with the printed link, and nobody else; not even a page of the same machine. */
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type App, hasChromium, isReady, openPage, startApp, unexpected } from './app.ts';
import { sampleHome } from './prepared-home.ts';

const shutOut = 'Open the link that dept serve printed';
const refused = /the server responded with a status of (401|403|421)/;
const noSocket = /WebSocket connection to 'ws:.*' failed/;

/** Pages of this server are of the same site as the app, since a port is no part of a site, but of another origin. */
async function foreignServer(): Promise<Server> {
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>Foreign</title>');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

describe.skipIf(!hasChromium)('who gets in', () => {
  let app: App;
  let picture: string;
  let foreign: Server;
  let foreignOrigin: string;
  beforeAll(async () => {
    app = await startApp({ home: await sampleHome(), browserArgs: ['--host-resolver-rules=MAP evil.test 127.0.0.1'] });
    picture = `${app.origin}/media/scenes/train/1?size=thumb`;
    foreign = await foreignServer();
    foreignOrigin = `http://127.0.0.1:${(foreign.address() as AddressInfo).port}`;
  });
  afterAll(async () => {
    foreign?.close();
    await app?.[Symbol.asyncDispose]();
  });

  test.each([
    ['no token', ''],
    ['a wrong token', `#token=${'A'.repeat(43)}`],
    ['part of the token', 'part'],
  ])('%s: the page says where the link is, and gets nothing', async (_what, hash) => {
    const context = await app.newContext();
    const address = hash === 'part' ? app.link.slice(0, -1) : `${app.origin}/${hash}`;
    const watched = await openPage(context, address);
    await watched.page.getByRole('heading', { name: shutOut }).waitFor();
    expect(await watched.page.evaluate(`fetch('/media/scenes/train/1').then((answer) => answer.status)`)).toBe(401);
    expect(await context.cookies()).toEqual([]);
    expect(unexpected(watched, refused, noSocket)).toEqual([]);
    await context.close();
  });

  test('the link lets a window in and leaves the address; a second window without it stays out', async () => {
    const { page, complaints } = await app.open();
    expect(page.url()).toBe(`${app.origin}/#/`);
    expect(complaints).toEqual([]);
    const other = await openPage(await app.newContext(), page.url());
    await other.page.getByRole('heading', { name: shutOut }).waitFor();
    await page.context().close();
    await other.page.context().close();
  });

  test('a page that was shut out goes on as soon as the link is open in its browser', async () => {
    const context = await app.newContext();
    const waiting = await openPage(context, app.origin);
    await waiting.page.getByRole('heading', { name: shutOut }).waitFor();
    await openPage(context, app.link);
    await isReady(waiting.page);
    await context.close();
  });

  test('the cookie of another start is worth nothing, under its own name or ours', async () => {
    await using second = await startApp({ home: await sampleHome() });
    const { page } = await second.open();
    const [cookie] = await page.context().cookies();
    const context = await app.newContext();
    const own = `dept-${new URL(app.origin).port}`;
    const rest = { domain: '127.0.0.1', path: '/', httpOnly: true, sameSite: 'Strict' } as const;
    await context.addCookies([
      { ...rest, name: cookie!.name, value: cookie!.value },
      { ...rest, name: own, value: cookie!.value },
    ]);
    const other = await openPage(context, app.origin);
    await other.page.getByRole('heading', { name: shutOut }).waitFor();
    await context.close();
  });

  test('a name that leads here by DNS is no way in', async () => {
    const { page } = await openPage(await app.newContext(), `http://evil.test:${new URL(app.origin).port}/`);
    expect(await page.textContent('body')).toContain('The Host is not this server');
    await page.context().close();
  });

  describe('a page of another port, in a browser that has the session', () => {
    let page: Page;
    beforeAll(async () => {
      const mine = await app.open();
      page = await mine.page.context().newPage();
      await page.goto(foreignOrigin);
    });
    afterAll(() => page?.context().close());

    test.each(['cors', 'no-cors', 'same-origin'])('cannot fetch (%s)', async (mode) => {
      const read = (address: string) =>
        page.evaluate(
          `fetch('${address}', { mode: '${mode}', credentials: 'include' }).then((answer) => answer.text(), () => 'refused')`,
        );
      expect(await read(picture)).toBe('refused');
      expect(await read(`${app.origin}/`)).toBe('refused');
    });

    test('cannot show a picture or run a script of it', async () => {
      const load = (tag: string, address: string) =>
        page.evaluate(`new Promise((done) => {
          const element = document.createElement('${tag}');
          element.onload = () => done('loaded');
          element.onerror = () => done('refused');
          element.src = '${address}';
          document.head.append(element);
        })`);
      expect(await load('img', picture)).toBe('refused');
      expect(await load('img', `${app.origin}/icon.svg`)).toBe('refused');
      expect(await load('script', picture)).toBe('refused');
    });

    test('cannot open a socket', async () => {
      const outcome = await page.evaluate(`new Promise((done) => {
        const socket = new WebSocket('${app.origin.replace('http', 'ws')}/socket');
        socket.onopen = () => done('open');
        socket.onerror = () => done('refused');
      })`);
      expect(outcome).toBe('refused');
    });

    test('cannot put it into a frame', async () => {
      const shown = await page.evaluate(`new Promise((done) => {
        const frame = document.createElement('iframe');
        frame.onload = () => { try { done(frame.contentDocument === null ? 'closed' : 'open'); } catch { done('closed'); } };
        frame.src = '${app.origin}/';
        document.body.append(frame);
      })`);
      expect(shown).toBe('closed');
      expect(page.frames().some((frame) => frame.url().startsWith(app.origin))).toBe(false);
    });

    test.each(['/session', '/uploads', '/drops/abcdefgh/a.json'])('cannot send a form to %s', async (path) => {
      const form = await page.context().newPage();
      await form.goto(foreignOrigin);
      const answered = form.waitForResponse((response) => response.url() === app.origin + path);
      await form.evaluate(`{
        const form = document.createElement('form');
        form.method = 'post'; form.enctype = 'text/plain'; form.action = '${app.origin}${path}';
        form.append(Object.assign(document.createElement('input'), { name: 'a', value: 'b' }));
        document.body.append(form);
        form.submit();
      }`);
      expect((await answered).status()).toBe(403);
      await form.close();
      for (const folder of ['uploads', 'drops']) expect(readdirSync(app.home)).not.toContain(folder);
    });

    test('cannot keep hold of a window that it opens', async () => {
      const opened = page.context().waitForEvent('page');
      await page.evaluate(`globalThis.mine = window.open('${app.origin}/')`);
      await (await opened).waitForLoadState();
      expect(await page.evaluate(`(() => { try { return mine.document.title; } catch { return 'refused'; } })()`)).toBe(
        'refused',
      );
    });
  });

  test('nothing but the drawn sample is in the home', () => {
    expect(readdirSync(join(app.home, 'datasets'))).toEqual(['scenes']);
  });
});
