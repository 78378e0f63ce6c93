/** What the first page proposes: to watch the run at work, to go on with one that was cut off, or to use the newest one. Pure. */
import type { JobRecord } from '../../../engine/contract/job-records.ts';
import type { RunSummary } from '../../../engine/contract/runs.ts';
import { trains } from '../../lib/job-words.ts';

export type NextStep =
  /** A job trains, or waits for its turn; `run` once it has one. */
  | { readonly kind: 'watch'; readonly job: JobRecord; readonly run: RunSummary | undefined }
  /** Trained by another process of this machine, such as the command line. */
  | { readonly kind: 'elsewhere'; readonly run: RunSummary }
  | { readonly kind: 'resume' | 'use' | 'failed'; readonly run: RunSummary };

/** `runs` newest first, at least one; `active` jobs. A stopped run that never was saved is nothing to use. */
export function nextStep(runs: readonly RunSummary[], active: readonly JobRecord[]): NextStep | undefined {
  const job = active.findLast(trains);
  if (job !== undefined) return { kind: 'watch', job, run: runs.find(({ id }) => id === job.run) };
  const [run] = runs;
  if (run === undefined) return undefined;
  switch (run.state) {
    case 'running':
    case 'created':
      return { kind: 'elsewhere', run };
    case 'failed':
      return { kind: 'failed', run };
    case 'interrupted':
      return { kind: 'resume', run };
    case 'stopped':
      return { kind: run.best === undefined ? 'resume' : 'use', run };
    case 'finished':
      return { kind: 'use', run };
  }
}
