/** Models from the hub: what a download would fetch, the download itself, and what was left of earlier ones. */
import type { z } from 'zod';
import type { JobHooks } from '../contract/jobs.ts';
import type { Model, PullPlan, pullModelSchema, UnfinishedDownload } from '../contract/models.ts';
import { hubAccess } from '../weights/hub/hub-access.ts';
import { neededBytes, type PreparedPull, preparePull, pullModel } from '../weights/hub/pull.ts';
import { listUnfinished } from '../weights/hub/unfinished.ts';
import { asModel } from './models.ts';

export { discardDownload } from '../weights/hub/unfinished.ts';

type PullParams = z.output<typeof pullModelSchema>;

function asPlan(pull: PreparedPull): PullPlan {
  const { name, bytes, present, free, plan } = pull;
  const { repo, commit, kind, licence } = plan;
  return {
    name,
    repo,
    commit,
    kind,
    ...(licence !== undefined && { licence }),
    files: plan.files.map(({ name: file, size }) => ({ name: file, size })),
    bytes,
    present,
    free,
    needed: neededBytes(pull),
  };
}

/** Throws as `hubAccess` and `preparePull`. */
export async function planModelPull(
  home: string,
  request: PullParams,
  environment: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<PullPlan> {
  return asPlan(await preparePull(hubAccess(environment), home, request, signal));
}

/** Throws as `hubAccess` and `pullModel`. */
export async function pullIntoLibrary(
  home: string,
  request: PullParams,
  environment: NodeJS.ProcessEnv,
  { signal = new AbortController().signal, progress }: JobHooks,
  planned?: (plan: PullPlan) => void,
): Promise<Model> {
  const task = 'Downloading';
  progress?.({ task: 'Asking the hub', done: 0, unit: 'files' });
  const model = await pullModel(hubAccess(environment), home, request, {
    signal,
    planned: (pull) => planned?.(asPlan(pull)),
    progress: (done, total, note) => progress?.({ task, done, total, unit: 'bytes', note }),
  });
  return asModel(model);
}

export function listDownloads(home: string): { downloads: UnfinishedDownload[] } {
  const downloads = listUnfinished(home).map(({ name, requested, plan, bytes, present, active }) => ({
    name,
    requested: { ...requested },
    repo: plan.repo,
    bytes,
    present,
    active,
  }));
  return { downloads };
}
