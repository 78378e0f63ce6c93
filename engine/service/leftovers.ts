/** What killed processes left anywhere in a home folder, removed when a program starts. */
import { join } from 'node:path';
import { writeError } from '../common/disk.ts';
import { DeptError } from '../common/errors.ts';
import { listFolders, removeLeftovers } from '../common/folders.ts';
import { homeFolders } from '../common/home-entries.ts';
import { datasetsFolder } from '../data/dataset-info.ts';
import { removeUnpublished } from '../data/draft.ts';
import { removeSpentDownloads } from '../weights/hub/unfinished.ts';

/** What may not be changed can still be read; what cannot be read is told of where it is listed. */
function unlessForbidden<Value>(folder: string, clean: () => Value): Value | undefined {
  try {
    return clean();
  } catch (cause) {
    const error = writeError(cause, folder);
    if (error instanceof DeptError) return undefined;
    throw error;
  }
}

function cleanBelow(folder: string, levels: number): void {
  const folders = unlessForbidden(folder, () => removeLeftovers(folder)) ?? [];
  if (levels > 0) for (const name of folders) cleanBelow(join(folder, name), levels - 1);
}

/**
 * Removes what processes that are gone have left: temporary files and folders, downloads that are of no more use, and files of
 * imports that no dataset names. What was about to be replaced comes back.
 */
export function removeAllLeftovers(home: string): void {
  cleanBelow(home, 0);
  unlessForbidden(home, () => removeSpentDownloads(home));
  cleanBelow(join(home, 'models', '.downloads'), 2);
  for (const [folder, levels] of Object.entries(homeFolders)) cleanBelow(join(home, folder), levels);
  const datasets = datasetsFolder(home);
  for (const name of unlessForbidden(datasets, () => listFolders(datasets)) ?? []) {
    const folder = join(datasets, name);
    unlessForbidden(folder, () => removeUnpublished(folder));
  }
}
