/** How the hub is reached: its address, who asks, and how patiently. From the environment, as Hugging Face's own tools read it. */
import { setTimeout as sleep } from 'node:timers/promises';
import { freeBytes } from '../../common/disk.ts';
import { DeptError } from '../../common/errors.ts';

export interface HubAccess {
  readonly endpoint: URL;
  /** Sent to the endpoint alone, and never shown. */
  readonly token?: string;
  /** Milliseconds without a byte after which a request is given up and made again. */
  readonly stallMs: number;
  /** Requests in a row that may fail before the whole does. */
  readonly retries: number;
  /** Rejects once the signal is aborted. */
  readonly wait: (ms: number, signal: AbortSignal) => Promise<unknown>;
  /** Bytes that may still be written to the disk of a folder, which need not be there yet. */
  readonly freeBytes: (folder: string) => number;
}

const TRUE = /^(1|on|yes|true)$/i;

function checkOnline(environment: NodeJS.ProcessEnv): void {
  const variable = ['HF_HUB_OFFLINE', 'TRANSFORMERS_OFFLINE'].find((name) => TRUE.test(environment[name] ?? ''));
  if (variable === undefined) return;
  throw new DeptError('unsupported', `Nothing is downloaded: ${variable} forbids the network`, {
    got: `${variable}=${environment[variable]}`,
    remedy: `Unset ${variable}, or add a folder that was downloaded elsewhere (dept models add).`,
  });
}

function endpointOf({ HF_ENDPOINT: text }: NodeJS.ProcessEnv): URL {
  const url = URL.parse(text || 'https://huggingface.co');
  if (url !== null && /^https?:$/.test(url.protocol) && url.username === '' && url.password === '') return url;
  throw new DeptError('bad-input', 'HF_ENDPOINT is not the address of a hub', {
    expected: 'an address such as https://huggingface.co, without user and password',
  });
}

function tokenOf({ HF_TOKEN: text }: NodeJS.ProcessEnv): { token?: string } {
  const token = text?.trim() ?? '';
  if (token === '') return {};
  if (/^[\x21-\x7e]+$/.test(token)) return { token };
  throw new DeptError('bad-input', 'HF_TOKEN is not a token: it holds characters that no token has', {
    expected: 'a token from the settings of your account on the hub, such as hf_...',
  });
}

/** `HF_ENDPOINT`, `HF_TOKEN`, `HF_HUB_OFFLINE`. Throws `unsupported` (offline) or `bad-input`. */
export function hubAccess(environment: NodeJS.ProcessEnv): HubAccess {
  checkOnline(environment);
  return {
    endpoint: endpointOf(environment),
    ...tokenOf(environment),
    stallMs: 30_000,
    retries: 6,
    wait: (ms, signal) => sleep(ms, undefined, { signal }),
    freeBytes,
  };
}
