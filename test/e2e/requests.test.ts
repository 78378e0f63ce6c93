/** What somebody with the session may ask of the real server: nothing outside its own ids, no message of another shape. */
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type App, hasChromium, isReady, patience, startApp, type WatchedPage } from './app.ts';
import { sampleHome } from './prepared-home.ts';
import { answerTo, ask, closedBy, cookieOf, openSocket, replyTo } from './requests.ts';

const secret = 'not-for-any-page';

/** All files of a folder, with their places. */
function filesOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
}

describe.skipIf(!hasChromium)('requests with the session', () => {
  let app: App;
  let cookie: string;
  let watched: WatchedPage;
  beforeAll(async () => {
    const home = await sampleHome();
    writeFileSync(join(home, 'secret.json'), JSON.stringify({ secret }));
    mkdirSync(join(home, 'uploads'));
    writeFileSync(join(home, 'uploads', 'secret.webp'), secret);
    app = await startApp({ home });
    watched = await app.open();
    cookie = await cookieOf(watched.page.context());
  });
  afterAll(() => app?.[Symbol.asyncDispose]());

  test('an own picture comes; with another session it does not', async () => {
    expect((await ask(app.origin, '/media/scenes/train/1?size=thumb', cookie)).status).toBe(200);
    expect((await ask(app.origin, '/media/scenes/train/1?size=thumb', `${cookie}x`)).status).toBe(401);
  });

  test.each([
    '/media/scenes/train/..%2f..%2f..%2fsecret.json',
    '/media/..%2fsecret.json/train/1',
    '/media/../secret.json/x/y',
    '/media/scenes/..%2f..%2f/secret.json',
    '/media/%2e%2e/%2e%2e/secret.json',
    '/media/scenes/train/%2fetc%2fpasswd',
    '/media/scenes/train/1%00.png',
    '/media/scenes/train/1?size=../../secret.json',
    '/uploads/secret.webp',
    '/uploads/secret',
    '/uploads/..%2fsecret.json',
    '/uploads/..%5csecret.json',
    '/uploads/%2e%2e%2fsecret.json?size=thumb',
    '/exports/..%2f..%2fsecret.json/x/predictions.json',
    '/exports/../x/report.html',
    '/exports/x/..%2f..%2f..%2fsecret.json/predictions.json',
    '/drops/abcdefgh/secret.json',
    '/assets/..%2f..%2f..%2fpackage.json',
    '/assets/../../../package.json',
    '/assets/%2e%2e/%2e%2e/package.json',
    '/..%2fpackage.json',
    '/%2e%2e/%2e%2e/package.json',
    '//etc/passwd',
    '/\\..\\..\\package.json',
    '/%c0%ae%c0%ae/package.json',
    '/%zz',
    '/socket',
  ])('GET %s gives nothing', async (path) => {
    const { status, body } = await ask(app.origin, path, cookie);
    expect(status).toBeGreaterThanOrEqual(400);
    expect(status).toBeLessThan(500);
    for (const word of [secret, 'root:', '"dept-studio"']) expect(body).not.toContain(word);
  });

  test.each([
    ['/drops/..%2f..%2f/x.json', '{}'],
    ['/drops/abcdefgh/..%2f..%2fx.json', '{}'],
    ['/drops/abcdefgh/%2e%2e/%2e%2e/x.json', '{}'],
    ['/drops/abcdefgh/../../x.json', '{}'],
    ['/drops/abcdefgh/..%5c..%5cx.json', '{}'],
    ['/drops/abcdefgh/x.json%00.png', '{}'],
    ['/drops/abcdefgh/x.js', '{}'],
    ['/drops/abcdefgh/C:x.json', '{}'],
    ['/uploads', 'this is no picture'],
    ['/uploads', '<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd"/></svg>'],
    ['/session', 'wrong'],
    ['/media/scenes/train/1', ''],
  ])('POST %s leaves no file', async (path, body) => {
    const before = filesOf(app.home).filter((file) => !file.includes('sqlite'));
    const { status } = await ask(app.origin, path, cookie, body);
    expect(status).toBeGreaterThanOrEqual(400);
    expect(status).toBeLessThan(500);
    expect(filesOf(app.home).filter((file) => !file.includes('sqlite'))).toEqual(before);
  });

  test('a message of more than a mebibyte closes the socket that it came by', async () => {
    const params = 'x'.repeat(2 ** 20);
    const message = JSON.stringify({ type: 'call', id: 1, call: 'runs.list', params });
    expect(await closedBy(await openSocket(app.origin, cookie), message)).toBe(1009);
  });

  test.each([
    ['half of an object', '{"type":"call",'],
    ['no JSON at all', 'hello'],
    ['bytes', Buffer.from('{}')],
    ['nesting deeper than a stack', `{"type":"call","params":${'['.repeat(100_000)}${']'.repeat(100_000)}}`],
  ])('%s closes the socket that it came by', async (_what, message) => {
    expect(await closedBy(await openSocket(app.origin, cookie), message)).toBe(1008);
  });

  test.each([
    ['of no known kind', { type: 'eval', id: 1, code: '1' }],
    ['with more than belongs', { type: 'call', id: 1, call: 'runs.list', params: {}, path: '/' }],
    ['of a call that there is not', { type: 'call', id: 1, call: 'shell.run', params: {} }],
    ['of a call of the prototype', { type: 'call', id: 1, call: 'constructor', params: {} }],
    ['of a call that is for the host', { type: 'call', id: 1, call: 'media.picture', params: {} }],
    ['of long work without a job', { type: 'call', id: 1, call: 'train', params: { config: {} } }],
    ['with wrong params', { type: 'call', id: 1, call: 'runs.show', params: { run: 7 } }],
    ['with a run outside its folder', { type: 'call', id: 1, call: 'runs.show', params: { run: '../datasets' } }],
    ['of an evaluation outside', { type: 'call', id: 1, call: 'evaluations.show', params: { run: '..', id: '../..' } }],
    ['of a dataset outside', { type: 'call', id: 1, call: 'datasets.show', params: { dataset: '../uploads' } }],
    ['to remove what is outside', { type: 'call', id: 1, call: 'datasets.remove', params: { dataset: '../uploads' } }],
    ['to remove a model outside', { type: 'call', id: 1, call: 'models.remove', params: { model: '../uploads' } }],
    [
      'to start what is no job',
      { type: 'call', id: 1, call: 'jobs.start', params: { call: 'runs.remove', params: {} } },
    ],
  ])('a message %s is answered with an error', async (_what, message) => {
    const socket = await openSocket(app.origin, cookie);
    expect(await answerTo(socket, message)).toMatchObject({ type: 'error', id: 1 });
    socket.close();
    expect(readdirSync(app.home)).toContain('uploads');
  });

  test('a config with a prototype fails, and nothing else does', async () => {
    const config = '{"__proto__":{"task":"vqa"},"constructor":{"prototype":{"steps":1}}}';
    const socket = await openSocket(app.origin, cookie);
    const text = `{"type":"call","id":1,"call":"jobs.start","params":{"call":"train","params":{"config":${config}}}}`;
    const reply = (await replyTo(socket, 1, text)) as { type: string; value?: { id: string } };
    const stateOf = async (): Promise<string> => {
      const list = await answerTo(socket, { type: 'call', id: 2, call: 'jobs.list', params: {} });
      const { value } = list as { value: { id: string; state: string }[] };
      return reply.type === 'error' ? 'failed' : value.find(({ id }) => id === reply.value?.id)!.state;
    };
    await expect.poll(stateOf, { timeout: patience }).toBe('failed');
    socket.close();
  });

  test('after all this the page is as it was', async () => {
    await isReady(watched.page);
    expect(watched.complaints).toEqual([]);
  });
});
