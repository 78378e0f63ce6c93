/** How a run stands: what its folder says, and what the job of this host that trains it says. Pure. */
import { isOver, type JobRecord } from '../../../engine/contract/job-records.ts';
import type { RunSummary } from '../../../engine/contract/runs.ts';
import { trains } from '../../lib/job-words.ts';

/** The newest training job of this host that is about a run; `list` is newest first. */
export function jobOfRun(list: readonly JobRecord[], run: string): JobRecord | undefined {
  return list.find((job) => trains(job) && job.run === run);
}

export type ShownState = Exclude<RunSummary['state'], 'created'> | 'queued' | 'paused' | 'stopping';

export function shownState({ state }: Pick<RunSummary, 'state'>, job: JobRecord | undefined): ShownState {
  if (job !== undefined && !isOver(job)) {
    if (job.stopping) return 'stopping';
    if (job.state === 'queued' || job.state === 'paused') return job.state;
    return 'running';
  }
  return state === 'created' ? 'queued' : state;
}

/** True where it can go on from what it saved; a finished run is at its end. */
export function canResume({ state }: Pick<RunSummary, 'state'>, job: JobRecord | undefined): boolean {
  const isActive = job !== undefined && !isOver(job);
  return !isActive && (state === 'stopped' || state === 'interrupted' || state === 'failed');
}
