/** What the page says of jobs and of the engine's processes, and where a job's outcome is to be seen. Pure. */
import { type JobCall, jobCalls } from '../../engine/contract/api.ts';
import type { Lane } from '../../engine/contract/events.ts';
import { isOver, type JobRecord } from '../../engine/contract/job-records.ts';
import { jobResult } from '../../engine/contract/job-results.ts';
import { hrefOf } from './page-routes.ts';

export interface JobPlace {
  /** `Run`, `Evaluation`. */
  readonly label: string;
  readonly href: string;
}

/** Where to go on from a job: to what it makes, or has made. Undefined while there is nothing to see. */
export function placeOfJob(job: JobRecord): JobPlace | undefined {
  if (trains(job)) return job.run === undefined ? undefined : { label: 'Run', href: hrefOf('run', { run: job.run }) };
  const evaluated = jobResult(job, 'evaluate');
  if (evaluated !== undefined) {
    const { run, evaluation: id } = evaluated;
    return { label: 'Evaluation', href: hrefOf('evaluate', {}, { run, id }) };
  }
  const dataset = jobResult(job, 'datasets.import')?.dataset.name ?? jobResult(job, 'datasets.sample')?.dataset;
  if (dataset !== undefined) return { label: 'Dataset', href: hrefOf('dataset', { name: dataset }) };
  const model = jobResult(job, 'models.add', 'models.pull');
  return model && { label: 'Model', href: hrefOf('model', { name: model.name }) };
}

export function trains({ call }: Pick<JobRecord, 'call'>): boolean {
  return call === 'train' || call === 'resume';
}

/** The lane of a job: those of one lane go one after another. */
export function laneOf({ call }: Pick<JobRecord, 'call'>): Lane {
  return jobCalls[call as JobCall].lane;
}

/** Training that its process took along, newest first, where nothing was done about the run since. `list` is newest first. */
export function interruptedTraining(list: readonly JobRecord[]): JobRecord[] {
  const seen = new Set<string>();
  return list.filter((job) => {
    if (!trains(job) || job.run === undefined || seen.has(job.run)) return false;
    seen.add(job.run);
    return job.state === 'interrupted';
  });
}

const processes: Readonly<Record<Lane, string>> = {
  library: 'The process that reads runs and datasets',
  data: 'The import process',
  pictures: 'The process that makes thumbnails',
  work: 'The training process',
  try: "The playground's process",
  net: 'The process that downloads',
};

/** How a process came to its end, in a sentence: `The training process was killed by SIGKILL`. */
export function lossInWords(lane: Lane, reason = 'ended unasked'): string {
  return `${processes[lane]} ${reason.startsWith('killed') ? `was ${reason}` : reason}`;
}

/** What is told at a job's end; undefined where there is nothing to tell: it was stopped by hand, or the page says it elsewhere. */
export function endInWords(job: JobRecord): { readonly tone: 'good' | 'bad'; readonly text: string } | undefined {
  if (!isOver(job) || job.state === 'cancelled') return undefined;
  if (job.state === 'done') {
    const stopped = jobResult(job, 'train', 'resume')?.status === 'stopped';
    if (stopped) return { tone: 'good', text: `${job.title}: stopped and saved` };
    const isQuiet = job.call === 'datasets.sample' || job.call === 'datasets.thumbnails';
    return isQuiet ? undefined : { tone: 'good', text: `${job.title}: done` };
  }
  if (job.state === 'interrupted' && trains(job) && job.run !== undefined) return undefined;
  return { tone: 'bad', text: `${job.title}: ${job.error?.message ?? job.state}` };
}
