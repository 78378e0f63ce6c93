/** Small copies of pictures in WebP, made once and kept as files: upright, never enlarged, the first frame of an animation. */
import { createHash } from 'node:crypto';
import { existsSync, statSync } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import sharp from 'sharp';
import { writeError } from '../common/disk.ts';
import { DeptError } from '../common/errors.ts';
import { checkFile, fileError, temporaryName } from '../common/files.ts';
import { LOOK_SIDE, type Look } from '../data/picture-looks.ts';
import { MAX_PIXELS } from '../vision-language/image-decoding.ts';
import { NewestFirst } from './newest-first.ts';

/** The largest width and height, in pixels, of what a page asks for. */
const SIDES = { thumb: 240, view: 1600 } as const;

export type PictureSize = keyof typeof SIDES;

/** A picture as a page gets it. */
export interface PictureFile {
  readonly path: string;
  readonly type: 'image/webp';
  /** Changes when the picture does. */
  readonly etag: string;
}

/** How hard the encoder tries, 0 to 6: a grid waits for its thumbnails, and they are small anyway. */
const EFFORTS = { thumb: 0, view: 2 } as const;

/** Part of what a copy goes by: copies made otherwise are other copies. */
const RECIPE = 'webp-2';
/** Pictures that are decoded at a time. */
const AT_ONCE = 3;

const decoding = new NewestFirst(AT_ONCE);
/** Copies that are being made, by their paths. */
const underWay = new Map<string, Promise<void>>();

/** A picture that fits into a square of `side` pixels, as WebP. Throws `not-found` or `bad-file`. */
export async function shrinkPicture(file: string, side: number, effort = 2): Promise<Buffer> {
  checkFile(file);
  let bytes: Buffer;
  try {
    bytes = await readFile(file); // by itself: sharp keeps what it read under a file's name, whatever becomes of the file
  } catch (cause) {
    throw fileError(cause, file);
  }
  try {
    const image = sharp(bytes, { autoOrient: true, failOn: 'error', limitInputPixels: MAX_PIXELS });
    const fitting = image.resize({ width: side, height: side, fit: 'inside', withoutEnlargement: true });
    return await fitting.webp({ quality: 80, effort }).toBuffer();
  } catch (cause) {
    throw new DeptError('bad-file', 'The image cannot be decoded', {
      path: file,
      got: (cause as Error).message,
      cause,
    });
  }
}

/** What a page shows until the copy is there: its colours, on white where it is transparent. */
export async function lookOf(copy: string): Promise<Look> {
  const { data, info } = await sharp(await readFile(copy))
    .flatten({ background: 'white' })
    .resize({ width: LOOK_SIDE, height: LOOK_SIDE, fit: 'inside' })
    .toColourspace('srgb')
    .raw()
    .toBuffer({ resolveWithObject: true });
  return Buffer.concat([Buffer.from([info.width, info.height]), data]);
}

/**
 * The copy of a picture, made in `folder` where it is missing. `owner` tells pictures apart that share a file. Requests that
 * wait take their turn newest first: a page that scrolls wants what it shows now.
 * Throws `not-found`, `bad-file`, or `cancelled` where the signal is aborted before its turn.
 */
export async function ensureCopy(
  file: string,
  owner: string,
  folder: string,
  size: PictureSize,
  signal?: AbortSignal,
): Promise<PictureFile> {
  const hash = hashOf(file, owner);
  const path = join(folder, hash.slice(0, 2), `${hash}-${size}.webp`);
  while (!existsSync(path)) {
    const making = underWay.get(path) ?? startCopy(file, path, size, signal);
    try {
      await making;
    } catch (error) {
      const isOthers = error instanceof DeptError && error.code === 'cancelled' && !signal?.aborted;
      if (!isOthers) throw error; // who asked first no longer waits, but we do
    }
  }
  return { path, type: 'image/webp', etag: `"${hash}-${size}"` };
}

function startCopy(file: string, path: string, size: PictureSize, signal: AbortSignal | undefined): Promise<void> {
  const making = decoding.run(() => writeCopy(file, path, size), signal).finally(() => underWay.delete(path));
  underWay.set(path, making);
  return making;
}

async function writeCopy(file: string, path: string, size: PictureSize): Promise<void> {
  const bytes = await shrinkPicture(file, SIDES[size], EFFORTS[size]);
  const temporary = temporaryName(path);
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(temporary, bytes);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw writeError(error, path);
  }
}

/** Of all that a copy depends on: whose it is, and the size and time of the file. Throws `not-found`. */
function hashOf(file: string, owner: string): string {
  try {
    const { size, mtimeMs } = statSync(file);
    const parts = [RECIPE, owner, size, Math.floor(mtimeMs)];
    return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 40);
  } catch (cause) {
    throw fileError(cause, file);
  }
}
