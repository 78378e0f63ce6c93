/**
 * A hub on this machine: lists repositories and serves their files as huggingface.co does, big ones from a second address.
 * It keeps what it was asked, and misbehaves when told to.
 */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

export interface SeenRequest {
  readonly server: 'hub' | 'cdn';
  readonly path: string;
  readonly authorization: string | undefined;
  readonly range: string | undefined;
}

/** Answers one request for a file in its own way. */
export type Behaviour = (response: ServerResponse, content: Buffer, request: IncomingMessage) => void;

export interface Repo {
  readonly files: ReadonlyMap<string, Buffer>;
  readonly commit: string;
  /** Files of this many bytes and more are kept as LFS does, under their sha256, elsewhere. */
  readonly lfsFrom: number;
  readonly licence: string | undefined;
}

export type Files = Readonly<Record<string, string | Buffer>>;

const hex = (algorithm: string, ...parts: (string | Buffer)[]): string => {
  const hash = createHash(algorithm);
  for (const part of parts) hash.update(part);
  return hash.digest('hex');
};

/** The files of a folder, with others over them. */
export function filesOf(folder: string, others: Files = {}): Files {
  const names = readdirSync(folder).filter((name) => statSync(join(folder, name)).isFile());
  return { ...Object.fromEntries(names.map((name) => [name, readFileSync(join(folder, name))])), ...others };
}

/** The part of the content that a request asks for. */
function serve(response: ServerResponse, content: Buffer, request: IncomingMessage): void {
  const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
  const rest = content.subarray(start);
  const range = start > 0 ? { 'content-range': `bytes ${start}-${content.length - 1}/${content.length}` } : {};
  response.writeHead(start > 0 ? 206 : 200, { 'content-length': rest.length, ...range }).end(rest);
}

/** From here on the whole content is meant, whatever was asked for. */
const wholeWith = (change: (content: Buffer) => Buffer): Behaviour => {
  return (response, content) => {
    const sent = change(content);
    response.writeHead(200, { 'content-length': sent.length }).end(sent);
  };
};

export const behaviours = {
  status:
    (status: number, headers: Readonly<Record<string, string>> = {}): Behaviour =>
    (response) => {
      response.writeHead(status, headers).end('{}');
    },
  redirect:
    (location: string): Behaviour =>
    (response) => {
      response.writeHead(302, { location }).end();
    },
  /** Serves as asked, and drops the connection after `bytes`. */
  cut:
    (bytes: number): Behaviour =>
    (response, content, request) => {
      const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
      const range = { 'content-range': `bytes ${start}-${content.length - 1}/${content.length}` };
      response.writeHead(start > 0 ? 206 : 200, { 'content-length': content.length - start, ...range });
      response.write(content.subarray(start, start + bytes), () => response.destroy());
    },
  /** Serves `bytes` and then nothing, keeping the connection. */
  hang:
    (bytes: number, onHang: () => void): Behaviour =>
    (response, content) => {
      response.writeHead(200, { 'content-length': content.length });
      response.flushHeaders();
      response.write(content.subarray(0, bytes), onHang);
    },
  ignoreRange: wholeWith((content) => content),
  /** Says that the file ends after `bytes`, and ends it there. */
  short: (bytes: number): Behaviour => wholeWith((content) => content.subarray(0, bytes)),
  long: wholeWith((content) => Buffer.concat([content, Buffer.from('and more')])),
  corrupt: wholeWith((content) => {
    const copy = Buffer.from(content);
    copy[copy.length >> 1]! ^= 1;
    return copy;
  }),
  /** Another part than the one that was asked for. */
  wrongPart: (response: ServerResponse, content: Buffer): void => {
    const range = { 'content-range': `bytes 1-${content.length - 1}/${content.length}` };
    response.writeHead(206, range).end(content.subarray(1));
  },
} satisfies Record<string, Behaviour | ((...args: never[]) => Behaviour)>;

export class StandIn implements AsyncDisposable {
  readonly requests: SeenRequest[] = [];
  readonly #repos = new Map<string, Repo>();
  readonly #moved = new Map<string, string>();
  readonly #planned = new Map<string, Behaviour[]>();
  readonly #hub: Server;
  readonly #cdn: Server;
  /** Without this token everything is refused. */
  neededToken: string | undefined;
  /** Takes the place of every listing. */
  listing: Behaviour | undefined;

  private constructor() {
    this.#hub = createServer((request, response) => this.#answerAsHub(request, response));
    this.#cdn = createServer((request, response) => this.#answerAsCdn(request, response));
  }

