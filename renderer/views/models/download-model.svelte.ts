/** A model on its way from the hub: what was asked for, what would be downloaded, and the job that does it. */
import { toErrorRecord } from '../../../engine/contract/errors.ts';
import type { PullPlan, UnfinishedDownload } from '../../../engine/contract/models.ts';
import { AskedJob } from '../../state/asked-job.svelte.ts';
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
  readonly work = new AskedJob('models.pull');

  /** Asks the hub what a download would fetch. */
  async ask(): Promise<void> {
    const own = new AbortController();
    this.#asking = own;
    this.work.forget();
    this.planning = true;
    try {
      const plan = await connection.call('models.planPull', this.#request(), { signal: own.signal });
      if (!own.signal.aborted) this.plan = plan;
    } catch (cause) {
      if (!own.signal.aborted) this.work.refuse(cause);
    } finally {
      if (this.#asking === own) this.planning = false;
    }
  }

  back(): void {
    this.plan = undefined;
    this.work.forget();
  }

  start(): Promise<void> {
    this.work.forget();
    return this.work.start(this.#request());
  }

  /** For the next one: the dialog was closed. A download that is under way goes on. */
  settle(): void {
    this.#asking?.abort();
    this.planning = false;
    if (this.work.busy || this.work.job?.state === 'done') {
      this.repo = '';
      this.name = '';
    }
    this.plan = undefined;
    this.work.leave();
  }

  #request(): Request {
    const name = this.name.trim();
    return { repo: this.repo.trim(), ...(name !== '' && { name }) };
  }
}

/** Goes on with a download that was left. */
export async function resumeDownload({ name, requested }: UnfinishedDownload): Promise<void> {
  try {
    jobs.put(await connection.start('models.pull', { ...requested, name }));
  } catch (cause) {
    toasts.show('bad', toErrorRecord(cause).message);
  }
}
