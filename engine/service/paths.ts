/** The folders of this machine, for a page that has no file dialog of its own. */
import type { Dirent } from 'node:fs';
import { existsSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join, parse, resolve } from 'node:path';
import { DeptError } from '../common/errors.ts';
import type { FolderList, FolderQuery } from '../contract/paths.ts';
import { pictureExtension } from '../data/picture-files.ts';
import { isCandidate } from '../data/sniff.ts';

const byName = new Intl.Collator('en', { numeric: true });

/** What a link leads to decides; one that leads nowhere counts as nothing. */
async function statOf(path: string) {
  return stat(path).catch(() => undefined);
}

async function entriesOf(path: string): Promise<Dirent[]> {
  try {
    return await readdir(path, { withFileTypes: true });
  } catch (cause) {
    const { code, message: got } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT') throw new DeptError('not-found', 'There is no such folder', { path, got, cause });
    if (code === 'ENOTDIR') {
      throw new DeptError('bad-input', 'This is a file, not a folder', { path, got, cause });
    }
    const remedy = code === 'EACCES' || code === 'EPERM' ? { remedy: 'Ask for the right to read it.' } : {};
    throw new DeptError('bad-file', 'The folder cannot be read', { path, got, ...remedy, cause });
  }
}

/** What an import may read there, without hidden entries. Throws `bad-input`, `not-found` or `bad-file`. */
export async function listFolder({ path: asked = homedir() }: FolderQuery): Promise<FolderList> {
  if (!isAbsolute(asked) || asked.includes('\0')) {
    throw new DeptError('bad-input', 'Not the path of a folder', { expected: 'an absolute path', got: asked });
  }
  const path = resolve(asked);
  const folders: string[] = [];
  const files: { name: string; bytes: number }[] = [];
  let pictures = 0;
  for (const entry of await entriesOf(path)) {
    const { name } = entry;
    if (name.startsWith('.')) continue;
    if (entry.isDirectory()) folders.push(name);
    else if (pictureExtension(name) !== undefined) pictures += 1;
    else if (entry.isSymbolicLink() || isCandidate(name)) {
      const found = await statOf(join(path, name));
      if (found?.isDirectory()) folders.push(name);
      else if (found?.isFile() && isCandidate(name)) files.push({ name, bytes: found.size });
    }
  }
  const parent = dirname(path);
  return {
    path,
    ...(parent !== path && { parent }),
    folders: folders.sort(byName.compare),
    files: files.sort((a, b) => byName.compare(a.name, b.name)),
    pictures,
    home: homedir(),
    roots: rootsOf(path),
  };
}

/** On Windows the drives that are there. */
function rootsOf(path: string): string[] {
  if (process.platform !== 'win32') return [parse(path).root];
  return Array.from({ length: 26 }, (_, i) => `${String.fromCharCode(65 + i)}:\\`).filter((drive) => existsSync(drive));
}
