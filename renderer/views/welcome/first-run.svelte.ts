/** A first training run on the sample dataset, from the press of the button to the run's page. */

import { type ErrorRecord, toErrorRecord } from '../../../engine/contract/errors.ts';
import { isOver, type JobRecord } from '../../../engine/contract/job-records.ts';
import { layOver } from '../../../engine/contract/parse-config.ts';
import { presets } from '../../../engine/contract/presets.ts';
import { computingFields } from '../../lib/config-defaults.ts';
import { appSettings } from '../../state/app-settings.svelte.ts';
import { connection } from '../../state/connection.svelte.ts';
import { jobs } from '../../state/jobs.svelte.ts';
import { router } from '../../state/router.svelte.ts';

export type Task = 'vqa' | 'caption';

export class FirstRun {
  task = $state<Task>('vqa');
  /** Pressed before the sample was drawn: it begins as soon as it is. */
  wanted = $state(false);
  error = $state.raw<ErrorRecord>();
  #starting = $state(false);
  #id = $state<string>();
  readonly #sample: () => string | undefined;
  /** The job, as long as it has no run to go to. */
  readonly job: JobRecord | undefined = $derived(jobs.list.find(({ id }) => id === this.#id));
  readonly busy: boolean = $derived(this.wanted || this.#starting || (this.job !== undefined && !isOver(this.job)));

  /** To be made while a component is set up. `sample` gives the name of the sample dataset once it can be used. */
  constructor(sample: () => string | undefined) {
    this.#sample = sample;
    $effect(() => {
      const dataset = this.#sample();
      if (this.wanted && dataset !== undefined) void this.#start(dataset);
    });
    $effect(() => {
      if (this.job?.run !== undefined) {
        jobs.watched.delete(this.job.id);
        router.go('run', { run: this.job.run });
      } else if (this.job?.error !== undefined) this.error = this.job.error;
    });
  }

  start(): void {
    this.error = undefined;
    this.#id = undefined;
    this.wanted = true;
  }

  async #start(dataset: string): Promise<void> {
    this.wanted = false;
    this.#starting = true;
    try {
      const job = await connection.start('train', {
        config: layOver(presets.quick(this.task), {
          dataset: { name: dataset },
          ...computingFields(appSettings.value),
        }),
      });
      jobs.put(job);
      jobs.watched.add(job.id);
      this.#id = job.id;
    } catch (cause) {
      this.error = toErrorRecord(cause);
    } finally {
      this.#starting = false;
    }
  }
}
