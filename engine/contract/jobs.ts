/** What long work tells while it runs, and how it is asked to stop. */
import type { Trial } from './devices.ts';
import type { Metrics } from './metrics.ts';

export interface Progress {
  /** What is being done, as a person would say it: `Computing visual features`. */
  readonly task: string;
  readonly done: number;
  /** Missing where it is not known yet. */
  readonly total?: number;
  /** What is counted, in the plural: `images`, `steps`. */
  readonly unit: string;
  /** A short remark on the present state: `loss 2.31`. */
  readonly note?: string;
}

/** Given to every long call; all parts are optional. */
export interface JobHooks {
  /** Called as often as the work likes: whoever listens thins out. */
  readonly progress?: (progress: Progress) => void;
  /**
   * Training answers an abort by saving and returning; other work throws `cancelled`. Either way it must give the event
   * loop a turn between its steps, or the request is never heard.
   */
  readonly signal?: AbortSignal;
  /** Awaited between two steps of the work: pending while it is to stand still, until it may go on or is aborted. */
  readonly unpaused?: () => Promise<void>;
}

export type TrainEvent =
  /** The run has its folder; `step` is 0 but for a resumed run. */
  | {
      readonly type: 'start';
      readonly run: string;
      readonly folder: string;
      readonly step: number;
      readonly steps: number;
    }
  | { readonly type: 'step'; readonly step: number; readonly steps: number; readonly loss: number }
  | { readonly type: 'evaluation'; readonly step: number; readonly metrics: Metrics; readonly best: boolean }
  | { readonly type: 'checkpoint'; readonly step: number; readonly folder: string };

export interface TrainHooks extends JobHooks {
  readonly event?: (event: TrainEvent) => void;
  /** For the device that a run asks for; without it the CPU is the only one. */
  readonly trial?: Trial;
}
