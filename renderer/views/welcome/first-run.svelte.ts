/** A first training run on the sample dataset, from the press of the button to the run's page. */
import type { ErrorRecord } from '../../../engine/contract/errors.ts';
import type { JobRecord } from '../../../engine/contract/job-records.ts';
import { layOver } from '../../../engine/contract/parse-config.ts';
import { presets } from '../../../engine/contract/presets.ts';
import { computingFields } from '../../lib/config-defaults.ts';
import { appSettings } from '../../state/app-settings.svelte.ts';
import { StartedRun } from '../train/started-run.svelte.ts';

export type Task = 'vqa' | 'caption';

export class FirstRun {
  task = $state<Task>('vqa');
  /** Pressed before the sample was drawn: it begins as soon as it is. */
  wanted = $state(false);
  readonly #started = new StartedRun();
  /** The job, as long as it has no run to go to. */
  readonly job: JobRecord | undefined = $derived(this.#started.job);
  readonly busy: boolean = $derived(this.wanted || this.#started.busy);
  readonly error: ErrorRecord | undefined = $derived(this.wanted ? undefined : this.#started.error);

  /** To be made while a component is set up. `sample` gives the name of the sample dataset once it can be used. */
  constructor(sample: () => string | undefined) {
    $effect(() => {
      const dataset = sample();
      if (!this.wanted || dataset === undefined) return;
      this.wanted = false;
      const own = { dataset: { name: dataset }, ...computingFields(appSettings.value) };
      void this.#started.start(layOver(presets.quick(this.task), own));
    });
  }

  start(): void {
    this.wanted = true;
  }
}
