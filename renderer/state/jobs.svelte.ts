/** The jobs that the tray and the views show. Whoever holds the connection fills the list and says how one is cancelled. */
import { isOver, type JobRecord } from '../../engine/contract/job-records.ts';

export interface JobActions {
  /** Asks a job to stop; the list shows it as stopping once the host has heard. */
  cancel(job: string): void;
  /** Holds training after its step, or lets it go on. */
  pause(job: string, paused: boolean): void;
  /** Takes a job that is over off the list. */
  dismiss(job: string): void;
  /** Goes on with a run that stopped or was interrupted. */
  resume(run: string): void;
}

class Jobs {
  /** Newest first. */
  list = $state.raw<readonly JobRecord[]>([]);
  readonly active: readonly JobRecord[] = $derived(this.list.filter((job) => !isOver(job)));
  readonly over: readonly JobRecord[] = $derived(this.list.filter(isOver));
  actions = $state.raw<JobActions>();
  /** Ids of jobs whose failure the view that started them shows itself: no message beside it. */
  readonly watched = new Set<string>();

  /** Puts a job in, or in its earlier record's place. */
  put(job: JobRecord): void {
    const rest = this.list.filter(({ id }) => id !== job.id);
    this.list = [...rest, job].sort((a, b) => b.created.localeCompare(a.created));
  }

  remove(id: string): void {
    this.list = this.list.filter((job) => job.id !== id);
  }
}

export const jobs = new Jobs();
