/** A model from the hub into the library: prepared, fetched file by file, checked, and there only when it is whole. */
import { checkSpace, writeError } from '../../common/disk.ts';
import { DeptError } from '../../common/errors.ts';
import { adoptModel, checkNameIsFree, type LibraryModel, modelsFolder } from '../library.ts';
import { cancelled } from './failures.ts';
import { fetchFile, presentBytes } from './fetch-file.ts';
import type { HubAccess } from './hub-access.ts';
import { fileAddress } from './listing.ts';
import { writeModelSource } from './model-source.ts';
import { type DownloadPlan, planDownload } from './plan.ts';
import { type PullRequest, readRequest } from './pull-request.ts';
import type { RepoReference } from './repo-reference.ts';
import {
  claimDownload,
  filesFolder,
  findUnfinished,
  forgetDownload,
  leaveDownload,
  recordDownload,
  type Unfinished,
} from './unfinished.ts';

export interface PreparedPull {
  readonly name: string;
  readonly requested: RepoReference;
  readonly plan: DownloadPlan;
  readonly bytes: number;
  /** Of these: there already, from a download that was left. */
  readonly present: number;
  /** Bytes free on the disk of the library. */
  readonly free: number;
}

export interface PullHooks {
  readonly signal: AbortSignal;
  /** Told once, before the first byte. */
  readonly planned?: (pull: PreparedPull) => void;
  /** Bytes of the whole that are there. */
  readonly progress: (done: number, total: number, note: string) => void;
}

/** Whether what is there is part of what is asked for. */
function goesOn({ requested, plan }: Unfinished, { repo, revision }: RepoReference): boolean {
  const sameRepo = repo === requested.repo || repo === plan.repo;
  return sameRepo && (revision === requested.revision || revision === plan.commit);
}

/** The plan of a download that was left; its commit stays what it was. Throws `already-exists` where it is of something else. */
function planThatWasLeft(home: string, name: string, requested: RepoReference): DownloadPlan | undefined {
  const left = findUnfinished(home, name);
  if (left === undefined || goesOn(left, requested)) return left?.plan;
  throw new DeptError('already-exists', `There is an unfinished download '${name}' of something else`, {
    got: `${left.plan.repo} at ${left.requested.revision ?? left.plan.commit}`,
    remedy: `Discard it (dept models discard ${name}), or give the new model another name.`,
  });
}

/**
 * What a download would fetch. Asks the hub, unless a download that was left tells. Throws as `planDownload`, `bad-input`
 * and `already-exists`.
 */
export async function preparePull(
  hub: HubAccess,
  home: string,
  request: PullRequest,
  signal: AbortSignal,
): Promise<PreparedPull> {
  const { name, requested } = readRequest(request, hub.endpoint.host);
  checkNameIsFree(home, name);
  const plan = planThatWasLeft(home, name, requested) ?? (await planDownload(hub, requested, signal));
  const folder = filesFolder(home, name);
  return {
    name,
    requested,
    plan,
    bytes: plan.files.reduce((sum, { size }) => sum + size, 0),
    present: plan.files.reduce((sum, file) => sum + presentBytes(folder, file), 0),
    free: hub.freeBytes(modelsFolder(home)),
  };
}

/** Left free for everything else that writes, and for what a file system takes for itself. */
const SPARE = 64e6;

/** Bytes that must be free before a download begins or goes on. */
export function neededBytes({ bytes, present }: Pick<PreparedPull, 'bytes' | 'present'>): number {
  return bytes - present + SPARE;
}

async function fetchAll(hub: HubAccess, home: string, pull: PreparedPull, hooks: PullHooks): Promise<void> {
  const { name, plan, bytes } = pull;
  const folder = filesFolder(home, name);
  const present = new Map(plan.files.map((file) => [file.name, presentBytes(folder, file)]));
  for (const [position, file] of plan.files.entries()) {
    const which = `${file.name}, file ${position + 1} of ${plan.files.length}`;
    const tell = (note: string): void => {
      const done = [...present.values()].reduce((sum, size) => sum + size, 0);
      hooks.progress(done, bytes, note);
    };
    tell(which);
    const url = fileAddress(hub, plan.repo, plan.commit, file.name);
    await fetchFile(hub, { ...file, url }, folder, {
      signal: hooks.signal,
      onNote: tell,
      onBytes: (size) => {
        present.set(file.name, size);
        tell(which);
      },
    });
  }
}

/**
 * Downloads a model, or goes on with it. Throws as `preparePull`, `fetchFile` and `adoptModel`; `bad-input` where it is being
 * downloaded already; `no-space`, where that can be told before a byte is fetched, and `no-access`. What is there after a
 * failure stays for the next time.
 */
export async function pullModel(
  hub: HubAccess,
  home: string,
  request: PullRequest,
  hooks: PullHooks,
): Promise<LibraryModel> {
  const pull = await preparePull(hub, home, request, hooks.signal);
  const { name, requested, plan } = pull;
  const { origin } = hub.endpoint;
  hooks.planned?.(pull);
  checkSpace(modelsFolder(home), neededBytes(pull), { what: 'the model', free: pull.free });
  const folder = filesFolder(home, name);
  claimDownload(home, name);
  try {
    recordDownload(home, name, { requested, endpoint: origin, plan });
    await fetchAll(hub, home, pull, hooks);
    writeModelSource(folder, { endpoint: origin, repo: plan.repo, commit: plan.commit });
    const model = adoptModel(home, folder, name);
    forgetDownload(home, name);
    return model;
  } catch (error) {
    leaveDownload(home, name);
    if (hooks.signal.aborted) throw cancelled();
    throw writeError(error, folder);
  }
}
