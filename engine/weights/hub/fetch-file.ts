/** One file from the hub into a folder: in parts over as many connections as it takes, and there only once it is whole and checked. */
import { existsSync, statSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { DeptError } from '../../common/errors.ts';
import { syncFolder } from '../../common/files.ts';
import { cancelled, Patience, shown, TemporaryFailure } from './failures.ts';
import type { HubAccess } from './hub-access.ts';
import type { ListedFile } from './listing.ts';
import { Corrupt, Part } from './part.ts';
import { type Answer, request } from './request.ts';

/** What is there of a file that is not whole yet. */
const PART_SUFFIX = '.part';

/** Bytes of a file that are in the folder. */
export function presentBytes(folder: string, { name, size }: ListedFile): number {
  if (existsSync(join(folder, name))) return size;
  const part = statSync(join(folder, name + PART_SUFFIX), { throwIfNoEntry: false });
  return Math.min(part?.size ?? 0, size);
}

/** A file and the address where it will always lie. */
export interface RemoteFile extends ListedFile {
  readonly url: URL;
}

export interface FetchHooks {
  readonly signal: AbortSignal;
  /** Bytes of the file that are there now. */
  readonly onBytes: (bytes: number) => void;
  /** Something for the person who waits: what takes longer, and why. */
  readonly onNote: (text: string) => void;
}

/** Whether an answer begins where the part ends. The whole file from its start is no mistake: some servers know no ranges. */
function beginsAt({ status, headers }: Answer): number | undefined {
  if (status === 200) return 0;
  const start = /^bytes (\d+)-/.exec(headers.get('content-range') ?? '')?.[1];
  return start === undefined ? undefined : Number(start);
}

/** One connection: appends what it brings. */
async function fetchSome(hub: HubAccess, url: URL, part: Part, patience: Patience, hooks: FetchHooks): Promise<void> {
  const range: Record<string, string> = part.size > 0 ? { range: `bytes=${part.size}-` } : {};
  const answer = await request(hub, url, hooks.signal, range);
  const start = beginsAt(answer);
  if (start !== part.size && part.size > 0) {
    await part.restart();
    hooks.onBytes(0);
  }
  if (start !== part.size) {
    answer.drop();
    throw new TemporaryFailure('an answer with another part of the file', url);
  }
  for await (const bytes of answer.chunks()) {
    if (hooks.signal.aborted) throw cancelled();
    await part.append(bytes);
    patience.progressed();
    hooks.onBytes(part.size);
  }
  if (part.size === start) throw new TemporaryFailure('an answer without content', url);
}

async function fillPart(hub: HubAccess, { url, ...file }: RemoteFile, part: Part, hooks: FetchHooks): Promise<void> {
  const patience = new Patience(hub, hooks.signal);
  while (part.size < file.size) {
    try {
      await fetchSome(hub, url, part, patience, hooks);
    } catch (error) {
      if (error instanceof TemporaryFailure) hooks.onNote(`${file.name}: ${error.message}. Trying again`);
      await patience.failed(error);
    }
  }
}

/** Gives back what is wrong with the bytes, if they are. */
async function fillAndCheck(
  hub: HubAccess,
  file: RemoteFile,
  path: string,
  hooks: FetchHooks,
): Promise<Corrupt | undefined> {
  if (existsSync(path)) hooks.onNote(`${file.name}: reading what is there`);
  const part = await Part.open(path, file, hooks.signal);
  try {
    await fillPart(hub, file, part, hooks);
    part.check();
    await part.sync();
    return undefined;
  } catch (error) {
    if (error instanceof Corrupt) return error;
    throw error;
  } finally {
    await part.close();
  }
}

/** Once more from the start where the bytes are wrong: a bad connection does that; a bad server does it twice. */
const TRIES = 2;

/**
 * Brings a file whole into `folder`, going on from the part that is there. Throws `cancelled` and keeps the part, the
 * errors of `request` and `Patience`, and `bad-file` for bytes that are twice not those that were announced.
 */
export async function fetchFile(hub: HubAccess, file: RemoteFile, folder: string, hooks: FetchHooks): Promise<void> {
  const target = join(folder, file.name);
  if (existsSync(target)) return; // it got its name when it was whole and checked
  const path = target + PART_SUFFIX;
  for (let tried = 1; ; tried += 1) {
    const corrupt = await fillAndCheck(hub, file, path, hooks);
    if (corrupt === undefined) break;
    await rm(path);
    hooks.onBytes(0);
    if (tried === TRIES) throw corruptError(file, corrupt);
    hooks.onNote(`${file.name}: ${corrupt.message}. Once more from its start`);
  }
  await rename(path, target);
  syncFolder(folder);
}

function corruptError(file: RemoteFile, { message }: Corrupt): DeptError {
  return new DeptError('bad-file', 'A file arrived damaged, twice', {
    path: shown(file.url),
    expected: `${file.size} bytes with ${file.digest.kind === 'git' ? 'git sha1' : 'sha256'} ${file.digest.hex}`,
    got: message,
    remedy: 'Try again later, or by another network: a proxy may change what passes. The other files are kept.',
  });
}
