/** Finds the files of images by the names and ids that datasets give them, listing each folder once. */
import { readdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { DeptError } from '../common/errors.ts';
import { statOf } from '../common/files.ts';
import { pictureExtension } from './picture-files.ts';
import type { ImageReference } from './source.ts';

/** The folders and file name prefixes of COCO's releases. */
const COCO_RELEASES = ['train2014', 'val2014', 'test2014', 'test2015', 'train2017', 'val2017', 'test2017'];

export interface FoundImage {
  /** One of the finder's folders. */
  readonly root: string;
  /** Below the root, with forward slashes. */
  readonly path: string;
}

/** A name of the image that would lead out of the image folder, if it has one. */
export function unsafeNameOf({ key, names }: ImageReference): string | undefined {
  return [...names, key].find(isUnsafeName);
}

/** Absolute, a drive, an address, or through `..`. */
function isUnsafeName(name: string): boolean {
  const escapes = /^[\\/]/.test(name) || name.split(/[\\/]/).includes('..');
  return escapes || /^[a-z][a-z0-9+.-]*:/i.test(name) || name.includes('\0');
}

/** All names that an image may have, best first: the given ones, then what its id makes by the usual patterns. */
function candidateNames({ key, names }: ImageReference): string[] {
  const candidates = names.map((name) => name.replaceAll('\\', '/').replace(/^(\.\/)+/, ''));
  if (/^\d{1,12}$/.test(key)) {
    const digits = key.padStart(12, '0');
    candidates.push(...COCO_RELEASES.map((release) => `COCO_${release}_${digits}`), digits);
  }
  if (!candidates.includes(key)) candidates.push(key);
  return candidates;
}

/** A file system may store another case or another Unicode form than the dataset has. */
const fold = (name: string): string => name.normalize('NFC').toLowerCase();

/** The files in one folder. */
class Listing {
  readonly size: number;
  readonly #exact: ReadonlySet<string>;
  readonly #folded = new Map<string, string>();
  /** Image files by their name without its ending. */
  readonly #stems = new Map<string, string>();

  constructor(names: readonly string[]) {
    this.size = names.length;
    this.#exact = new Set(names);
    for (const name of names) {
      const folded = fold(name);
      this.#folded.set(folded, name);
      const extension = pictureExtension(folded);
      if (extension !== undefined) this.#stems.set(folded.slice(0, -extension.length), name);
    }
  }

  /** `folded`: the same name, folded. An exact match is best; a name may lack its ending. */
  find(name: string, folded: string): string | undefined {
    return this.#exact.has(name) ? name : (this.#folded.get(folded) ?? this.#stems.get(folded));
  }
}

function filesIn(folder: string): string[] {
  try {
    const entries = readdirSync(folder, { withFileTypes: true });
    return entries.filter((entry) => !entry.isDirectory()).map((entry) => entry.name);
  } catch {
    return []; // no such folder: nothing is found there
  }
}

const EMPTY_REMEMBERED = 10_000;

export class ImageFinder {
  readonly folders: readonly string[];
  readonly #listings = new Map<string, Listing>();
  /** Folders without files: there are as many as a dataset makes up. */
  readonly #empty = new Set<string>();
  #listed = 0;

  /** `folders`: absolute, in order of preference. */
  constructor(folders: readonly string[]) {
    this.folders = folders;
  }

  /** How many files all folders looked into hold. */
  get listed(): number {
    return this.#listed;
  }

  /** The image's file, or undefined; always so where one of its names is unsafe. */
  find(image: ImageReference): FoundImage | undefined {
    if (unsafeNameOf(image) !== undefined) return undefined;
    for (const name of candidateNames(image)) {
      const slash = name.lastIndexOf('/');
      const folder = name.slice(0, slash + 1); // empty, or with the slash
      const file = name.slice(slash + 1);
      const folded = fold(file);
      for (const root of this.folders) {
        const found = this.#list(`${root}/${folder}`)?.find(file, folded);
        if (found !== undefined) return { root, path: folder + found };
      }
    }
    return undefined;
  }

  #list(folder: string): Listing | undefined {
    const known = this.#listings.get(folder);
    if (known !== undefined || this.#empty.has(folder)) return known;
    const names = filesIn(folder);
    if (names.length === 0) {
      if (this.#empty.size >= EMPTY_REMEMBERED) this.#empty.clear();
      this.#empty.add(folder);
      return undefined;
    }
    const listing = new Listing(names);
    this.#listings.set(folder, listing);
    this.#listed += listing.size;
    return listing;
  }
}

function isFolder(path: string): boolean {
  return statOf(path)?.isDirectory() ?? false;
}

/**
 * The folders to look for a file's images in. With `images` given: that folder, its `images` and its split's folder.
 * Without: the same around the dataset's file, and one level up for layouts such as COCO's `annotations/` beside `train2014/`.
 * Throws `not-found` where `images` is no folder.
 */
export function imageFolders(file: string, split: string, images: string | undefined): string[] {
  const around = (base: string): string[] => {
    const inside = [split, ...COCO_RELEASES];
    return [join(base, 'images'), ...inside.flatMap((name) => [join(base, name), join(base, 'images', name)])];
  };
  if (images !== undefined) {
    const folder = resolve(images);
    if (!isFolder(folder)) {
      throw new DeptError('not-found', 'There is no such image folder', {
        path: folder,
        remedy: 'Name an existing folder.',
      });
    }
    return [folder, ...around(folder)].filter(isFolder);
  }
  const own = dirname(resolve(file));
  return [...around(own), own, ...around(dirname(own)), dirname(own)].filter(isFolder);
}
