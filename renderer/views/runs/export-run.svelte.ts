/** A run on its way to another program: what was chosen, the job that carries it out, and what it wrote. */
import type { ExportFormat, ExportRequest, ExportResult } from '../../../engine/contract/adapters.ts';
import { jobResult } from '../../../engine/contract/job-results.ts';
import { AskedJob } from '../../state/asked-job.svelte.ts';

export class ExportRun {
  format = $state<ExportFormat>('onnx');
  /** `best`, `last` or a step, as the select has it. */
  checkpoint = $state('best');
  /** Empty: a folder of the home folder. */
  output = $state('');
  readonly work = new AskedJob('export');
  readonly result: ExportResult | undefined = $derived(this.work.job && jobResult(this.work.job, 'export'));

  start(run: string): Promise<void> {
    const chosen = this.checkpoint;
    const checkpoint: ExportRequest['checkpoint'] = chosen === 'best' || chosen === 'last' ? chosen : Number(chosen);
    const output = this.output.trim();
    return this.work.start({ run, checkpoint, format: this.format, ...(output !== '' && { output }) });
  }
}
