/** What goes wrong between here and the hub: what passes by itself, and what a person has to do something about. */
import { DeptError } from '../../common/errors.ts';
import type { HubAccess } from './hub-access.ts';

/** An address without its query: a redirect's can hold a signature. */
export function shown(url: URL): string {
  return `${url.origin}${url.pathname}`;
}

/** A failure that may be gone at the next try. */
export class TemporaryFailure extends Error {
  readonly url: URL;
  /** Seconds that the server asks to wait. */
  readonly retryAfter: number | undefined;

  constructor(reason: string, url: URL, retryAfter?: number) {
    super(reason);
    this.url = url;
    this.retryAfter = retryAfter;
  }

  toDeptError(): DeptError {
    const proxied = ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy'].some((name) => process.env[name]);
    const hint = proxied && !process.env.NODE_USE_ENV_PROXY ? ' Your proxy is used with NODE_USE_ENV_PROXY=1.' : '';
    return new DeptError('network-failed', 'The hub could not be reached', {
      path: shown(this.url),
      got: this.retryAfter ? `${this.message}, to be tried again in ${this.retryAfter} seconds` : this.message,
      remedy: `Try again later: what is there already is kept, and the download goes on from there.${hint}`,
    });
  }
}

export function cancelled(): DeptError {
  return new DeptError('cancelled', 'The download was stopped', {
    remedy: 'What is there is kept: the same download goes on from it.',
  });
}

/** The longest that a server may ask to wait before it counts as a refusal, in seconds. */
const LONGEST_WAIT = 120;
const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 30_000;

/** Counts failures in a row, pauses after each for longer, and gives up at last. */
export class Patience {
  readonly #hub: HubAccess;
  readonly #signal: AbortSignal;
  #failures = 0;

  constructor(hub: HubAccess, signal: AbortSignal) {
    this.#hub = hub;
    this.#signal = signal;
  }

  /** Something came through. */
  progressed(): void {
    this.#failures = 0;
  }

  /** Waits before the next try. Throws `network-failed` where there is to be none, `cancelled`, and whatever is not temporary. */
  async failed(error: unknown): Promise<void> {
    if (this.#signal.aborted) throw cancelled();
    if (!(error instanceof TemporaryFailure)) throw error;
    this.#failures += 1;
    const { retryAfter = 0 } = error;
    if (this.#failures > this.#hub.retries || retryAfter > LONGEST_WAIT) throw error.toDeptError();
    const pause = Math.min(FIRST_PAUSE_MS * 2 ** (this.#failures - 1), LONGEST_PAUSE_MS);
    try {
      await this.#hub.wait(Math.max(pause, retryAfter * 1000), this.#signal);
    } catch {
      throw cancelled();
    }
  }
}
