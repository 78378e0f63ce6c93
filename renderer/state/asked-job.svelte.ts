/** A job that a dialog asks for and follows: where it is, and why it was not taken or did not work. */
import type { JobCall, JobParams } from '../../engine/contract/api.ts';
import { type ErrorRecord, toErrorRecord } from '../../engine/contract/errors.ts';
import { isOver, type JobRecord } from '../../engine/contract/job-records.ts';
import { connection } from './connection.svelte.ts';
import { jobs } from './jobs.svelte.ts';

export class AskedJob<Call extends JobCall> {
  readonly #call: Call;
  #id = $state<string>();
  #refused = $state.raw<ErrorRecord>();
  #asking = $state(false);
  readonly job: JobRecord | undefined = $derived(jobs.list.find(({ id }) => id === this.#id));
  readonly busy: boolean = $derived(this.#asking || (this.job !== undefined && !isOver(this.job)));
  readonly error: ErrorRecord | undefined = $derived(
    this.#refused ?? (this.job?.state === 'cancelled' ? undefined : this.job?.error),
  );

  constructor(call: Call) {
    this.#call = call;
  }

  async start(params: JobParams<Call>): Promise<void> {
    this.forget();
    this.#asking = true;
    try {
      const job = await connection.start(this.#call, params);
      jobs.put(job);
      jobs.watched.add(job.id);
      this.#id = job.id;
    } catch (cause) {
      this.refuse(cause);
    } finally {
      this.#asking = false;
    }
  }

  /** For what went wrong on the way to the job. */
  refuse(cause: unknown): void {
    this.#refused = toErrorRecord(cause);
  }

  /** For the next one: what was said of this one goes. */
  forget(): void {
    this.#id = undefined;
    this.#refused = undefined;
  }

  /** As `forget`, when the dialog is closed: the end of what is still at work is for the whole page to tell. */
  leave(): void {
    if (this.busy && this.#id !== undefined) jobs.watched.delete(this.#id);
    this.forget();
  }
}
