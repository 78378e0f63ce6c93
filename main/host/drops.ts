/** Folders dropped onto a page in a browser, which cannot say where they lie: their files are copied into the home folder. */
import { createWriteStream } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import { writeError } from '../../engine/common/disk.ts';
import { DeptError } from '../../engine/common/errors.ts';
import { dropsFolder } from '../../engine/data/dataset-info.ts';
import { pictureExtension } from '../../engine/data/picture-files.ts';
import { isCandidate } from '../../engine/data/sniff.ts';

const dropName = /^[a-z0-9-]{8,64}$/;
/** What a dataset consists of; nothing else is worth a copy. */
function isWanted(file: string): boolean {
  return isCandidate(file) || pictureExtension(file) !== undefined;
}

/** Names of folders and files as any file system takes them. */
function isPlainName(name: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
  return name !== '' && name.length <= 255 && !/^\.+$/.test(name) && !/[/\\:*?"<>|\u0000-\u001f]/.test(name);
}

function refused(got: string, expected: string): DeptError {
  return new DeptError('bad-input', 'The dropped file cannot be taken', { expected, got });
}

/** Lets `limit` bytes through. */
function limited(limit: number): Transform {
  let size = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      size += chunk.byteLength;
      done(size > limit ? refused(`more than ${limit} bytes`, 'a smaller file') : null, chunk);
    },
  });
}

export interface Drop {
  /** The folder that now holds what was dropped. */
  readonly folder: string;
}

/** Stores one file of a drop under its own names below the drop's folder. Throws `bad-input`. */
export async function storeDroppedFile(
  home: string,
  drop: string,
  names: readonly string[],
  body: ReadableStream | null,
  limit: number,
): Promise<Drop> {
  if (!dropName.test(drop)) throw refused(drop, '8 to 64 small letters, digits and dashes');
  const odd = names.find((name) => !isPlainName(name));
  if (odd !== undefined || names.length > 20) throw refused(names.join('/'), 'names of folders and a file');
  const file = names.at(-1)!;
  if (!isWanted(file)) throw refused(file, 'a picture, .json, .jsonl, .csv or .tsv');
  const folder = join(dropsFolder(home), drop);
  const path = join(folder, ...names);
  const temporary = `${path}.part`;
  try {
    await mkdir(dirname(path), { recursive: true });
    await pipeline(Readable.fromWeb(body ?? new Blob([]).stream()), limited(limit), createWriteStream(temporary));
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw writeError(error, path);
  }
  return { folder };
}
