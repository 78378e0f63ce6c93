/** What killed processes left anywhere in a home folder, removed when a program starts. */
import { join } from 'node:path';
import { writeError } from '../common/disk.ts';
import { DeptError } from '../common/errors.ts';
import { removeLeftovers } from '../common/folders.ts';
import { homeFolders } from '../common/home-entries.ts';

function cleanBelow(folder: string, levels: number): void {
  let folders: string[] = [];
  try {
    folders = removeLeftovers(folder);
  } catch (cause) {
    const error = writeError(cause, folder);
    if (!(error instanceof DeptError)) throw error; // what may not be changed can still be read
  }
  if (levels > 0) for (const name of folders) cleanBelow(join(folder, name), levels - 1);
}

/** Removes the temporary files and folders of processes that are gone; what was about to be replaced comes back. */
export function removeAllLeftovers(home: string): void {
  cleanBelow(home, 0);
  cleanBelow(join(home, 'models', '.downloads'), 1);
  for (const [folder, levels] of Object.entries(homeFolders)) cleanBelow(join(home, folder), levels);
}