  static async start(): Promise<StandIn> {
    const standIn = new StandIn();
    for (const server of [standIn.#hub, standIn.#cdn]) {
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
    }
    return standIn;
  }

  get endpoint(): string {
    return `http://127.0.0.1:${(this.#hub.address() as AddressInfo).port}`;
  }

  get cdn(): string {
    return `http://127.0.0.1:${(this.#cdn.address() as AddressInfo).port}`;
  }

  /** Puts a repository there, at a commit that follows from its files. */
  add(name: string, files: Files, options: Partial<Pick<Repo, 'lfsFrom' | 'licence'>> = {}): Repo {
    const contents = new Map(Object.entries(files).map(([file, content]) => [file, Buffer.from(content)]));
    const commit = hex('sha1', name, ...[...contents].flat());
    const repo = { files: contents, commit, lfsFrom: 10_000, licence: undefined, ...options };
    this.#repos.set(name, repo);
    return repo;
  }

  /** The repository of this name is now called otherwise. */
  move(from: string, to: string): void {
    this.#moved.set(from, to);
  }

  /** The next requests for the content of a file are answered so, one by one. */
  misbehave(file: string, ...planned: readonly Behaviour[]): void {
    this.#planned.set(file, [...planned]);
  }

  /** What was asked for the content of a file: the range of each request, `whole` without one. */
  ranges(file: string): string[] {
    const served = this.requests.filter(({ path }) => path.endsWith(`/${file}`));
    const last = served.at(-1)?.server;
    return served.filter(({ server }) => server === last).map(({ range }) => range ?? 'whole');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const server of [this.#hub, this.#cdn]) {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    }
  }

  #note(server: SeenRequest['server'], request: IncomingMessage): string {
    const { authorization, range } = request.headers;
    const [path] = request.url!.split('?');
    this.requests.push({ server, path: path!, authorization, range });
    return request.url!;
  }

  #answerAsHub(request: IncomingMessage, response: ServerResponse): void {
    const path = this.#note('hub', request);
    const { neededToken } = this;
    const refuse = (status: number, code: string): void => {
      response.writeHead(status, { 'x-error-code': code }).end(JSON.stringify({ error: code }));
    };
    if (neededToken !== undefined && request.headers.authorization !== `Bearer ${neededToken}`) {
      refuse(request.headers.authorization === undefined ? 401 : 403, 'GatedRepo');
      return;
    }
    const listed = /^\/api\/models\/(.+)\/revision\/([^?]+)\?blobs=true$/.exec(path);
    const file = /^\/(.+)\/resolve\/([0-9a-f]{40})\/([^/]+)$/.exec(path);
    const name = listed?.[1] ?? file?.[1] ?? '';
    const moved = this.#moved.get(name);
    if (moved !== undefined) {
      response.writeHead(307, { location: path.replace(name, moved) }).end();
      return;
    }
    const repo = this.#repos.get(name);
    if (repo === undefined) refuse(404, 'RepoNotFound');
    else if (listed) this.#list(response, name, repo, decodeURIComponent(listed[2]!), request);
    else this.#resolve(response, repo, file!, request);
  }

  #list(response: ServerResponse, id: string, repo: Repo, revision: string, request: IncomingMessage): void {
    if (this.listing !== undefined) {
      this.listing(response, Buffer.alloc(0), request);
      return;
    }
    if (revision !== 'main' && revision !== repo.commit) {
      response.writeHead(404, { 'x-error-code': 'RevisionNotFound' }).end('{}');
      return;
    }
    const siblings = [...repo.files].map(([rfilename, content]) => {
      const size = content.length;
      const blobId = hex('sha1', `blob ${size}\0`, content);
      const lfs = { sha256: hex('sha256', content), size, pointerSize: 130 };
      return { rfilename, size, blobId, ...(size >= repo.lfsFrom && { lfs }) };
    });
    const cardData = repo.licence === undefined ? undefined : { license: repo.licence };
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ _id: '1', id, modelId: id, sha: repo.commit, gated: false, siblings, cardData }));
  }

  #resolve(response: ServerResponse, repo: Repo, [, , commit, file]: RegExpExecArray, request: IncomingMessage): void {
    const content = repo.files.get(file!);
    if (content === undefined || commit !== repo.commit) {
      response.writeHead(404, { 'x-error-code': 'EntryNotFound' }).end('Entry not found');
      return;
    }
    if (content.length < repo.lfsFrom) {
      this.#serve(file!, response, content, request);
      return;
    }
    const sha = hex('sha256', content);
    response.writeHead(302, {
      location: `${this.cdn}/${sha}/${file}?signature=secret`,
      'x-linked-etag': `"${sha}"`,
      'x-linked-size': content.length,
      'x-repo-commit': commit,
    });
    response.end();
  }

  #answerAsCdn(request: IncomingMessage, response: ServerResponse): void {
    const [, sha, file] = this.#note('cdn', request).split('?')[0]!.split('/');
    const all = [...this.#repos.values()].flatMap(({ files }) => [...files.values()]);
    const content = all.find((bytes) => hex('sha256', bytes) === sha);
    if (content === undefined) response.writeHead(404).end();
    else this.#serve(file!, response, content, request);
  }

  #serve(file: string, response: ServerResponse, content: Buffer, request: IncomingMessage): void {
    const behave = this.#planned.get(file)?.shift() ?? serve;
    behave(response, content, request);
  }
}
