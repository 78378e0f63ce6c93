/** Folders that appear whole or not at all: filled under a temporary name, then renamed. */
import { type Dirent, existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { writeError, writing } from './disk.ts';
import { DeptError } from './errors.ts';
import { preparedBy, syncFolder, temporaryName } from './files.ts';
import { isRunning } from './process.ts';

/** Makes the empty temporary folder that is to become `folder`. Fill it, then `commitFolder`; on failure remove it. */
export function beginFolder(folder: string): string {
  const temporary = temporaryName(folder);
  rmSync(temporary, { recursive: true, force: true });
  mkdirSync(temporary, { recursive: true });
  return temporary;
}

/** Gives a filled temporary folder its name. Throws `already-exists`. The files in it are the caller's to fsync. */
export function commitFolder(temporary: string, folder: string): void {
  if (existsSync(folder)) throw new DeptError('already-exists', 'There is such a folder already', { path: folder });
  renameSync(temporary, folder);
  syncFolder(dirname(folder));
}

/**
 * `beginFolder`, `fill`, `commitFolder`; nothing is left behind where one of them fails. Throws `already-exists`, `no-space` or
 * `no-access`, and what `fill` throws.
 */
export function writeFolderAtomic(folder: string, fill: (temporary: string) => void): void {
  const temporary = writing(folder, () => beginFolder(folder));
  try {
    fill(temporary);
    commitFolder(temporary, folder);
  } catch (error) {
    rmSync(temporary, { recursive: true, force: true });
    throw writeError(error, folder);
  }
}

/** `writeFolderAtomic` where filling takes a while. */
export async function fillFolderAtomic(folder: string, fill: (temporary: string) => Promise<void>): Promise<void> {
  const temporary = writing(folder, () => beginFolder(folder));
  try {
    await fill(temporary);
    commitFolder(temporary, folder);
  } catch (error) {
    rmSync(temporary, { recursive: true, force: true });
    throw writeError(error, folder);
  }
}

/** Marks a folder that another one is about to replace. */
const REPLACED = /\.replaced\.\d+\.tmp$/;

/**
 * Puts a filled temporary folder in the place of another, if there is one. A reader sees the old, for an instant none, then
 * the new; a failed rename brings the old one back, and `restoreReplaced` does where the process was killed in that instant.
 */
export function replaceFolder(temporary: string, folder: string): void {
  if (!existsSync(folder)) {
    renameSync(temporary, folder);
    return;
  }
  const old = temporaryName(`${folder}.replaced`);
  rmSync(old, { recursive: true, force: true });
  renameSync(folder, old);
  try {
    renameSync(temporary, folder);
  } catch (error) {
    renameSync(old, folder);
    throw error;
  }
  rmSync(old, { recursive: true, force: true });
}

/** Removes a folder so that no half of it is ever seen under its name. Throws `no-access`. */
export function removeFolderAtomic(folder: string): void {
  writing(folder, () => {
    const temporary = temporaryName(folder);
    rmSync(temporary, { recursive: true, force: true });
    renameSync(folder, temporary);
    rmSync(temporary, { recursive: true, force: true });
  });
}

const isVisibleFolder = (entry: Dirent): boolean =>
  entry.isDirectory() && !entry.name.startsWith('.') && preparedBy(entry.name) === undefined;

const entriesOf = (parent: string): Dirent[] =>
  existsSync(parent) ? readdirSync(parent, { withFileTypes: true }) : [];

/** The folders in `parent` that have their final name, hidden ones left out, sorted; none where `parent` is missing. */
export function listFolders(parent: string): string[] {
  return entriesOf(parent)
    .filter(isVisibleFolder)
    .map(({ name }) => name)
    .sort();
}

/** Those that processes which are gone have left. */
function leftoversAmong(entries: readonly Dirent[]): string[] {
  const isLeft = (processId: number | undefined): boolean => processId !== undefined && !isRunning(processId);
  return entries.map(({ name }) => name).filter((name) => isLeft(preparedBy(name)));
}

/** Gives the names of the folders that are there again. */
function restore(parent: string, left: readonly string[]): string[] {
  const restored: string[] = [];
  for (const name of left) {
    const final = name.replace(REPLACED, '');
    if (!REPLACED.test(name) || existsSync(join(parent, final))) continue;
    renameSync(join(parent, name), join(parent, final));
    restored.push(final);
  }
  return restored;
}

/** Brings back the folders in `parent` that processes which are gone were about to replace. */
export function restoreReplaced(parent: string): void {
  restore(parent, leftoversAmong(entriesOf(parent)));
}

/**
 * Removes the temporary files and folders that processes which are gone left in `parent`; a folder that was about to be replaced
 * comes back. Gives the folders that are then there, as `listFolders` but for their order: one listing serves both, since a
 * folder may hold a hundred thousand thumbnails.
 */
export function removeLeftovers(parent: string): string[] {
  const entries = entriesOf(parent);
  const left = leftoversAmong(entries);
  const restored = restore(parent, left);
  for (const name of left) rmSync(join(parent, name), { recursive: true, force: true });
  return [...entries.filter(isVisibleFolder).map(({ name }) => name), ...restored];
}
