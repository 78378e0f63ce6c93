/** A run on its way to another program: what was chosen, the job that carries it out, what it wrote, and why it did not work. */
import type { ExportFormat, ExportRequest, ExportResult } from '../../../engine/contract/adapters.ts';
import { type ErrorRecord, toErrorRecord } from '../../../engine/contract/errors.ts';
import { isOver, type JobRecord } from '../../../engine/contract/job-records.ts';
import { jobResult } from '../../../engine/contract/job-results.ts';
import { connection } from '../../state/connection.svelte.ts';
import { jobs } from '../../state/jobs.svelte.ts';

export class ExportRun {
  format = $state<ExportFormat>('onnx');
  /** `best`, `last` or a step, as the select has it. */
  checkpoint = $state('best');
  /** Empty: a folder of the home folder. */
  output = $state('');
  #id = $state<string>();
  #refused = $state.raw<ErrorRecord>();
  #asking = $state(false);
  readonly job: JobRecord | undefined = $derived(jobs.list.find(({ id }) => id === this.#id));
  readonly busy: boolean = $derived(this.#asking || (this.job !== undefined && !isOver(this.job)));
  readonly error: ErrorRecord | undefined = $derived(
    this.#refused ?? (this.job?.state === 'cancelled' ? undefined : this.job?.error),
  );
  readonly result: ExportResult | undefined = $derived(this.job && jobResult(this.job, 'export'));

  async start(run: string): Promise<void> {
    this.#refused = undefined;
    this.#asking = true;
    try {
      const chosen = this.checkpoint;
      const checkpoint: ExportRequest['checkpoint'] = chosen === 'best' || chosen === 'last' ? chosen : Number(chosen);
      const output = this.output.trim();
      const params = { run, checkpoint, format: this.format, ...(output !== '' && { output }) };
      const job = await connection.start('export', params);
      jobs.put(job);
      jobs.watched.add(job.id);
      this.#id = job.id;
    } catch (cause) {
      this.#refused = toErrorRecord(cause);
    } finally {
      this.#asking = false;
    }
  }

  /** For the next one: what was said of this one goes. */
  settle(): void {
    // Closed while it is at work: its end is for the whole page to tell.
    if (this.busy && this.#id !== undefined) jobs.watched.delete(this.#id);
    this.#id = undefined;
    this.#refused = undefined;
  }
}
