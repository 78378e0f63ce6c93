/** A run's checkpoints: `checkpoints/<step>/` folders, and `last.json` and `best.json` that name one each. */
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { DeptError, withRemedy } from '../common/errors.ts';
import { writeJsonAtomic } from '../common/files.ts';
import { listFolders, removeFolderAtomic, removeLeftovers, writeFolderAtomic } from '../common/folders.ts';
import { readJson } from '../common/json.ts';

const markSchema = z.object({
  step: z.int().min(0),
  metric: z.object({ name: z.string(), value: z.number() }).optional(),
});

/** Names a checkpoint, with the score it was given. */
export type CheckpointMark = z.infer<typeof markSchema>;

export type CheckpointChoice = 'best' | 'last' | number;

export class Checkpoints {
  readonly #run: string;

  /** `run` is the run's folder. */
  constructor(run: string) {
    this.#run = run;
  }

  get #parent(): string {
    return join(this.#run, 'checkpoints');
  }

  #markPath(which: 'best' | 'last'): string {
    return join(this.#run, `${which}.json`);
  }

  #mark(which: 'best' | 'last'): CheckpointMark | undefined {
    const path = this.#markPath(which);
    const remedy = 'Resume the run, which writes the file anew.';
    return existsSync(path) ? withRemedy(remedy, () => readJson(path, markSchema)) : undefined;
  }

  /** One that cannot be read names nothing. */
  #readableMark(which: 'best' | 'last'): CheckpointMark | undefined {
    try {
      return this.#mark(which);
    } catch (error) {
      if (error instanceof DeptError) return undefined;
      throw error;
    }
  }

  folder(step: number): string {
    return join(this.#parent, String(step));
  }

  has(step: number): boolean {
    return existsSync(this.folder(step));
  }

  /** Steps, ascending. */
  steps(): number[] {
    return listFolders(this.#parent)
      .filter((name) => /^\d+$/.test(name))
      .map(Number)
      .sort((a, b) => a - b);
  }

  /** Steps that a run may go on from, newest first: up to the last, or all where that is not known any more. */
  resumable(): number[] {
    const last = this.#readableMark('last')?.step ?? Number.POSITIVE_INFINITY;
    return this.steps()
      .filter((step) => step <= last)
      .reverse();
  }

  /** The newest complete checkpoint; undefined before the first one. */
  last(): CheckpointMark | undefined {
    return this.#mark('last');
  }

  best(): CheckpointMark | undefined {
    return this.#mark('best');
  }

  /** The chosen checkpoint; throws `not-found`. */
  find(choice: CheckpointChoice): { readonly step: number; readonly folder: string } {
    const step = typeof choice === 'number' ? choice : this.#mark(choice)?.step;
    if (step !== undefined && this.has(step)) return { step, folder: this.folder(step) };
    const steps = this.steps();
    throw new DeptError('not-found', `The run has no checkpoint '${choice}'`, {
      path: this.#run,
      expected: steps.length === 0 ? 'a run with a checkpoint (this one has none yet)' : `one of ${steps.join(', ')}`,
    });
  }

  /**
   * Saves a checkpoint: `fill` writes its files into an empty folder, which then gets its name; then `last.json` names
   * it. A kill in between leaves the one before as the last. A step is saved once: its state cannot have changed.
   */
  write(step: number, fill: (folder: string) => void, metric?: CheckpointMark['metric']): void {
    if (!this.has(step)) writeFolderAtomic(this.folder(step), fill);
    writeJsonAtomic(this.#markPath('last'), { step, metric });
  }

  /** Names a saved checkpoint the best. Throws `not-found`. */
  markBest(step: number, metric?: CheckpointMark['metric']): void {
    writeJsonAtomic(this.#markPath('best'), { step: this.find(step).step, metric });
  }

  /** Removes all checkpoints but these, the last and the best. */
  prune(keep: Iterable<number>): void {
    const kept = new Set([...keep, this.last()?.step, this.best()?.step]);
    for (const step of this.steps()) if (!kept.has(step)) removeFolderAtomic(this.folder(step));
  }

  /** Forgets everything after `step`, a saved one or 0, so that training can go on from there. Throws `not-found`. */
  rewind(step: number): void {
    removeLeftovers(this.#parent);
    if (step > 0 || this.has(0)) {
      this.find(step);
      if (this.#readableMark('last')?.step !== step) writeJsonAtomic(this.#markPath('last'), { step });
    } else {
      rmSync(this.#markPath('last'), { force: true });
    }
    const best = this.#readableMark('best');
    if (best === undefined || best.step > step || !this.has(best.step)) {
      rmSync(this.#markPath('best'), { force: true });
    }
    for (const saved of this.steps()) if (saved > step) removeFolderAtomic(this.folder(saved));
  }
}
