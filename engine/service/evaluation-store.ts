/** A run's kept evaluations on disk: `evaluations/<id>/` with evaluation.json, items.sqlite and predictions.json. */
import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { writeError, writing } from '../common/disk.ts';
import { DeptError } from '../common/errors.ts';
import { syncFolder, writeAtomic, writeJsonAtomic } from '../common/files.ts';
import {
  beginFolder,
  listFolders,
  removeFolderAtomic,
  removeLeftovers,
  replaceFolder,
  restoreReplaced,
} from '../common/folders.ts';
import { readJson } from '../common/json.ts';
import { nearest } from '../common/nearest.ts';
import {
  type DecodingInForce,
  type EvaluationItem,
  type EvaluationRef,
  type EvaluationSummary,
  evaluationSummarySchema,
} from '../contract/evaluations.ts';
import type { Task } from '../contract/train-config.ts';
import { evaluationsFolder } from '../runs/evaluation-folders.ts';
import type { RunFolder } from '../runs/run-folder.ts';
import { openRun } from '../runs/run-library.ts';
import { EvaluationItemsFile, writeItems } from './evaluation-items.ts';

const RECORD = 'evaluation.json';
const ITEMS = 'items.sqlite';
const PREDICTIONS = 'predictions.json';

/** What makes two evaluations of a checkpoint the same. */
export interface EvaluationPlan {
  readonly split: string;
  readonly step: number;
  readonly decoding: DecodingInForce;
  readonly limit?: number | undefined;
}

export function evaluationId({ split, step, decoding, limit }: EvaluationPlan): string {
  const settings = [...Object.entries(decoding), ['limit', limit ?? null]].sort(([a], [b]) => (a! < b! ? -1 : 1));
  const hash = createHash('sha256').update(JSON.stringify(settings)).digest('hex');
  return `${split}-${step}-${hash.slice(0, 8)}`;
}

/** COCO's ids are numbers; other ids stay as they are. */
function officialId(id: string): number | string {
  return /^(0|[1-9]\d{0,14})$/.test(id) ? Number(id) : id;
}

/** The official result file: `[{question_id, answer}]` or `[{image_id, caption}]` (spec 5.1, 5.3). */
function resultFile(task: Task, items: readonly EvaluationItem[]): string {
  const rows = items.map(({ id, prediction }) =>
    task === 'vqa'
      ? { question_id: officialId(id), answer: prediction }
      : { image_id: officialId(id), caption: prediction },
  );
  return `${JSON.stringify(rows)}\n`;
}

/** Keeps an evaluation, in the place of an earlier one with its id. Throws `not-found` where its run was removed meanwhile. */
export function keepEvaluation(
  run: RunFolder,
  summary: EvaluationSummary,
  items: readonly EvaluationItem[],
): KeptEvaluation {
  run.record();
  const parent = evaluationsFolder(run.folder);
  removeLeftovers(parent);
  const folder = join(parent, summary.id);
  const temporary = writing(folder, () => beginFolder(folder));
  try {
    writeItems(join(temporary, ITEMS), items);
    writeAtomic(join(temporary, PREDICTIONS), resultFile(summary.task, items));
    writeJsonAtomic(join(temporary, RECORD), summary);
    replaceFolder(temporary, folder);
    syncFolder(parent);
  } catch (error) {
    throw writeError(error, folder);
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
  return new KeptEvaluation(run, summary.id);
}

/** One kept evaluation. Its summary and items are read when they are asked for. */
export class KeptEvaluation {
  readonly run: RunFolder;
  readonly id: string;

  constructor(run: RunFolder, id: string) {
    this.run = run;
    this.id = id;
  }

  get folder(): string {
    return join(evaluationsFolder(this.run.folder), this.id);
  }

  /** The official result file. */
  get predictionsPath(): string {
    return join(this.folder, PREDICTIONS);
  }

  /** Throws `not-found` or `bad-file`. */
  summary(): EvaluationSummary {
    const read = readJson(join(this.folder, RECORD), evaluationSummarySchema);
    return { ...read, run: this.run.id, id: this.id }; // as it is called now
  }

  /** Throws `bad-file`. */
  items(): EvaluationItemsFile {
    return new EvaluationItemsFile(join(this.folder, ITEMS));
  }

  remove(): void {
    removeFolderAtomic(this.folder);
  }
}

/** In no particular order. */
export function evaluationsOf(run: RunFolder): KeptEvaluation[] {
  const parent = evaluationsFolder(run.folder);
  restoreReplaced(parent);
  return listFolders(parent).map((id) => new KeptEvaluation(run, id));
}

/** Throws `not-found` for the run or the evaluation. */
export function openEvaluation(home: string, { run: runId, id }: EvaluationRef): KeptEvaluation {
  const run = openRun(home, runId);
  const all = evaluationsOf(run);
  const found = all.find((evaluation) => evaluation.id === id);
  if (found !== undefined) return found;
  const ids = all.map((evaluation) => evaluation.id);
  const meant = nearest(id, ids);
  throw new DeptError('not-found', `The run '${run.id}' has no evaluation '${id}'`, {
    expected: ids.length === 0 ? 'an evaluated run (this one has none yet)' : `one of ${ids.join(', ')}`,
    ...(meant === undefined ? {} : { remedy: `Use '${meant}'.` }),
  });
}
