/** The routes: the page's own files, pictures by id, uploads, exports; and what is asked in odd ways. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, expect, test, vi } from 'vitest';
import { DeptError } from '../../engine/common/errors.ts';
import { UPLOAD_LIMIT } from '../../main/host/limits.ts';
import { createRoutes } from '../../main/host/routes.ts';

const folder = mkdtempSync(join(tmpdir(), 'dept-routes-'));
const rendererFolder = join(folder, 'renderer');
mkdirSync(join(rendererFolder, 'assets'), { recursive: true });
writeFileSync(join(rendererFolder, 'index.html'), '<title>page</title>');
writeFileSync(join(rendererFolder, 'assets', 'app-1234.js'), 'code');
writeFileSync(join(rendererFolder, 'assets', 'notes.txt'), 'not for pages');
writeFileSync(join(folder, 'secret.json'), 'secret');
writeFileSync(join(folder, 'picture.webp'), 'pixels');
afterAll(() => rmSync(folder, { recursive: true }));

const ask = vi.fn();
const storeDrop = vi.fn(async () => ({ folder: '/drop' }));
const routes = createRoutes({ host: { ask, storeDrop }, rendererFolder });
beforeEach(() => {
  ask.mockReset();
  storeDrop.mockClear();
});

const get = (path: string, headers: Record<string, string> = {}): Promise<Response> =>
  routes(new Request(`http://host${path}`, { headers }));

test('the page and its assets, each with its type', async () => {
  const page = await get('/');
  expect([page.status, page.headers.get('content-type'), await page.text()]).toEqual([
    200,
    'text/html; charset=utf-8',
    '<title>page</title>',
  ]);
  const script = await get('/assets/app-1234.js');
  expect(script.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
  expect(script.headers.get('cache-control')).toContain('immutable');
});

test.each(['/', '/assets/app-1234.js', '/nothing', '/media/a/b/c'])(
  '%s comes with the security headers',
  async (path) => {
    ask.mockRejectedValue(new DeptError('not-found', 'No'));
    const { headers } = await get(path);
    const policy = headers.get('content-security-policy')!;
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self'");
    expect(policy).not.toContain('unsafe');
    expect(policy).not.toMatch(/https?:|\*/);
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    expect(headers.get('cross-origin-resource-policy')).toBe('same-origin');
  },
);

test.each([
  '/../secret.json',
  '/%2e%2e/secret.json',
  '/..%2fsecret.json',
  '/..%5csecret.json',
  '/assets/..%2f..%2fsecret.json',
  '/assets/%2e%2e%2f%2e%2e%2fsecret.json',
  `/${encodeURIComponent('/etc/passwd')}`,
  `/${encodeURIComponent(join(folder, 'secret.json'))}`,
  '/assets/notes.txt',
  '/assets/app-1234.js%00.txt',
  '/assets',
  '/assets/',
  '/index.html/x',
])('%s gives no file', async (path) => {
  const response = await get(path);
  expect(response.status).toBe(404);
  expect(await response.text()).not.toContain('secret');
  expect(ask).not.toHaveBeenCalled();
});

test('a malformed escape is a clear error', async () => {
  const response = await get('/media/%E0%A4%A/b/c');
  expect(response.status).toBe(400);
  expect(((await response.json()) as { error: { code: string } }).error.code).toBe('bad-input');
});

test('a picture is asked for by its id, and comes as the engine made it', async () => {
  ask.mockResolvedValue({ path: join(folder, 'picture.webp'), type: 'image/webp', etag: '"e1"' });
  const response = await get(`/media/my%20set/train/${encodeURIComponent('a/b?c.jpg')}?size=thumb`);
  expect(ask.mock.calls[0]!.slice(0, 2)).toEqual([
    'media.picture',
    { dataset: 'my set', image: 'train/a/b?c.jpg', size: 'thumb' },
  ]);
  expect([response.status, response.headers.get('content-type'), await response.text()]).toEqual([
    200,
    'image/webp',
    'pixels',
  ]);
  const again = await get('/media/x/train/y', { 'If-None-Match': '"e1"' });
  expect([again.status, await again.text()]).toEqual([304, '']);
});

test('an unknown size is refused', async () => {
  expect((await get('/media/a/b/c?size=huge')).status).toBe(400);
  expect(ask).not.toHaveBeenCalled();
});

test.each([
  ['not-found', 404],
  ['bad-input', 400],
  ['bad-file', 415],
  ['interrupted', 500],
] as const)('the error %s is answered with %i and its record', async (code, status) => {
  ask.mockRejectedValue(new DeptError(code, 'Why', { remedy: 'How' }));
  const response = await get('/media/a/b/c');
  expect([response.status, await response.json()]).toEqual([
    status,
    { error: { code, message: 'Why', remedy: 'How' } },
  ]);
});

test('an upload is handed over whole; one that is too large is not', async () => {
  ask.mockResolvedValue({ id: 'abc', width: 1, height: 1 });
  const send = (body: string | Uint8Array<ArrayBuffer>): Promise<Response> =>
    routes(new Request('http://host/uploads', { method: 'POST', body }));
  expect(await (await send('bytes')).json()).toEqual({ id: 'abc', width: 1, height: 1 });
  expect(Buffer.from(ask.mock.calls[0]![1].bytes).toString()).toBe('bytes');
  ask.mockClear();
  expect((await send(new Uint8Array(UPLOAD_LIMIT + 1))).status).toBe(400);
  expect(ask).not.toHaveBeenCalled();
});

test('a dropped file keeps its names', async () => {
  const path = `/drops/drop-0001/${encodeURIComponent('my pictures')}/${encodeURIComponent('a/../b.jpg')}`;
  await routes(new Request(`http://host${path}`, { method: 'POST', body: 'x' }));
  expect(storeDrop.mock.calls[0]!.slice(0, 2)).toEqual(['drop-0001', ['my pictures', 'a/../b.jpg']]);
});

test('exports are downloads', async () => {
  ask.mockResolvedValueOnce({ text: '[]' }).mockResolvedValueOnce({ html: '<p>report</p>' });
  const result = await get('/exports/run-1/test-5-ab/predictions.json');
  expect(result.headers.get('content-disposition')).toBe('attachment; filename="run-1-test-5-ab.json"');
  const report = await get('/exports/run-1/test-5-ab/report.html');
  expect(report.headers.get('content-disposition')).toBe('attachment; filename="run-1-test-5-ab.html"');
  expect((await get('/exports/run-1/test-5-ab/run.json')).status).toBe(404);
});

test('a name in a download cannot break out of its header', async () => {
  ask.mockResolvedValue({ text: '[]' });
  const response = await get(`/exports/${encodeURIComponent('r"; x=\r\nSet-Cookie: a=b')}/e/predictions.json`);
  expect(response.headers.get('set-cookie')).toBeNull();
  expect(response.headers.get('content-disposition') ?? '').toMatch(/^(attachment; filename="[\w.-]+")?$/);
});

test.each(['PUT', 'DELETE', 'PATCH', 'OPTIONS'])('%s is refused', async (method) => {
  expect((await routes(new Request('http://host/', { method }))).status).toBe(400);
});
