/** Which files of a dropped folder are copied for an import: those a dataset can consist of. Pure. */
import type { DroppedFile } from '../../lib/drops.ts';

/** The host takes nothing else (main/host/drops.ts). */
const kinds = /[^/]\.(json|jsonl|csv|tsv|jpe?g|png|webp|gif|tiff?|avif)$/i;

export interface DropPlan {
  readonly files: readonly DroppedFile[];
  readonly bytes: number;
  /** How many stay where they are: of other kinds, or hidden. */
  readonly left: number;
}

function isTaken(path: string): boolean {
  return kinds.test(path) && path.split('/').every((name) => !name.startsWith('.'));
}

export function planDrop(dropped: readonly DroppedFile[]): DropPlan {
  const files = dropped.filter(({ path }) => isTaken(path));
  const bytes = files.reduce((sum, { file }) => sum + file.size, 0);
  return { files, bytes, left: dropped.length - files.length };
}

/** The folder that holds all of them, where they come from one; undefined where files lie at the top. */
export function commonFolder(files: readonly DroppedFile[]): string | undefined {
  const tops = new Set(files.map(({ path }) => (path.includes('/') ? path.split('/')[0] : undefined)));
  return tops.size === 1 ? [...tops][0] : undefined;
}
