/** Adapters from elsewhere that are kept: `<home>/adapters/<name>/` holds each one's files as they came. */
import { existsSync } from 'node:fs';
import { copyFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { DeptError } from '../common/errors.ts';
import { fillFolderAtomic, listFolders, removeFolderAtomic, removeLeftovers } from '../common/folders.ts';
import { checkName } from '../common/names.ts';
import { nearest } from '../common/nearest.ts';
import { type Adapter, PROJECTION_FILE, readAdapter } from './adapter.ts';
import { CONFIG_FILE } from './adapter-config.ts';

export interface KeptAdapter {
  readonly name: string;
  readonly adapter: Adapter;
}

export interface AdapterList {
  readonly adapters: readonly KeptAdapter[];
  /** Folders that are there but cannot be used, with the reason. */
  readonly broken: readonly { readonly name: string; readonly error: DeptError }[];
}

export function adaptersFolder(home: string): string {
  return join(home, 'adapters');
}

export function hasAdapter(home: string, name: string): boolean {
  return listFolders(adaptersFolder(home)).includes(name);
}

/** By name. */
export function listAdapters(home: string): AdapterList {
  const adapters: KeptAdapter[] = [];
  const broken: { name: string; error: DeptError }[] = [];
  for (const name of listFolders(adaptersFolder(home))) {
    try {
      adapters.push({ name, adapter: readAdapter(join(adaptersFolder(home), name)) });
    } catch (error) {
      if (!(error instanceof DeptError)) throw error;
      broken.push({ name, error });
    }
  }
  return { adapters, broken };
}

/** The folder of an adapter that is kept. Throws `not-found`. */
function folderOf(home: string, name: string): string {
  const names = listFolders(adaptersFolder(home));
  if (names.includes(name)) return join(adaptersFolder(home), name);
  const meant = nearest(name, names);
  throw new DeptError('not-found', `There is no adapter '${name}'`, {
    expected: names.length === 0 ? 'an adapter that was imported (there is none yet)' : `one of ${names.join(', ')}`,
    ...(meant !== undefined && { remedy: `Use '${meant}'.` }),
  });
}

/** Throws `not-found`, and the errors of `readAdapter`. */
export function openAdapter(home: string, name: string): Adapter {
  return readAdapter(folderOf(home, name));
}

/**
 * Takes the adapter in a folder under `name` (by default the folder's own): its configuration, its weights, and a visual
 * projection that lies beside them. It appears whole or not at all.
 * @throws DeptError 'bad-input' for a name that cannot be, 'already-exists', and the errors of `readAdapter`.
 */
export async function addAdapter(home: string, folder: string, name = basename(resolve(folder))): Promise<KeptAdapter> {
  checkName(name, 'adapter');
  const { weights } = readAdapter(folder);
  const target = join(adaptersFolder(home), name);
  if (existsSync(target)) {
    throw new DeptError('already-exists', `There is an adapter '${name}' already`, {
      path: target,
      remedy: 'Remove it first, or give the new one another name.',
    });
  }
  removeLeftovers(adaptersFolder(home));
  const files = [CONFIG_FILE, basename(weights.path), PROJECTION_FILE].filter((file) => existsSync(join(folder, file)));
  await fillFolderAtomic(target, async (temporary) => {
    for (const file of files) await copyFile(join(folder, file), join(temporary, file));
    readAdapter(temporary); // what was looked at before may have changed
  });
  return { name, adapter: readAdapter(target) };
}

/** Throws `not-found`. */
export function removeAdapter(home: string, name: string): void {
  removeFolderAtomic(folderOf(home, name));
}
