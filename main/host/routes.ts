/** What a page fetches besides its calls: its own files, pictures by id, uploads, exports. The same in every face. */
import { readFile } from 'node:fs/promises';
import { extname, join, relative, resolve, sep } from 'node:path';
import { DeptError, type ErrorCode } from '../../engine/common/errors.ts';
import { toErrorRecord } from '../../engine/contract/errors.ts';
import type { EngineHost } from './engine-host.ts';
import { UPLOAD_LIMIT } from './limits.ts';

export interface RoutesOptions {
  readonly host: Pick<EngineHost, 'ask' | 'storeDrop'>;
  /** The built page: `index.html` and its assets. */
  readonly rendererFolder: string;
}

export type Routes = (request: Request) => Promise<Response>;

const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data: blob:",
  "font-src 'self'",
  "connect-src 'self'",
  "object-src 'none'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
  "form-action 'none'",
].join('; ');

export const securityHeaders: Readonly<Record<string, string>> = {
  'Content-Security-Policy': contentSecurityPolicy,
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Permissions-Policy': 'camera=(), geolocation=(), microphone=()',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
};

const fileTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.webp': 'image/webp',
  '.woff2': 'font/woff2',
  '.json': 'application/json',
};

const statusOf: Partial<Record<ErrorCode, number>> = { 'not-found': 404, 'bad-input': 400, 'bad-file': 415 };

function respond(
  body: string | Uint8Array<ArrayBuffer> | null,
  status: number,
  headers: Record<string, string>,
): Response {
  return new Response(body, { status, headers: { ...securityHeaders, ...headers } });
}

export function jsonResponse(value: unknown, status = 200, headers: Record<string, string> = {}): Response {
  return respond(JSON.stringify(value), status, {
    'Content-Type': 'application/json',
    'Cache-Control': 'no-store',
    ...headers,
  });
}

/** An error as the page reads it; the status is for the browser's own list of requests. */
export function errorResponse(error: unknown): Response {
  const record = toErrorRecord(error);
  return jsonResponse({ error: record }, statusOf[record.code] ?? 500);
}

function notFound(): DeptError {
  return new DeptError('not-found', 'There is nothing at this address');
}

function sizeOf(url: URL): 'thumb' | 'view' {
  const size = url.searchParams.get('size') ?? 'view';
  if (size === 'thumb' || size === 'view') return size;
  throw new DeptError('bad-input', 'There is no such size of a picture', { expected: 'thumb or view', got: size });
}

/** The parts of a path, each decoded; an empty list for `/`. Throws `bad-input` for a malformed escape. */
function partsOf(url: URL): string[] {
  try {
    return url.pathname.split('/').slice(1).map(decodeURIComponent);
  } catch (cause) {
    throw new DeptError('bad-input', 'The address has a malformed escape', { got: url.pathname, cause });
  }
}

/** Reads no more than the limit, whatever the request says about its length. */
async function bodyOf(request: Request, limit: number): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request.body ?? []) {
    size += chunk.byteLength;
    if (size > limit) {
      throw new DeptError('bad-input', 'The upload is too large', { expected: `at most ${limit} bytes` });
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

export function createRoutes({ host, rendererFolder }: RoutesOptions): Routes {
  const root = resolve(rendererFolder);

  /** A file of the built page; names that leave the folder, by whatever spelling, are not found. */
  const ownFile = async (parts: readonly string[]): Promise<Response> => {
    const path = resolve(root, parts.join('/') === '' ? 'index.html' : join(...parts));
    const inside = relative(root, path);
    const type = fileTypes[extname(path)];
    if (inside.startsWith('..') || inside.includes(`..${sep}`) || parts.some((part) => part.includes('\0')))
      throw notFound();
    if (type === undefined) throw notFound();
    const bytes = await readFile(path).catch(() => {
      throw notFound();
    });
    const hashed = parts[0] === 'assets';
    const cache = hashed ? 'public, max-age=31536000, immutable' : 'no-cache';
    return respond(bytes, 200, { 'Content-Type': type, 'Cache-Control': cache });
  };

  /** `path` comes from the engine, which made the file. */
  const picture = async (request: Request, file: { path: string; type: string; etag: string }): Promise<Response> => {
    const headers = { 'Content-Type': file.type, ETag: file.etag, 'Cache-Control': 'private, max-age=60' };
    if (request.headers.get('If-None-Match') === file.etag) return respond(null, 304, headers);
    return respond(await readFile(file.path), 200, headers);
  };

  const download = (body: string, type: string, name: string): Response =>
    respond(body, 200, {
      'Content-Type': type,
      'Content-Disposition': `attachment; filename="${name}"`,
      'Cache-Control': 'no-store',
    });

  const get = async (request: Request, url: URL): Promise<Response> => {
    const [kind, ...rest] = partsOf(url);
    const { signal } = request;
    if (kind === 'media' && rest.length === 3) {
      const [dataset, split, key] = rest as [string, string, string];
      const params = { dataset, image: `${split}/${key}`, size: sizeOf(url) };
      return picture(request, await host.ask('media.picture', params, { signal }));
    }
    if (kind === 'uploads' && rest.length === 1) {
      return picture(request, await host.ask('media.upload', { upload: rest[0]!, size: sizeOf(url) }, { signal }));
    }
    if (kind === 'exports' && rest.length === 3) {
      const [run, evaluation, file] = rest as [string, string, string];
      if (file === 'predictions.json') {
        const { text } = await host.ask('evaluations.officialResult', { run, id: evaluation });
        return download(text, 'application/json', `${run}-${evaluation}.json`);
      }
      if (file === 'report.html') {
        const { html } = await host.ask('evaluations.report', { run, id: evaluation });
        return download(html, 'text/html; charset=utf-8', `${run}-${evaluation}.html`);
      }
    }
    return ownFile([kind ?? '', ...rest]);
  };

  const post = async (request: Request, url: URL): Promise<Response> => {
    const [kind, ...rest] = partsOf(url);
    if (kind === 'uploads' && rest.length === 0) {
      const bytes = await bodyOf(request, UPLOAD_LIMIT);
      return jsonResponse(await host.ask('media.storeUpload', { bytes }));
    }
    if (kind === 'drops' && rest.length >= 2) {
      const [drop, ...names] = rest as [string, ...string[]];
      return jsonResponse(await host.storeDrop(drop, names, request.body));
    }
    throw notFound();
  };

  return async (request) => {
    try {
      const url = new URL(request.url);
      if (request.method === 'GET' || request.method === 'HEAD') return await get(request, url);
      if (request.method === 'POST') return await post(request, url);
      throw new DeptError('bad-input', 'This is not a way to ask', { expected: 'GET or POST', got: request.method });
    } catch (error) {
      return errorResponse(error);
    }
  };
}
