/** Requests and sockets as nobody's page would make them: paths as they are, messages of any shape. */
import { once } from 'node:events';
import { request } from 'node:http';
import type { BrowserContext } from 'playwright-core';
import { WebSocket } from 'ws';
import { type PageCalls, pageCalls } from '../../engine/contract/api.ts';
import { ContractClient } from '../../engine/contract/client.ts';
import { socketPort } from '../../main/server/socket-port.ts';

export interface Answer {
  readonly status: number;
  readonly body: string;
}

/** `Cookie` of a window that has the session. */
export async function cookieOf(context: BrowserContext): Promise<string> {
  return (await context.cookies()).map(({ name, value }) => `${name}=${value}`).join('; ');
}

/** The path is sent letter by letter: no dots are resolved, nothing is escaped. */
export async function ask(origin: string, path: string, cookie: string, body?: string): Promise<Answer> {
  const { port } = new URL(origin);
  const asked = request({
    host: '127.0.0.1',
    port,
    path,
    method: body === undefined ? 'GET' : 'POST',
    headers: { cookie, ...(body !== undefined && { origin }) },
  });
  asked.end(body);
  const [response] = await once(asked, 'response');
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk);
  return { status: response.statusCode, body: Buffer.concat(chunks).toString('latin1') };
}

/** A socket with the session. */
export async function openSocket(origin: string, cookie: string): Promise<WebSocket> {
  const socket = new WebSocket(`${origin.replace('http', 'ws')}/socket`, { headers: { cookie, origin } });
  await once(socket, 'open');
  return socket;
}

/** Asks as a page of this window does. */
export async function clientOf(origin: string, context: BrowserContext): Promise<ContractClient<PageCalls>> {
  const socket = await openSocket(origin, await cookieOf(context));
  return new ContractClient<PageCalls>(socketPort(socket), pageCalls);
}

/** Sends it, and gives the code that the socket is closed with. */
export async function closedBy(socket: WebSocket, message: string | Buffer): Promise<number> {
  socket.on('error', () => {}); // the end is told by `close`
  const closed = once(socket, 'close');
  socket.send(message);
  const [code] = await closed;
  return code;
}

/** Sends a text, and gives the answer to this id. */
export async function replyTo(socket: WebSocket, id: number, text: string): Promise<unknown> {
  const { promise, resolve } = Promise.withResolvers<unknown>();
  const hear = (data: unknown): void => {
    const reply = JSON.parse(String(data));
    if (reply.id === id && reply.type !== 'news') resolve(reply);
  };
  socket.on('message', hear);
  socket.send(text);
  const reply = await promise;
  socket.off('message', hear);
  return reply;
}

/** Sends a message, and gives the answer to its id. */
export function answerTo(
  socket: WebSocket,
  message: { readonly id: number; readonly [field: string]: unknown },
): Promise<unknown> {
  return replyTo(socket, message.id, JSON.stringify(message));
}
