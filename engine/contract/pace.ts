/** How fast work goes, and when it will be done, from its progress reports. */
import type { Progress } from './jobs.ts';

export interface Pace {
  /** Units per second since the task began; 0 where nothing is known yet. */
  readonly rate: number;
  /** Missing where rate or total are not known, and at the end. */
  readonly secondsLeft?: number;
}

export class PaceMeter {
  #task = '';
  #start = { done: 0, time: 0 };

  /** `time` in milliseconds that only grow. Another task, or one that starts over, is measured anew. */
  update({ task, done, total }: Progress, time: number): Pace {
    if (task !== this.#task || done < this.#start.done) {
      this.#task = task;
      this.#start = { done, time };
    }
    const seconds = (time - this.#start.time) / 1000;
    const rate = seconds > 0 ? (done - this.#start.done) / seconds : 0;
    return rate > 0 && total !== undefined && done < total ? { rate, secondsLeft: (total - done) / rate } : { rate };
  }
}
