/** What killed processes left anywhere in a home folder, removed when a program starts. */
import { join } from 'node:path';
import { writeError } from '../common/disk.ts';
import { DeptError } from '../common/errors.ts';
import { listFolders, removeLeftovers } from '../common/folders.ts';

/** Folders of a home in which files and folders are prepared, with how many levels of folders below them are such, too. */
const prepared = {
  '.': 0,
  models: 0,
  'models/.downloads': 1,
  adapters: 0,
  datasets: 4,
  features: 2,
  samples: 0,
  runs: 2,
  quantised: 1,
  widened: 1,
  uploads: 2,
  exports: 0,
} as const;

function cleanBelow(folder: string, levels: number): void {
  try {
    removeLeftovers(folder);
  } catch (cause) {
    const error = writeError(cause, folder);
    if (!(error instanceof DeptError)) throw error; // a home that may not be changed can still be read
  }
  if (levels > 0) for (const name of listFolders(folder)) cleanBelow(join(folder, name), levels - 1);
}

/** Removes the temporary files and folders of processes that are gone; what was about to be replaced comes back. */
export function removeAllLeftovers(home: string): void {
  for (const [folder, levels] of Object.entries(prepared)) cleanBelow(join(home, folder), levels);
}
