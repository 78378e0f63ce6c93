/** One request to the hub: redirects followed by our own rules, answers that are refusals turned into errors, silence noticed. */
import { DeptError } from '../../common/errors.ts';
import { shown, TemporaryFailure } from './failures.ts';
import type { HubAccess } from './hub-access.ts';

const MOST_REDIRECTS = 8;

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** Chunk by chunk. Throws `TemporaryFailure` where the connection is cut or falls silent. */
  readonly chunks: () => AsyncIterable<Uint8Array>;
  /** For an answer whose chunks are not wanted. */
  readonly drop: () => void;
}

function isLoopback({ hostname }: URL): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);
}

/** Plain http goes to the endpoint that was given as such, and from a hub on this machine to this machine. */
function checkScheme(url: URL, { endpoint }: HubAccess): void {
  const own = endpoint.protocol === 'http:' && url.protocol === 'http:';
  if (url.protocol === 'https:' || (own && url.origin === endpoint.origin)) return;
  if (own && isLoopback(endpoint) && isLoopback(url)) return;
  throw new DeptError('network-failed', 'The hub leads to an address that is not encrypted', {
    path: shown(url),
    expected: 'https',
  });
}

/** Seconds, from a number of them or a date. */
function retryAfterOf(headers: Headers): number | undefined {
  const text = headers.get('retry-after');
  if (text === null) return undefined;
  if (/^\d{1,9}$/.test(text)) return Number(text);
  const seconds = (Date.parse(text) - Date.now()) / 1000;
  return Number.isFinite(seconds) ? Math.max(0, seconds) : undefined;
}

/** The hub says why in a header; anybody without its own header speaks by the status alone. */
function refusalOf(url: URL, status: number, headers: Headers, { endpoint, token }: HubAccess): Error {
  const reason = headers.get('x-error-code') ?? '';
  const path = shown(url);
  const got = `status ${status}${/^[A-Za-z]{1,40}$/.test(reason) ? ` (${reason})` : ''}`;
  if (status === 408 || status === 429 || status >= 500) return new TemporaryFailure(got, url, retryAfterOf(headers));
  if (reason === 'GatedRepo') {
    return new DeptError('no-access', 'The owner of the model gives access one by one, and not to you so far', {
      path,
      got,
      remedy: `Ask for access on the model's page, make a token in ${endpoint.origin}/settings/tokens, and set HF_TOKEN to it.`,
    });
  }
  if (reason === 'RevisionNotFound') {
    return new DeptError('not-found', 'The model has no such revision', {
      path,
      got,
      remedy: 'Leave the revision out.',
    });
  }
  const isFile = !url.pathname.includes('/api/models/');
  if (reason === 'EntryNotFound' || (status === 404 && isFile && reason !== 'RepoNotFound')) {
    return new DeptError('not-found', 'The hub has no such file', {
      path,
      got,
      remedy: 'The repository may have been rewritten since the download began: discard it and begin anew.',
    });
  }
  if (status === 404 || reason === 'RepoNotFound') {
    return new DeptError('not-found', 'The hub has no such model, or it is private', {
      path,
      got,
      remedy: 'Check owner and name. A private model needs HF_TOKEN, a token of an account that may read it.',
    });
  }
  if (status === 401 || status === 403) {
    return new DeptError('no-access', 'The hub gives no access', {
      path,
      got,
      remedy: token
        ? `Check that HF_TOKEN is a token of ${endpoint.origin}/settings/tokens that may read this model.`
        : `Set HF_TOKEN to a token of an account that may read it, from ${endpoint.origin}/settings/tokens.`,
    });
  }
  return new DeptError('network-failed', 'The hub gave an answer that is none', { path, got });
}

/** Waits for a step of a request no longer than the hub may be silent. */
async function heard<Value>(step: Promise<Value>, abort: AbortController, hub: HubAccess): Promise<Value> {
  const over = new AbortController();
  const { promise: silence, reject } = Promise.withResolvers<never>();
  const stalled = (): void => {
    reject(new Error(`nothing came for ${Math.round(hub.stallMs / 1000)} seconds`));
    abort.abort();
  };
  void hub.wait(hub.stallMs, over.signal).then(stalled, () => {});
  try {
    return await Promise.race([step, silence]);
  } finally {
    over.abort();
  }
}

/** `fetch` says `fetch failed`; why is in the cause. */
function temporary(error: unknown, url: URL): TemporaryFailure {
  const { cause, message } = error as Error;
  return new TemporaryFailure(cause instanceof Error && cause.message !== '' ? cause.message : message, url);
}

async function* chunksOf(response: Response, url: URL, abort: AbortController, hub: HubAccess) {
  const reader = response.body?.getReader();
  if (reader === undefined) return;
  try {
    for (;;) {
      const { done, value } = await heard(reader.read(), abort, hub);
      if (done) return;
      yield value;
    }
  } catch (error) {
    throw temporary(error, url);
  } finally {
    abort.abort(); // whoever stops reading wants no more of it
  }
}

/**
 * Asks for an address and follows where it leads. The token goes to the endpoint alone. Throws `TemporaryFailure`, or
 * `no-access`, `not-found` and `network-failed` for what will not pass by itself.
 */
export async function request(
  hub: HubAccess,
  address: URL,
  signal: AbortSignal,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const abort = new AbortController();
  const stop = AbortSignal.any([signal, abort.signal]);
  let url = address;
  for (let redirects = 0; redirects <= MOST_REDIRECTS; redirects += 1) {
    checkScheme(url, hub);
    const authorization = hub.token !== undefined && url.origin === hub.endpoint.origin;
    let response: Response;
    try {
      const asked = fetch(url, {
        redirect: 'manual',
        signal: stop,
        headers: {
          'user-agent': 'dept-studio',
          'accept-encoding': 'identity', // bytes are counted, and compared with the size that was announced
          ...headers,
          ...(authorization && { authorization: `Bearer ${hub.token}` }),
        },
      });
      response = await heard(asked, abort, hub);
    } catch (error) {
      throw temporary(error, url);
    }
    const location = response.headers.get('location');
    if (response.status >= 300 && response.status < 400 && location !== null) {
      await response.body?.cancel();
      const next = URL.parse(location, url.href);
      if (next === null) throw refusalOf(url, response.status, response.headers, hub);
      url = next;
      continue;
    }
    if (response.status !== 200 && response.status !== 206 && response.status !== 416) {
      await response.body?.cancel();
      throw refusalOf(url, response.status, response.headers, hub);
    }
    const { status } = response;
    const answered = url;
    return {
      status,
      headers: response.headers,
      chunks: () => chunksOf(response, answered, abort, hub),
      drop: () => abort.abort(),
    };
  }
  throw new DeptError('network-failed', 'The hub leads round in a circle', {
    path: shown(address),
    got: `more than ${MOST_REDIRECTS} redirects`,
  });
}

/** All of a small answer as text. Throws as `request`, and `network-failed` where it is longer than `limit` bytes. */
export async function requestText(hub: HubAccess, address: URL, limit: number, signal: AbortSignal): Promise<string> {
  const { chunks } = await request(hub, address, signal);
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of chunks()) {
    size += chunk.byteLength;
    if (size > limit) {
      throw new DeptError('network-failed', 'The hub sends more than such an answer can hold', {
        path: shown(address),
        expected: `at most ${limit} bytes`,
      });
    }
    parts.push(chunk);
  }
  return Buffer.concat(parts).toString('utf8');
}
