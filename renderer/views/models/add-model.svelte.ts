/** A model on its way into the library: what was typed, the job that carries it out, and why it did not work. */
import { type ErrorRecord, toErrorRecord } from '../../../engine/contract/errors.ts';
import { isOver, type JobRecord } from '../../../engine/contract/job-records.ts';
import { connection } from '../../state/connection.svelte.ts';
import { jobs } from '../../state/jobs.svelte.ts';

export class AddModel {
  folder = $state('');
  /** Empty: the folder's own. */
  name = $state('');
  #id = $state<string>();
  #refused = $state.raw<ErrorRecord>();
  #asking = $state(false);
  readonly job: JobRecord | undefined = $derived(jobs.list.find(({ id }) => id === this.#id));
  readonly busy: boolean = $derived(this.#asking || (this.job !== undefined && !isOver(this.job)));
  readonly error: ErrorRecord | undefined = $derived(
    this.#refused ?? (this.job?.state === 'cancelled' ? undefined : this.job?.error),
  );

  async start(): Promise<void> {
    this.#refused = undefined;
    this.#asking = true;
    try {
      const name = this.name.trim();
      const params = { folder: this.folder.trim(), ...(name !== '' && { name }) };
      const job = await connection.start('models.add', params);
      jobs.put(job);
      jobs.watched.add(job.id);
      this.#id = job.id;
    } catch (cause) {
      this.#refused = toErrorRecord(cause);
    } finally {
      this.#asking = false;
    }
  }

  /** For the next one. What was typed goes only if it worked. */
  settle(): void {
    if (this.job?.state === 'done') {
      this.folder = '';
      this.name = '';
    }
    // Closed while it is at work: its end is for the whole page to tell.
    if (this.busy && this.#id !== undefined) jobs.watched.delete(this.#id);
    this.#id = undefined;
    this.#refused = undefined;
  }
}
