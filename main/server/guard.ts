/** Who may ask the loopback server: a page of its own origin, opened with the link that was printed. */
import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/** Why a request is turned away, with its HTTP status. */
export interface Refusal {
  readonly status: 401 | 403 | 421;
  readonly message: string;
}

function same(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.byteLength === right.byteLength && timingSafeEqual(left, right);
}

export class Guard {
  /** In the link's fragment: it opens sessions. */
  readonly token = randomBytes(32).toString('base64url');
  /** In the cookie: a page that has it may ask. */
  readonly #session = randomBytes(32).toString('base64url');
  readonly #hosts: ReadonlySet<string>;
  readonly #cookie: string;

  /** Cookies are shared by all ports of a host, so the name tells the port. */
  constructor(port: number) {
    this.#hosts = new Set([`127.0.0.1:${port}`, `localhost:${port}`]);
    this.#cookie = `dept-${port}`;
  }

  /** For every request: a page of another site cannot reach us under its own name, nor send from there. */
  checkOrigin(headers: IncomingHttpHeaders, changes: boolean): Refusal | undefined {
    const { host, origin } = headers;
    if (host === undefined || !this.#hosts.has(host)) {
      return { status: 421, message: 'The Host is not this server: open the link that dept serve printed' };
    }
    if (origin !== undefined && origin !== `http://${host}`) {
      return { status: 403, message: 'Pages of another origin may not ask' };
    }
    if (origin === undefined && changes)
      return { status: 403, message: 'A request that changes something names its Origin' };
    const site = headers['sec-fetch-site'];
    if (site !== undefined && site !== 'same-origin' && site !== 'none') {
      return { status: 403, message: 'Pages of another site may not ask' };
    }
    return undefined;
  }

  /** For everything but the page's own files. */
  checkSession({ cookie = '' }: IncomingHttpHeaders): Refusal | undefined {
    const prefix = `${this.#cookie}=`;
    const own = cookie.split('; ').find((part) => part.startsWith(prefix));
    if (own !== undefined && same(own.slice(prefix.length), this.#session)) return undefined;
    return { status: 401, message: 'There is no session: open the link that dept serve printed' };
  }

  isToken(token: string): boolean {
    return same(token, this.token);
  }

  /** `Set-Cookie` of a new session. Scripts cannot read it, and no other site's request carries it. */
  get sessionCookie(): string {
    return `${this.#cookie}=${this.#session}; HttpOnly; SameSite=Strict; Path=/`;
  }
}
