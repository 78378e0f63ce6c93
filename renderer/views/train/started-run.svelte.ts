/** A run that was just started, from the press of the button until it has a page of its own. */

import type { JobParams } from '../../../engine/contract/api.ts';
import type { ErrorRecord } from '../../../engine/contract/errors.ts';
import type { JobRecord } from '../../../engine/contract/job-records.ts';
import { AskedJob } from '../../state/asked-job.svelte.ts';
import { jobs } from '../../state/jobs.svelte.ts';
import { router } from '../../state/router.svelte.ts';

type TrainParams = JobParams<'train'>;

export class StartedRun {
  readonly #asked = new AskedJob('train');
  readonly job: JobRecord | undefined = $derived(this.#asked.job);
  readonly busy: boolean = $derived(this.#asked.busy);
  readonly error: ErrorRecord | undefined = $derived(this.#asked.error);
  /** Jobs that are done before it. */
  readonly ahead: readonly JobRecord[] = $derived(
    this.job?.state === 'queued'
      ? jobs.active.filter(({ id, call, created }) => {
          const shares = call === 'train' || call === 'resume' || call === 'evaluate';
          return shares && id !== this.job!.id && created <= this.job!.created;
        })
      : [],
  );

  /** To be made while a component is set up: goes to the run's page as soon as there is one. */
  constructor() {
    $effect(() => {
      const run = this.job?.run;
      if (run === undefined) return;
      this.#asked.leave();
      router.go('run', { run });
    });
    $effect(() => () => this.#asked.leave());
  }

  start(config: TrainParams['config']): Promise<void> {
    return this.#asked.start({ config });
  }
}
