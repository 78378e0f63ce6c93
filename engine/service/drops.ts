/** Folders that were dropped onto a page in a browser, copied into the home folder: they stay while a dataset lies in them. */
import { existsSync, statSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { listDatasets } from '../data/dataset.ts';
import { type DatasetInfo, dropsFolder } from '../data/dataset-info.ts';

/** A copy that no import has taken up by then was left. */
export const LEFT_AFTER_MS = 24 * 3600 * 1000;

/** Names of the drops that these datasets have pictures or annotations in. */
export function dropsOf(home: string, datasets: readonly DatasetInfo[]): ReadonlySet<string> {
  const inside = dropsFolder(home) + sep;
  const paths = datasets.flatMap(({ roots, parts }) => [
    ...roots,
    ...parts.flatMap(({ sources }) => sources.map(({ path }) => path)),
  ]);
  return new Set(
    paths.filter((path) => path.startsWith(inside)).map((path) => path.slice(inside.length).split(sep)[0]!),
  );
}

/**
 * Removes the drops that `isDue` names and no dataset lies in. Where a dataset cannot be read, none: what it lies in is
 * not known.
 */
export async function removeDrops(home: string, isDue: (drop: string) => boolean): Promise<void> {
  const folder = dropsFolder(home);
  if (!existsSync(folder)) return;
  const { datasets, broken } = listDatasets(home);
  if (broken.length > 0) return;
  const used = dropsOf(home, datasets);
  const due = (await readdir(folder)).filter((drop) => !used.has(drop) && isDue(drop));
  for (const drop of due) await rm(join(folder, drop), { recursive: true, force: true });
}

/** Removes the drops that no import took up within a day. */
export function removeLeftDrops(home: string, now = Date.now()): Promise<void> {
  return removeDrops(home, (drop) => now - statSync(join(dropsFolder(home), drop)).mtimeMs > LEFT_AFTER_MS);
}
