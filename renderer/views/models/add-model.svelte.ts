/** A model on its way into the library: what was typed, and the job that carries it out. */
import { AskedJob } from '../../state/asked-job.svelte.ts';

export class AddModel {
  folder = $state('');
  /** Empty: the folder's own. */
  name = $state('');
  readonly work = new AskedJob('models.add');

  start(): Promise<void> {
    const name = this.name.trim();
    return this.work.start({ folder: this.folder.trim(), ...(name !== '' && { name }) });
  }

  /** For the next one. What was typed goes only if it worked. */
  settle(): void {
    if (this.work.job?.state === 'done') {
      this.folder = '';
      this.name = '';
    }
    this.work.leave();
  }
}
