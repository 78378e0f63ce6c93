/** A run that was just started, from the press of the button until it has a page of its own. */
import { type ErrorRecord, toErrorRecord } from '../../../engine/contract/errors.ts';
import { isOver, type JobRecord } from '../../../engine/contract/job-records.ts';
import type { TrainConfig } from '../../../engine/contract/train-config.ts';
import { connection } from '../../state/connection.svelte.ts';
import { jobs } from '../../state/jobs.svelte.ts';
import { router } from '../../state/router.svelte.ts';

export class StartedRun {
  #asking = $state(false);
  #id = $state<string>();
  #refusal = $state.raw<ErrorRecord>();
  readonly job: JobRecord | undefined = $derived(jobs.list.find(({ id }) => id === this.#id));
  readonly busy: boolean = $derived(this.#asking || (this.job !== undefined && !isOver(this.job)));
  readonly error: ErrorRecord | undefined = $derived(this.#refusal ?? this.job?.error);
  /** Jobs that are done before it. */
  readonly ahead: readonly JobRecord[] = $derived(
    this.job?.state === 'queued'
      ? jobs.active.filter(({ id, call, created }) => {
          const shares = call === 'train' || call === 'resume' || call === 'evaluate';
          return shares && id !== this.#id && created <= this.job!.created;
        })
      : [],
  );

  /** To be made while a component is set up: goes to the run's page as soon as there is one. */
  constructor() {
    $effect(() => {
      if (this.job?.run !== undefined) router.go('run', { run: this.job.run });
    });
  }

  async start(config: TrainConfig): Promise<void> {
    this.#asking = true;
    this.#refusal = undefined;
    this.#id = undefined;
    try {
      const job = await connection.start('train', { config });
      jobs.put(job);
      this.#id = job.id;
    } catch (cause) {
      this.#refusal = toErrorRecord(cause);
    } finally {
      this.#asking = false;
    }
  }
}
