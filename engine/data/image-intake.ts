/** Brings the images of an import into the index: each is found, checked and entered once, however many records name it. */
import { join } from 'node:path';
import { DeptError } from '../common/errors.ts';
import { readImageSize } from '../vision-language/image-decoding.ts';
import { type FoundImage, type ImageFinder, unsafeNameOf } from './image-finder.ts';
import type { IndexedImage, IndexWriter } from './index-writer.ts';
import type { ImageRecord, ImageReference, RefusalCode } from './source.ts';

/** Why a record is not taken. */
export interface Problem {
  readonly code: RefusalCode;
  readonly reason: string;
}

/** Up to so many files in the image folders, each image's header is read by default. */
const CHECK_UP_TO = 5000;

export class ImageIntake {
  /** Absolute image folders in use; the index points into this list. */
  readonly roots: string[];
  readonly #writer: IndexWriter;
  readonly #check: boolean | undefined;
  /** By split and key; where there is no file the name that was looked for, since there may be millions of those. */
  #met = new Map<string, IndexedImage | Problem | string>();

  /** `check`: look into every file; by default where there are not too many. */
  constructor(writer: IndexWriter, roots: readonly string[], check: boolean | undefined) {
    this.#writer = writer;
    this.roots = [...roots];
    this.#check = check;
  }

  /** The indexed image, entered if it is new. `listed` is its own record, if the source has one. */
  async resolve(
    reference: ImageReference,
    split: string,
    finder: ImageFinder,
    listed?: ImageRecord,
  ): Promise<IndexedImage | Problem> {
    const key = `${split}/${reference.key}`;
    let image = this.#met.get(key);
    if (image === undefined) {
      image = await this.#index(reference, split, finder, listed);
      this.#met.set(key, image);
    } else if (listed !== undefined && isIndexed(image)) {
      const found = finder.find(reference);
      if (found !== undefined && !this.#isSame(image, found)) {
        return { code: 'duplicate-id', reason: 'Another image with the same id came before' };
      }
    }
    return typeof image === 'string' ? missing(image, finder) : image;
  }

  /** The file of an image that came before, absolute; undefined where it has none that can be taken. */
  fileOf(split: string, key: string): string | undefined {
    const image = this.#met.get(`${split}/${key}`);
    return image !== undefined && isIndexed(image) ? join(this.roots[image.root]!, image.path) : undefined;
  }

  /** How many of the images that came so far have a file that can be taken. */
  get counts(): { found: number; missing: number } {
    const found = [...this.#met.values()].filter(isIndexed).length;
    return { found, missing: this.#met.size - found };
  }

  /** After images were removed from the index. */
  forget(): void {
    this.#met = new Map();
  }

  async #index(
    reference: ImageReference,
    split: string,
    finder: ImageFinder,
    listed: ImageRecord | undefined,
  ): Promise<IndexedImage | Problem | string> {
    const found = finder.find(reference);
    if (found === undefined) return unsafe(reference) ?? reference.names[0] ?? reference.key;
    const known = this.#writer.findImage(split, reference.key);
    if (known !== undefined) {
      if (this.#isSame(known, found)) return known;
      return { code: 'duplicate-id', reason: 'The dataset has another file for the image of this id' };
    }
    let size: { width?: number | undefined; height?: number | undefined } = listed ?? {};
    if (this.#check ?? finder.listed <= CHECK_UP_TO) {
      try {
        size = await readImageSize(join(found.root, found.path));
      } catch (error) {
        if (!(error instanceof DeptError)) throw error;
        return { code: 'unreadable-image', reason: `${found.path}: ${error.message}` };
      }
    }
    const { width, height } = size;
    const root = this.#rootIndex(found.root);
    const isListed = listed !== undefined;
    return this.#writer.addImage(split, {
      key: reference.key,
      root,
      path: found.path,
      width,
      height,
      listed: isListed,
    });
  }

  #isSame(image: IndexedImage, file: FoundImage): boolean {
    return this.roots[image.root] === file.root && image.path === file.path;
  }

  #rootIndex(root: string): number {
    const index = this.roots.indexOf(root);
    return index === -1 ? this.roots.push(root) - 1 : index;
  }
}

function isIndexed(image: IndexedImage | Problem | string): image is IndexedImage {
  return typeof image !== 'string' && !('code' in image);
}

function unsafe(reference: ImageReference): Problem | undefined {
  const name = unsafeNameOf(reference);
  if (name === undefined) return undefined;
  return { code: 'unsafe-path', reason: `"${name}" leads out of the image folder; name images relative to it` };
}

function missing(name: string, finder: ImageFinder): Problem {
  return { code: 'missing-image', reason: `No image file for "${name}" in ${finder.folders.join(', ')}` };
}
