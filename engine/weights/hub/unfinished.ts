/** Downloads that are under way, or were left: `models/.downloads/<name>/`, a record and the files that are there so far. */
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { DeptError } from '../../common/errors.ts';
import { writeJsonAtomic } from '../../common/files.ts';
import { listFolders, removeFolderAtomic, removeLeftovers } from '../../common/folders.ts';
import { readJson } from '../../common/json.ts';
import { lockHolder, releaseLock, takeLock } from '../../common/lock.ts';
import { presentBytes } from './fetch-file.ts';
import { isPlainFileName } from './file-names.ts';
import { commitSchema, digestSchema, sizeSchema } from './listing.ts';
import type { DownloadPlan } from './plan.ts';
import { isRepo, type RepoReference } from './repo-reference.ts';

const repo = z.string().refine(isRepo, 'is the name of no repository');

const recordSchema = z.object({
  /** As it was asked for: the repository may have another name by now, and the revision may have moved on. */
  requested: z.object({ repo, revision: z.string().optional() }),
  endpoint: z.string(),
  plan: z.object({
    repo,
    commit: commitSchema,
    kind: z.enum(['clip', 't5']),
    licence: z.string().optional(),
    files: z.array(
      z.object({
        name: z.string().refine(isPlainFileName, 'is no plain file name'),
        size: sizeSchema,
        digest: digestSchema,
      }),
    ),
  }),
});

type DownloadRecord = z.output<typeof recordSchema>;

export interface Unfinished {
  readonly name: string;
  readonly requested: RepoReference;
  readonly endpoint: string;
  readonly plan: DownloadPlan;
  readonly bytes: number;
  /** Of these: there already. */
  readonly present: number;
  /** Whether a process is at it. */
  readonly active: boolean;
}

function downloadsFolder(home: string): string {
  return join(home, 'models', '.downloads');
}

function recordPath(home: string, name: string): string {
  return join(downloadsFolder(home), name, 'download.json');
}

/** Held by the process that downloads. */
function lockPath(home: string, name: string): string {
  return join(downloadsFolder(home), name, 'lock');
}

/** Where the files of a download are gathered. */
export function filesFolder(home: string, name: string): string {
  return join(downloadsFolder(home), name, 'files');
}

function asUnfinished(home: string, name: string, { requested, endpoint, plan }: DownloadRecord): Unfinished {
  const folder = filesFolder(home, name);
  return {
    name,
    requested: { repo: requested.repo, ...(requested.revision !== undefined && { revision: requested.revision }) },
    endpoint,
    plan: { ...plan, licence: plan.licence },
    bytes: plan.files.reduce((sum, { size }) => sum + size, 0),
    present: plan.files.reduce((sum, file) => sum + presentBytes(folder, file), 0),
    active: isActive(home, name),
  };
}

/** Whether it can be gone on with: it was not killed before it was recorded, and the library has not its files already. */
function isUnfinished(home: string, name: string): boolean {
  return existsSync(recordPath(home, name)) && existsSync(filesFolder(home, name));
}

/** Undefined where there is none of this name. Throws `bad-file`. */
export function findUnfinished(home: string, name: string): Unfinished | undefined {
  if (!isUnfinished(home, name)) return undefined;
  return asUnfinished(home, name, readJson(recordPath(home, name), recordSchema));
}

export function listUnfinished(home: string): Unfinished[] {
  return listFolders(downloadsFolder(home)).flatMap((name) => findUnfinished(home, name) ?? []);
}

function isActive(home: string, name: string): boolean {
  return lockHolder(lockPath(home, name)) !== undefined;
}

/** Takes a download for this process. Throws `bad-input` where one is at it, be it this one. */
export function claimDownload(home: string, name: string): void {
  removeLeftovers(downloadsFolder(home));
  if (takeLock(lockPath(home, name))) return;
  throw new DeptError('bad-input', `'${name}' is being downloaded already`, {
    remedy: 'Wait for it, or stop it where it was started.',
  });
}

/** Says what a claimed download is of; the folder for its files is there afterwards. Files of another download go. */
export function recordDownload(
  home: string,
  name: string,
  download: Pick<Unfinished, 'requested' | 'endpoint' | 'plan'>,
): void {
  if (findUnfinished(home, name)?.plan.commit !== download.plan.commit) {
    rmSync(filesFolder(home, name), { recursive: true, force: true });
  }
  mkdirSync(filesFolder(home, name), { recursive: true });
  removeLeftovers(filesFolder(home, name)); // all that is in there becomes the model's folder
  writeJsonAtomic(recordPath(home, name), download);
}

/** Lets go of a download: it may be gone on with. */
export function leaveDownload(home: string, name: string): void {
  releaseLock(lockPath(home, name));
}

/** Removes the folder of a download whose files the library has taken. */
export function forgetDownload(home: string, name: string): void {
  removeFolderAtomic(join(downloadsFolder(home), name));
}

/** Removes what killed processes left of downloads that cannot be gone on with. */
export function removeSpentDownloads(home: string): void {
  const names = listFolders(downloadsFolder(home));
  for (const name of names) if (!isActive(home, name) && !isUnfinished(home, name)) forgetDownload(home, name);
}

/** Removes what is there of a download. Throws `not-found`, and `bad-input` while a process is at it. */
export function discardDownload(home: string, name: string): void {
  const known = listFolders(downloadsFolder(home));
  if (!known.includes(name)) {
    throw new DeptError('not-found', `There is no unfinished download '${name}'`, {
      expected: known.length === 0 ? 'one of them (there are none)' : known.join(', '),
    });
  }
  if (isActive(home, name)) {
    throw new DeptError('bad-input', `The download of '${name}' is under way`, { remedy: 'Stop it first.' });
  }
  forgetDownload(home, name);
}
