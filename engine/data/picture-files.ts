/** Which files are pictures, and the pictures in a folder. */
import { readdir } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { fileError } from '../common/files.ts';
import { throwIfCancelled } from './read-file.ts';

const EXTENSIONS = ['.jpg', '.jpeg', '.png', '.webp', '.gif', '.tif', '.tiff', '.avif'];

/** The ending of a picture file, in small letters; undefined for any other file. */
export function pictureExtension(file: string): string | undefined {
  const extension = extname(file).toLowerCase();
  return EXTENSIONS.includes(extension) ? extension : undefined;
}

/** As people count: 2.jpg before 10.jpg. The same on every machine. */
const byName = new Intl.Collator('en', { numeric: true });

/** Folders and picture files of a folder, in order, without hidden ones. Throws `not-found` or `bad-file`. */
export async function picturesIn(folder: string): Promise<{ folders: string[]; pictures: string[] }> {
  const folders: string[] = [];
  const pictures: string[] = [];
  try {
    for (const entry of await readdir(folder, { withFileTypes: true })) {
      if (entry.name.startsWith('.')) continue;
      if (entry.isDirectory()) folders.push(entry.name);
      else if (pictureExtension(entry.name) !== undefined) pictures.push(entry.name);
    }
  } catch (cause) {
    throw fileError(cause, folder);
  }
  return { folders: folders.sort(byName.compare), pictures: pictures.sort(byName.compare) };
}

/**
 * The picture files of a folder and the folders in it, as paths relative to it with forward slashes; a folder's own come
 * first. Links to folders are not followed. Throws `not-found`, `bad-file` or `cancelled`.
 */
export async function* picturesBelow(root: string, signal?: AbortSignal, below = ''): AsyncGenerator<string> {
  throwIfCancelled(signal);
  const { folders, pictures } = await picturesIn(join(root, below));
  for (const name of pictures) yield below + name;
  for (const name of folders) yield* picturesBelow(root, signal, `${below}${name}/`);
}

export async function countPictures(root: string, signal?: AbortSignal): Promise<number> {
  let count = 0;
  for await (const _ of picturesBelow(root, signal)) count += 1;
  return count;
}
