/** The jobs of this host: one after another in each lane, kept after their end until somebody dismisses them. */
import { randomUUID } from 'node:crypto';
import { DeptError } from '../../engine/common/errors.ts';
import type { JobCall } from '../../engine/contract/api.ts';
import { toErrorRecord } from '../../engine/contract/errors.ts';
import type { Lane } from '../../engine/contract/events.ts';
import { isOver, type JobRecord, type JobState } from '../../engine/contract/job-records.ts';
import type { Progress, TrainEvent } from '../../engine/contract/jobs.ts';
import { newsSchema } from '../../engine/contract/news.ts';
import { PaceMeter } from '../../engine/contract/pace.ts';

/** What is to be done: the call, and what a person calls it. */
export interface JobOrder {
  readonly call: JobCall;
  readonly params: unknown;
  readonly title: string;
  readonly about: Pick<JobRecord, 'run' | 'dataset' | 'model'>;
  readonly lane: Lane;
}

/** Carries out a call on its lane. */
export interface JobWork {
  readonly result: Promise<unknown>;
  pause(paused: boolean): void;
}

export interface JobBoardOptions {
  readonly begin: (order: JobOrder, signal: AbortSignal, onNews: (news: unknown) => void) => JobWork;
  readonly onChange: (job: JobRecord) => void;
  readonly onRemoved: (job: string) => void;
  readonly onTrainEvent: (job: JobRecord, event: TrainEvent) => void;
}

/** Progress is told at most so often, the last of it too: pages draw it, nobody counts it. */
const TELL_EVERY_MS = 200;
/** Jobs that are over and still listed. */
const KEPT = 50;

interface Job {
  record: JobRecord;
  readonly order: JobOrder;
  readonly abort: AbortController;
  readonly meter: PaceMeter;
  work?: JobWork;
  told: number;
  /** Tells what came since it was last told. */
  telling?: NodeJS.Timeout | undefined;
  ended: Promise<void>;
}

export class JobBoard {
  readonly #options: JobBoardOptions;
  readonly #jobs = new Map<string, Job>();
  /** The last job of each lane: the next one waits for it. */
  readonly #tails = new Map<Lane, Promise<void>>();

  constructor(options: JobBoardOptions) {
    this.#options = options;
  }

  /** Newest first. */
  list(): JobRecord[] {
    return [...this.#jobs.values()].map(({ record }) => record).reverse();
  }

  /** Jobs that are not over. */
  active(): JobRecord[] {
    return this.list().filter((record) => !isOver(record));
  }

  start(order: JobOrder): JobRecord {
    const record: JobRecord = {
      id: randomUUID(),
      call: order.call,
      title: order.title,
      state: 'queued',
      stopping: false,
      created: new Date().toISOString(),
      ...order.about,
    };
    const job: Job = {
      record,
      order,
      abort: new AbortController(),
      meter: new PaceMeter(),
      told: 0,
      ended: Promise.resolve(),
    };
    this.#jobs.set(record.id, job);
    const before = this.#tails.get(order.lane) ?? Promise.resolve();
    job.ended = before.then(() => this.#carryOut(job));
    this.#tails.set(order.lane, job.ended);
    this.#change(job, {});
    this.#forgetOldest();
    return job.record;
  }

  /** Asks a job to stop; one that waits ends at once. */
  cancel(id: string): JobRecord {
    const job = this.#find(id);
    if (isOver(job.record)) return job.record;
    job.abort.abort();
    if (job.record.state === 'queued') this.#end(job, 'cancelled', { error: stoppedBeforeStart.toRecord() });
    else this.#change(job, { stopping: true, state: 'running' });
    return job.record;
  }

  pause(id: string, paused: boolean): JobRecord {
    const job = this.#find(id);
    const { state, stopping } = job.record;
    if (job.order.lane !== 'work') throw new DeptError('bad-input', 'Only training and evaluation can be paused');
    if (stopping || (state !== 'running' && state !== 'paused')) {
      throw new DeptError('bad-input', `The job cannot be ${paused ? 'paused' : 'continued'} now`, { got: state });
    }
    job.work?.pause(paused);
    this.#change(job, { state: paused ? 'paused' : 'running' });
    return job.record;
  }

  /** Takes a job that is over off the list. */
  dismiss(id: string): void {
    const job = this.#find(id);
    if (!isOver(job.record)) throw new DeptError('bad-input', 'The job is still at work', { remedy: 'Stop it first.' });
    this.#remove(id);
  }

  /** Asks these jobs, all by default, to stop, and waits until they have. */
  async stop(which: (job: JobRecord) => boolean = () => true): Promise<void> {
    const chosen = this.active()
      .filter(which)
      .map(({ id }) => this.#jobs.get(id)!);
    for (const { record } of chosen) this.cancel(record.id);
    await Promise.all(chosen.map(({ ended }) => ended));
  }

  async #carryOut(job: Job): Promise<void> {
    if (isOver(job.record)) return;
    this.#change(job, { state: 'running', started: new Date().toISOString() });
    try {
      job.work = this.#options.begin(job.order, job.abort.signal, (news) => this.#hear(job, news));
      const result = await job.work.result;
      this.#end(job, 'done', { result });
    } catch (error) {
      const record = toErrorRecord(error);
      const state = record.code === 'cancelled' || record.code === 'interrupted' ? record.code : 'failed';
      this.#end(job, state, { error: record });
    }
  }

  #hear(job: Job, message: unknown): void {
    const news = newsSchema.parse(message);
    if (news.type === 'progress') {
      this.#progress(job, news.progress);
      return;
    }
    const { event } = news;
    if (event.type === 'start') this.#change(job, { run: event.run });
    if (event.type === 'step') {
      const { step: done, steps: total } = event;
      this.#progress(job, { task: 'Training', done, total, unit: 'steps' });
    }
    this.#options.onTrainEvent(job.record, event);
  }

  #progress(job: Job, progress: Progress): void {
    const now = performance.now();
    const { rate, secondsLeft } = job.meter.update(progress, now);
    const isNew = progress.task !== job.record.progress?.task;
    job.record = { ...job.record, progress, rate, secondsLeft };
    const wait = job.told + TELL_EVERY_MS - now;
    if (isNew || wait <= 0) this.#change(job, {});
    else job.telling ??= setTimeout(() => this.#change(job, {}), wait);
  }

  #end(job: Job, state: JobState, rest: Partial<JobRecord>): void {
    this.#change(job, { state, stopping: false, ended: new Date().toISOString(), secondsLeft: undefined, ...rest });
  }

  #change(job: Job, changes: Partial<JobRecord>): void {
    clearTimeout(job.telling);
    job.telling = undefined;
    job.record = { ...job.record, ...changes };
    job.told = performance.now();
    this.#options.onChange(job.record);
  }

  #forgetOldest(): void {
    const over = [...this.#jobs.values()].filter(({ record }) => isOver(record));
    for (const { record } of over.slice(0, Math.max(0, over.length - KEPT))) this.#remove(record.id);
  }

  #remove(id: string): void {
    this.#jobs.delete(id);
    this.#options.onRemoved(id);
  }

  #find(id: string): Job {
    const job = this.#jobs.get(id);
    if (job === undefined) throw new DeptError('not-found', 'There is no such job', { got: id });
    return job;
  }
}

const stoppedBeforeStart = new DeptError('cancelled', 'It was stopped before it began');
