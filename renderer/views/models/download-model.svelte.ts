/** A model on its way from the hub: what was asked for, what would be downloaded, the job that does it, and why it did not work. */
import { type ErrorRecord, toErrorRecord } from '../../../engine/contract/errors.ts';
import { isOver, type JobRecord } from '../../../engine/contract/job-records.ts';
import type { PullPlan, UnfinishedDownload } from '../../../engine/contract/models.ts';
import { connection } from '../../state/connection.svelte.ts';
import { jobs } from '../../state/jobs.svelte.ts';
import { toasts } from '../../state/toasts.svelte.ts';

interface Request {
  readonly repo: string;
  readonly revision?: string;
  readonly name?: string;
}

export class DownloadModel {
  repo = $state('');
  /** Empty: the repository's own. */
  name = $state('');
  plan = $state.raw<PullPlan>();
  /** The hub is being asked for a plan. */
  planning = $state(false);
  #asking: AbortController | undefined;
  #id = $state<string>();
  #starting = $state(false);
  #refused = $state.raw<ErrorRecord>();
  readonly job: JobRecord | undefined = $derived(jobs.list.find(({ id }) => id === this.#id));
  readonly busy: boolean = $derived(this.#starting || (this.job !== undefined && !isOver(this.job)));
  readonly error: ErrorRecord | undefined = $derived(
    this.#refused ?? (this.job?.state === 'cancelled' ? undefined : this.job?.error),
  );

  /** Asks the hub what a download would fetch. */
  async ask(): Promise<void> {
    const own = new AbortController();
    this.#asking = own;
    this.#forgetJob();
    this.planning = true;
    try {
      const plan = await connection.call('models.planPull', this.#request(), { signal: own.signal });
      if (!own.signal.aborted) this.plan = plan;
    } catch (cause) {
      if (!own.signal.aborted) this.#refused = toErrorRecord(cause);
    } finally {
      if (this.#asking === own) this.planning = false;
    }
  }

  back(): void {
    this.plan = undefined;
    this.#forgetJob();
  }

  async start(): Promise<void> {
    this.#forgetJob();
    this.#starting = true;
    try {
      const job = await startDownload(this.#request());
      jobs.watched.add(job.id);
      this.#id = job.id;
    } catch (cause) {
      this.#refused = toErrorRecord(cause);
    } finally {
      this.#starting = false;
    }
  }

  /** For the next one: the dialog was closed. A download that is under way goes on, and its end is for the whole page to tell. */
  settle(): void {
    this.#asking?.abort();
    this.planning = false;
    if (this.busy && this.#id !== undefined) jobs.watched.delete(this.#id);
    if (this.busy || this.job?.state === 'done') {
      this.repo = '';
      this.name = '';
    }
    this.back();
  }

  #request(): Request {
    const name = this.name.trim();
    return { repo: this.repo.trim(), ...(name !== '' && { name }) };
  }

  #forgetJob(): void {
    this.#id = undefined;
    this.#refused = undefined;
  }
}

async function startDownload(request: Request): Promise<JobRecord> {
  const job = await connection.start('models.pull', request);
  jobs.put(job);
  return job;
}

/** Goes on with a download that was left. */
export async function resumeDownload({ name, requested }: UnfinishedDownload): Promise<void> {
  try {
    await startDownload({ ...requested, name });
  } catch (cause) {
    toasts.show('bad', toErrorRecord(cause).message);
  }
}
