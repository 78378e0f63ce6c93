/** Where a run's evaluations lie, `evaluations/<split>-<step>-<hash>/`, and which of them a rewind outdates. */
import { join } from 'node:path';
import { listFolders, removeFolderAtomic, removeLeftovers } from '../common/folders.ts';

/** `run` is the run's folder. */
export function evaluationsFolder(run: string): string {
  return join(run, 'evaluations');
}

/** The step in an evaluation's id; undefined where it is not one. */
function stepOf(id: string): number | undefined {
  const step = /-(\d+)-[0-9a-f]{8}$/.exec(id)?.[1];
  return step === undefined ? undefined : Number(step);
}

/** Removes the evaluations of checkpoints after `step`: training will come to those steps anew. */
export function removeEvaluationsAfter(run: string, step: number): void {
  const parent = evaluationsFolder(run);
  removeLeftovers(parent);
  for (const id of listFolders(parent)) if ((stepOf(id) ?? 0) > step) removeFolderAtomic(join(parent, id));
}
