/** Pictures that a page sent, such as those of the playground: kept under the hash of their bytes, for some days. */
import { createHash } from 'node:crypto';
import { existsSync, utimesSync } from 'node:fs';
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { DeptError } from '../common/errors.ts';
import { writeAtomic } from '../common/files.ts';
import { readImageSize } from '../vision-language/image-decoding.ts';
import { ensureCopy, type PictureFile, type PictureSize } from './pictures.ts';

const MAX_BYTES = 64 * 2 ** 20;
const KEPT_MS = 7 * 24 * 3600 * 1000;

function uploadsFolder(home: string): string {
  return join(home, 'uploads');
}

/** The file of an upload, absolute. Throws `bad-input` for what is no id, `not-found` where there is none. */
export function uploadPath(home: string, id: string): string {
  if (!/^[0-9a-f]{64}$/.test(id)) {
    throw new DeptError('bad-input', 'Not the id of an upload', {
      expected: '64 hexadecimal digits',
      got: id.slice(0, 100),
    });
  }
  const path = join(uploadsFolder(home), id);
  if (existsSync(path)) return path;
  throw new DeptError('not-found', 'There is no such upload any more', { got: id, remedy: 'Send the picture again.' });
}

/** Throws as `uploadPath`, and `bad-file`. */
export async function uploadFile(
  home: string,
  id: string,
  size: PictureSize,
  signal?: AbortSignal,
): Promise<PictureFile> {
  return ensureCopy(uploadPath(home, id), id, join(uploadsFolder(home), 'thumbs'), size, signal);
}

/** Keeps a picture; its size in pixels, as seen. Throws `bad-input` for more than 64 MB, `bad-file` for what is no picture. */
export async function storeUpload(
  home: string,
  bytes: Uint8Array,
): Promise<{ id: string; width: number; height: number }> {
  if (bytes.byteLength > MAX_BYTES) {
    throw new DeptError('bad-input', 'The picture is too large', {
      expected: `at most ${MAX_BYTES} bytes`,
      got: `${bytes.byteLength} bytes`,
    });
  }
  const { width, height } = await readImageSize(bytes);
  const id = createHash('sha256').update(bytes).digest('hex');
  const path = join(uploadsFolder(home), id);
  if (existsSync(path))
    utimesSync(path, new Date(), new Date()); // its days begin anew
  else writeAtomic(path, bytes);
  return { id, width, height };
}

/** Removes the uploads of more than seven days ago, with their copies. */
export async function cleanUploads(home: string, now = Date.now()): Promise<void> {
  const folder = uploadsFolder(home);
  if (!existsSync(folder)) return;
  for (const entry of await readdir(folder, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const { mtimeMs } = await stat(path);
    if (now - mtimeMs > KEPT_MS) await rm(path, { force: true });
  }
}
