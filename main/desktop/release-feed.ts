/** What the project's newest release is, from its feed: small, checked, compared by number. Nothing is downloaded but that. */
import { z } from 'zod';
import { DeptError } from '../../engine/common/errors.ts';
import type { ProjectPlace } from './project.ts';

const PATIENCE_MS = 10_000;
/** The feed of one release is a few kilobytes. */
const SIZE_LIMIT = 256 * 1024;

const versionPattern = /^v?(\d{1,6})\.(\d{1,6})\.(\d{1,6})$/;

const releaseSchema = z.object({
  tag_name: z.string().max(50).regex(versionPattern),
  html_url: z.url({ protocol: /^https$/ }).max(500),
});

export interface Release {
  readonly version: string;
  /** Where a person reads about it and downloads it. */
  readonly page: string;
}

function numbersOf(version: string): readonly number[] {
  const parts = versionPattern.exec(version);
  if (parts === null)
    throw new DeptError('bad-input', 'This is no released version', { expected: '1.2.3', got: version });
  return parts.slice(1).map(Number);
}

/** Whether the first version is newer than the second, by semantic versioning. */
export function isNewer(version: string, than: string): boolean {
  const [ours, others] = [numbersOf(version), numbersOf(than)];
  const first = ours.findIndex((number, place) => number !== others[place]);
  return first >= 0 && ours[first]! > others[first]!;
}

async function limitedText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength;
    if (size > SIZE_LIMIT)
      throw new DeptError('bad-file', 'The list of releases is too long', { expected: `${SIZE_LIMIT} bytes` });
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parseRelease(text: string, { page }: ProjectPlace): Release {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new DeptError('bad-file', 'The list of releases is not JSON', { cause });
  }
  const result = releaseSchema.safeParse(json);
  if (!result.success)
    throw new DeptError('bad-file', 'The list of releases has another form', { cause: result.error });
  const { tag_name: tag, html_url: address } = result.data;
  if (!address.startsWith(`${page}/releases/`)) {
    throw new DeptError('bad-file', 'The release lies elsewhere than the project', { expected: page, got: address });
  }
  return { version: tag.replace(/^v/, ''), page: address };
}

/** Asks once. Throws `bad-file` for what is no release of ours, `runtime-failed` where there is no answer. */
export async function fetchNewestRelease(place: ProjectPlace, fetch: typeof globalThis.fetch): Promise<Release> {
  let response: Response;
  try {
    response = await fetch(place.feed, {
      credentials: 'omit',
      redirect: 'error',
      cache: 'no-store',
      headers: { Accept: 'application/json' },
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
  } catch (cause) {
    throw new DeptError('runtime-failed', 'The list of releases cannot be reached', { path: place.feed, cause });
  }
  if (!response.ok) {
    throw new DeptError('runtime-failed', 'The list of releases is not given out', {
      path: place.feed,
      got: `${response.status}`,
    });
  }
  return parseRelease(await limitedText(response), place);
}
