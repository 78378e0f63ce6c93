/** The loopback server: who is let in, and what the others get. */

import { once } from 'node:events';
import { request as ask, type IncomingMessage, type RequestOptions } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import type { Port } from '../../engine/contract/port.ts';
import { type RunningServer, serve } from '../../main/server/http-server.ts';
import { MESSAGE_LIMIT } from '../../main/server/socket-port.ts';

let server: RunningServer;
const connected: Port[] = [];
const routes = vi.fn(async (request: Request) => new Response(`${request.method} ${new URL(request.url).pathname}`));

const log = vi.fn();

beforeAll(async () => {
  server = await serve({ host: { connect: (port) => connected.push(port) }, routes, port: 0, log });
});
afterAll(() => server.close());

interface Answer {
  readonly status: number;
  readonly body: string;
  readonly headers: IncomingMessage['headers'];
}

async function send(options: RequestOptions, body = ''): Promise<Answer> {
  const outgoing = ask({ host: '127.0.0.1', port: server.port, ...options }).end(body);
  const [incoming] = (await once(outgoing, 'response')) as [IncomingMessage];
  return { status: incoming.statusCode!, body: await text(incoming), headers: incoming.headers };
}

const origin = (): string => `http://127.0.0.1:${server.port}`;
const token = (): string => server.link.split('#token=')[1]!;

async function session(): Promise<string> {
  const answer = await send({ method: 'POST', path: '/session', headers: { Origin: origin() } }, token());
  expect(answer.status).toBe(200);
  return answer.headers['set-cookie']![0]!.split(';')[0]!;
}

/** The status with which a socket is refused, or `open`. */
async function openSocket(
  headers: Record<string, string>,
  path = '/socket',
): Promise<{ status: number | 'open'; socket: WebSocket }> {
  const socket = new WebSocket(`ws://127.0.0.1:${server.port}${path}`, { headers });
  const refused = new Promise<number>((resolve) => {
    socket.on('unexpected-response', (_, response) => resolve(response.statusCode!));
  });
  const status = await Promise.race([refused, once(socket, 'open').then(() => 'open' as const)]);
  return { status, socket };
}

test('the page itself needs no session: it has yet to bring the token', async () => {
  expect(await send({ path: '/' })).toMatchObject({ status: 200, body: 'GET /' });
  expect(await send({ path: '/', headers: { Host: `localhost:${server.port}` } })).toMatchObject({ status: 200 });
});

test.each([
  ['OPTIONS', '*'],
  ['TRACE', '/'],
])('%s %s is no request', async (method, path) => {
  const Cookie = await session();
  expect(await send({ method, path, headers: { Cookie, Origin: origin() } })).toMatchObject({ status: 400 });
  expect(log).not.toHaveBeenCalled();
});

test('a fault of the server itself is 500, and told with its place', async () => {
  routes.mockRejectedValueOnce(new TypeError('a fault'));
  expect(await send({ path: '/' })).toMatchObject({ status: 500 });
  expect(log).toHaveBeenCalledExactlyOnceWith(expect.stringMatching(/^GET \/: TypeError: a fault\n +at /));
  expect(await send({ path: '/' })).toMatchObject({ status: 200 });
});

test('the link carries the token in its fragment, which no request contains', () => {
  expect(server.link).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/#token=[\w-]{43}$/);
});

describe.each(['/media/a/b/c', '/uploads/x', '/exports/a/b/c', '/drops/a/b', '/media', '/socket'])('%s', (path) => {
  test('without a session is 401', async () => {
    expect((await send({ path })).status).toBe(401);
  });

  test.each([
    ['a wrong cookie', () => `dept-${server.port}=wrong`],
    ['the token in place of the session', () => `dept-${server.port}=${token()}`],
    ['an empty cookie', () => `dept-${server.port}=`],
    ["another port's cookie", () => 'dept-1=x'],
  ])('with %s is 401', async (_, cookie) => {
    expect((await send({ path, headers: { Cookie: cookie() } })).status).toBe(401);
  });

  test('with the session is answered', async () => {
    const answer = await send({ path, headers: { Cookie: `other=1; ${await session()}; more=2` } });
    expect(answer).toMatchObject({ status: 200, body: `GET ${path}` });
  });
});

test.each([
  ['another name', 'evil.example'],
  ['another name with our port', 'evil.example:PORT'],
  ['another port', '127.0.0.1:1'],
  ['no port', '127.0.0.1'],
  ['IPv6', '[::1]:PORT'],
  ['all interfaces', '0.0.0.0:PORT'],
])('a rebound Host (%s) is 421 for the page too', async (_, host) => {
  routes.mockClear();
  const answer = await send({ path: '/', headers: { Host: host.replace('PORT', String(server.port)) } });
  expect(answer.status).toBe(421);
  expect(routes).not.toHaveBeenCalled();
});

