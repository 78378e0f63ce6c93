/** One run's folder: its record, its growing logs, its checkpoints. The folder is the run's truth, for any process. */
import { existsSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { DeptError, type ErrorRecord, withRemedy } from '../common/errors.ts';
import { writeJsonAtomic } from '../common/files.ts';
import { removeLeftovers } from '../common/folders.ts';
import { readJson } from '../common/json.ts';
import { lockHolder, releaseLock, takeLock } from '../common/lock.ts';
import type { ProcessMark } from '../common/process.ts';
import { Checkpoints } from './checkpoints.ts';
import { removeEvaluationsAfter } from './evaluation-folders.ts';
import {
  appendJsonLine,
  filterJsonLines,
  type JsonLine,
  type JsonLines,
  lastJsonLine,
  readJsonLines,
} from './json-lines.ts';
import { isMeasurement, isStep } from './measurements.ts';
import { type RunRecord, type RunState, runRecordSchema } from './run-record.ts';

/** A line of `metrics.jsonl` or `samples.jsonl`: whatever was measured after `step` optimiser steps. */
export interface StepLine {
  readonly step: number;
  readonly [field: string]: unknown;
}

/** The files that grow: measurements, sample predictions, and what a person is told. */
export type RunLog = 'metrics' | 'samples' | 'log';

const noteSchema = z.object({ note: z.string() });

/** The process that trains a run holds the folder's lock: until it says how training ended, or lets go of the run. */
export class RunFolder implements Disposable {
  readonly folder: string;
  readonly checkpoints: Checkpoints;
  #isHeld = false;

  /** `folder` holds a `run.json`: get one from `createRun` or `openRun`. */
  constructor(folder: string) {
    this.folder = folder;
    this.checkpoints = new Checkpoints(folder);
  }

  get id(): string {
    return basename(this.folder);
  }

  /** `run.json` as it stands now. Throws `not-found` or `bad-file`. */
  record(): RunRecord {
    const remedy = 'Bring the file back from a copy, or remove the run: nothing else holds its settings.';
    return withRemedy(remedy, () => readJson(this.#recordPath, runRecordSchema));
  }

  state(): RunState {
    const { status } = this.record();
    return status === 'running' && this.holder() === undefined ? 'interrupted' : status;
  }

  /** The living process that trains the run. */
  holder(): ProcessMark | undefined {
    return lockHolder(this.#lock);
  }

  /** Says that this process trains the run. Throws `bad-input` where another one does. */
  start(): void {
    this.#hold();
    this.#update({ status: 'running', error: undefined });
  }

  /** Says how training ended. */
  finish(status: 'stopped' | 'finished'): void {
    this.#update({ status });
    this[Symbol.dispose]();
  }

  fail(error: ErrorRecord): void {
    this.#update({ status: 'failed', error: { ...error } });
    this[Symbol.dispose]();
  }

  /** Lets go of the run, whatever its record says: where it is `running` still, it counts as interrupted. */
  [Symbol.dispose](): void {
    if (this.#isHeld) releaseLock(this.#lock);
    this.#isHeld = false;
  }

  appendMetrics(line: StepLine): void {
    appendJsonLine(this.logPath('metrics'), line);
  }

  appendSample(line: StepLine): void {
    appendJsonLine(this.logPath('samples'), line);
  }

  /** Each line gets its time, in ISO 8601. */
  appendLog(level: 'info' | 'warning' | 'error', message: string): void {
    appendJsonLine(this.logPath('log'), { time: new Date().toISOString(), level, message });
  }

  /** The lines from byte `from` on; go on from `next` to follow a run that another process trains. */
  read(log: RunLog, from = 0): JsonLines {
    return readJsonLines(this.logPath(log), from);
  }

  /** The newest line that is as wanted; reads no more of the file than it must. */
  last(log: RunLog, isWanted: (value: JsonLine) => boolean): JsonLine | undefined {
    return lastJsonLine(this.logPath(log), isWanted);
  }

  /** What a person wrote about the run; undefined where nobody did. */
  note(): string | undefined {
    return existsSync(this.#notePath) ? readJson(this.#notePath, noteSchema).note : undefined;
  }

  /** A file of its own: `run.json` belongs to the process that trains. Empty: there is no note any more. */
  setNote(note: string): void {
    if (note === '') rmSync(this.#notePath, { force: true });
    else writeJsonAtomic(this.#notePath, { note });
  }

  /** Drops metrics and samples of later steps, and lines that a kill left half-written. */
  truncateMetrics(afterStep: number): void {
    const isKept = ({ step }: JsonLine): boolean => isStep(step) && step <= afterStep;
    filterJsonLines(this.logPath('metrics'), (line) => isMeasurement(line) && isKept(line));
    filterJsonLines(this.logPath('samples'), isKept);
    filterJsonLines(this.logPath('log'), () => true);
  }

  /**
   * Takes the run for this process, brings the folder to where it stood when `step` was saved (by default the last checkpoint;
   * 0 where there is none) and returns that step. Throws `bad-input` where another process trains the run, `not-found` for an unsaved step.
   */
  prepareResume(step = this.checkpoints.last()?.step ?? 0): number {
    this.#hold();
    removeLeftovers(this.folder);
    this.checkpoints.rewind(step);
    removeEvaluationsAfter(this.folder, step);
    this.truncateMetrics(step);
    return step;
  }

  get #notePath(): string {
    return join(this.folder, 'note.json');
  }

  get #lock(): string {
    return join(this.folder, 'lock');
  }

  get #recordPath(): string {
    return join(this.folder, 'run.json');
  }

  logPath(log: RunLog): string {
    return join(this.folder, `${log}.jsonl`);
  }

  #update(changes: Partial<RunRecord>): void {
    writeJsonAtomic(this.#recordPath, { ...this.record(), ...changes });
  }

  #hold(): void {
    if (this.#isHeld) return;
    if (!takeLock(this.#lock)) {
      throw new DeptError('bad-input', 'The run is being trained already', {
        path: this.folder,
        got: `running in process ${this.holder()?.processId ?? 'unknown'}`,
        remedy: 'Stop it there first.',
      });
    }
    this.#isHeld = true;
  }
}
