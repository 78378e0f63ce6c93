/** The app on 127.0.0.1: checks who asks, then hands over to the routes and, for calls, to a WebSocket. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import { WebSocketServer } from 'ws';
import { DeptError } from '../../engine/common/errors.ts';
import type { EngineHost } from '../host/engine-host.ts';
import { jsonResponse, type Routes, securityHeaders } from '../host/routes.ts';
import { Guard, type Refusal } from './guard.ts';
import { isStranger } from './peer.ts';
import { MESSAGE_LIMIT, socketPort } from './socket-port.ts';

export interface ServeOptions {
  readonly host: Pick<EngineHost, 'connect'>;
  readonly routes: Routes;
  /** 0: any free one. */
  readonly port: number;
  /** Takes what went wrong in the server itself. */
  readonly log: (text: string) => void;
}

export interface RunningServer {
  readonly port: number;
  /** Opens the app: the token stands in the fragment, which browsers send nowhere. */
  readonly link: string;
  close(): Promise<void>;
}

const address = '127.0.0.1';

const noRequest = { status: 400, message: 'No page asks with such an address or method' } as const;

const strangerRefused: Refusal = { status: 403, message: 'The app is open to the user who started dept serve, alone' };

/** The page's own files, which are no secret: it needs them to bring the token. */
function isOpen(url: URL): boolean {
  return ['/', '/index.html', '/icon.svg'].includes(url.pathname) || /^\/assets\/[\w.-]+$/.test(url.pathname);
}

function refusalResponse({ status, message }: Refusal | typeof noRequest): Response {
  return jsonResponse({ error: { code: 'bad-input', message } }, status);
}

/** Undefined for a method that web requests cannot have, such as TRACE. */
function toRequest(incoming: IncomingMessage, url: URL, signal: AbortSignal): Request | undefined {
  const { method = 'GET' } = incoming;
  if (['CONNECT', 'TRACE'].includes(method)) return undefined;
  const headers = new Headers();
  for (const [name, value] of Object.entries(incoming.headers)) {
    if (typeof value === 'string') headers.set(name, value);
  }
  const hasBody = method !== 'GET' && method !== 'HEAD';
  const body = hasBody ? { body: Readable.toWeb(incoming) as ReadableStream, duplex: 'half' as const } : {};
  return new Request(url, { method, headers, signal, ...body } as RequestInit);
}

async function send(response: Response, outgoing: ServerResponse): Promise<void> {
  outgoing.writeHead(response.status, Object.fromEntries(response.headers));
  if (response.body === null || outgoing.req.method === 'HEAD') outgoing.end();
  else await pipeline(Readable.fromWeb(response.body as ReadableStream), outgoing);
}

/** Exchanges the link's token for the session cookie. */
async function openSession(request: Request, guard: Guard): Promise<Response> {
  const token = await request.text();
  if (token.length > 200 || !guard.isToken(token)) {
    return refusalResponse({
      status: 401,
      message: 'The link is not of this start of dept serve: open the newest one',
    });
  }
  return jsonResponse({}, 200, { 'Set-Cookie': guard.sessionCookie });
}

async function listen(server: Server, port: number): Promise<number> {
  server.listen(port, address);
  try {
    await once(server, 'listening');
  } catch (cause) {
    throw new DeptError('bad-input', `The port ${port} cannot be used`, {
      got: (cause as Error).message,
      remedy: 'Choose another one with --port, or leave it out.',
      cause,
    });
  }
  return (server.address() as AddressInfo).port;
}

export async function serve({ host, routes, port: wanted, log }: ServeOptions): Promise<RunningServer> {
  const server = createServer();
  const port = await listen(server, wanted);
  const origin = `http://${address}:${port}`;
  const guard = new Guard(port);
  const sockets = new WebSocketServer({ noServer: true, maxPayload: MESSAGE_LIMIT, perMessageDeflate: false });

  const answer = async (incoming: IncomingMessage, signal: AbortSignal): Promise<Response> => {
    const { headers, method } = incoming;
    const url = URL.parse(origin + incoming.url); // a path such as //host/x names no other host
    if (url === null) return refusalResponse(noRequest);
    const reads = method === 'GET' || method === 'HEAD';
    const opensSession = method === 'POST' && url.pathname === '/session';
    const needsSession = !(reads && isOpen(url));
    const refusal =
      guard.checkOrigin(headers, !reads) ??
      (needsSession && !opensSession ? guard.checkSession(headers) : undefined) ??
      (needsSession && (await isStranger(incoming.socket)) ? strangerRefused : undefined);
    if (refusal !== undefined) return refusalResponse(refusal);
    const request = toRequest(incoming, url, signal);
    if (request === undefined) return refusalResponse(noRequest);
    return opensSession ? await openSession(request, guard) : await routes(request);
  };

  server.on('request', async (incoming, outgoing) => {
    const left = new AbortController();
    outgoing.once('close', () => left.abort());
    try {
      await send(await answer(incoming, left.signal), outgoing);
    } catch (error) {
      if (left.signal.aborted) return; // the page has gone in the middle
      log(`${incoming.method} ${incoming.url}: ${(error as Error).stack}\n`);
      if (!outgoing.headersSent) outgoing.writeHead(500, securityHeaders);
      outgoing.end();
    }
  });

  server.on('upgrade', async (incoming, socket, head) => {
    socket.on('error', () => {}); // gone while it was looked at
    const refusal =
      guard.checkOrigin(incoming.headers, true) ??
      guard.checkSession(incoming.headers) ??
      ((await isStranger(incoming.socket)) ? strangerRefused : undefined);
    if (refusal !== undefined || incoming.url !== '/socket') {
      const { status, message } = refusal ?? { status: 404, message: 'There is no such socket' };
      socket.end(`HTTP/1.1 ${status} Refused\r\nConnection: close\r\nContent-Type: text/plain\r\n\r\n${message}\n`);
      return;
    }
    sockets.handleUpgrade(incoming, socket, head, (page) => {
      page.on('error', () => {}); // a message too large or malformed: ws closes the socket, which is the answer
      host.connect(socketPort(page));
    });
  });

  return {
    port,
    link: `${origin}/#token=${guard.token}`,
    close: async () => {
      for (const page of sockets.clients) page.close(1001, 'The server ends');
      server.close();
      server.closeIdleConnections();
      await once(server, 'close');
    },
  };
}