test.each([
  ['another site', 'https://evil.example'],
  ['another port', 'http://127.0.0.1:1'],
  ['an opaque origin', 'null'],
  ['https', 'https://127.0.0.1:PORT'],
  ['localhost where the Host is the number', 'http://localhost:PORT'],
])('a foreign Origin (%s) is 403, session or not', async (_, foreign) => {
  const headers = { Origin: foreign.replace('PORT', String(server.port)), Cookie: await session() };
  expect((await send({ path: '/media/a/b/c', headers })).status).toBe(403);
  expect((await send({ method: 'POST', path: '/session', headers }, token())).status).toBe(403);
  expect((await openSocket(headers)).status).toBe(403);
});

test('a request that changes something names its Origin', async () => {
  expect((await send({ method: 'POST', path: '/uploads', headers: { Cookie: await session() } }, 'x')).status).toBe(
    403,
  );
  const headers = { Cookie: await session(), Origin: origin() };
  expect((await send({ method: 'POST', path: '/uploads', headers }, 'x')).status).toBe(200);
});

test('a request that the browser calls cross-site is 403', async () => {
  const headers = { Cookie: await session(), 'Sec-Fetch-Site': 'cross-site' };
  expect((await send({ path: '/media/a/b/c', headers })).status).toBe(403);
  expect((await send({ path: '/', headers: { 'Sec-Fetch-Site': 'same-site' } })).status).toBe(403);
  expect((await send({ path: '/', headers: { 'Sec-Fetch-Site': 'none' } })).status).toBe(200);
});

test.each(['', 'wrong', 'x'.repeat(5000)])('a wrong token opens no session (%#)', async (wrong) => {
  const answer = await send({ method: 'POST', path: '/session', headers: { Origin: origin() } }, wrong);
  expect(answer.status).toBe(401);
  expect(answer.headers['set-cookie']).toBeUndefined();
});

test('the session cookie is out of reach of scripts and of other sites', async () => {
  const answer = await send({ method: 'POST', path: '/session', headers: { Origin: origin() } }, token());
  expect(answer.headers['set-cookie']![0]).toMatch(/; HttpOnly; SameSite=Strict; Path=\/$/);
});

test('no answer allows another origin', async () => {
  const answer = await send({ path: '/', headers: { Origin: origin() } });
  expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
});

describe('the socket', () => {
  test('needs the session and the Origin', async () => {
    expect((await openSocket({ Origin: origin() })).status).toBe(401);
    expect((await openSocket({ Cookie: await session() })).status).toBe(403);
    expect((await openSocket({ Origin: origin(), Cookie: await session() }, '/elsewhere')).status).toBe(404);
  });

  test('carries messages both ways, and tells of its end', async () => {
    const { status, socket } = await openSocket({ Origin: origin(), Cookie: await session() });
    expect(status).toBe('open');
    await vi.waitUntil(() => connected.length > 0);
    const port = connected.at(-1)!;
    const heard: unknown[] = [];
    const closed = vi.fn();
    port.onMessage((message) => heard.push(message));
    port.onClose(closed);
    socket.send('{"a":1}');
    port.post({ b: 2 });
    const [data] = await once(socket, 'message');
    expect(JSON.parse(String(data))).toEqual({ b: 2 });
    await vi.waitUntil(() => heard.length === 1);
    expect(heard).toEqual([{ a: 1 }]);
    socket.close();
    await vi.waitUntil(() => closed.mock.calls.length === 1);
    port.post({ late: true });
  });

  test.each([
    ['text that is not JSON', '{', 1008],
    ['bytes', Buffer.from('{}'), 1008],
    ['too much', JSON.stringify('x'.repeat(MESSAGE_LIMIT)), 1009],
  ])('is closed after %s', async (_, message, code) => {
    const { socket } = await openSocket({ Origin: origin(), Cookie: await session() });
    await vi.waitUntil(() => connected.length > 0);
    const heard = vi.fn();
    connected.at(-1)!.onMessage(heard);
    socket.send(message, { binary: typeof message !== 'string' });
    expect((await once(socket, 'close'))[0]).toBe(code);
    expect(heard).not.toHaveBeenCalled();
  });
});

test('a port that is taken is an error that names it', async () => {
  await expect(serve({ host: { connect: () => {} }, routes, port: server.port, log })).rejects.toMatchObject({
    code: 'bad-input',
    message: `The port ${server.port} cannot be used`,
  });
});

test.each([
  '//evil.example/x',
  '/x/../media/a/b/c',
  '/assets/../media/a/b/c',
  '/assets/%2e%2e/media/a/b/c',
  '/%6Dedia/a/b/c',
  '/\\media/a/b/c',
  '//media/a/b/c',
  '/assets%2F..%2Fmedia/a/b/c',
  '/nothing',
])('only the page itself is open: %s needs a session', async (path) => {
  routes.mockClear();
  expect((await send({ path })).status).toBe(401);
  expect(routes).not.toHaveBeenCalled();
});

test('the routes see our own origin, whatever the path looks like', async () => {
  routes.mockClear();
  await send({ path: '//evil.example/x', headers: { Cookie: await session() } });
  expect(new URL(routes.mock.calls[0]![0].url).origin).toBe(origin());
});
