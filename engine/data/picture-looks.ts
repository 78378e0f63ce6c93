/**
 * What each picture of a dataset looks like at a glance, for a page to show until the picture is there: at most 8 x 8 pixels. A file of
 * equal records for each split, by the rows of one index: every import makes another index, and begins anew. Derived.
 */
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { writeAtomic } from '../common/files.ts';
import { SPLIT_STRIDE } from './index-schema.ts';

/** Longest side, in pixels. */
export const LOOK_SIDE = 8;

/** Bytes: width, height, then red, green and blue of each pixel, row by row. A picture without a look has zeros. */
const RECORD = 2 + 3 * LOOK_SIDE ** 2;
/** There once every picture has its look, or cannot be shown. */
const COMPLETE = 'complete';

/** By row of the index: its split and its place there. */
const splitOf = (row: number): number => Math.floor(row / SPLIT_STRIDE);
const offsetOf = (row: number): number => (row % SPLIT_STRIDE) * RECORD;

/** Width, height and pixels, as in the file. */
export type Look = Uint8Array;

export class PictureLooks implements Disposable {
  readonly #folder: string;
  readonly #flags: 'r' | 'r+';
  /** Descriptors by split. */
  readonly #files = new Map<number, number>();

  private constructor(folder: string, flags: 'r' | 'r+') {
    this.#folder = folder;
    this.#flags = flags;
  }

  /** For reading; `folder` is the dataset's. There need be none yet. */
  static of(folder: string, index: string): PictureLooks {
    return new PictureLooks(join(folder, 'thumbs', 'looks', index), 'r');
  }

  /** For writing; those of other indexes go. One process at a time. */
  static writing(folder: string, index: string): PictureLooks {
    const all = join(folder, 'thumbs', 'looks');
    mkdirSync(join(all, index), { recursive: true });
    for (const other of readdirSync(all)) if (other !== index) rmSync(join(all, other), { recursive: true });
    return new PictureLooks(join(all, index), 'r+');
  }

  get isComplete(): boolean {
    return existsSync(join(this.#folder, COMPLETE));
  }

  /** Of a row of the index. */
  read(row: number): Look | undefined {
    const file = this.#file(splitOf(row));
    if (file === undefined) return undefined;
    const record = new Uint8Array(RECORD);
    readSync(file, record, 0, RECORD, offsetOf(row));
    const [width, height] = record as unknown as [number, number];
    return width === 0 ? undefined : record.subarray(0, 2 + 3 * width * height);
  }

  write(row: number, look: Look): void {
    writeSync(this.#file(splitOf(row))!, look, 0, look.length, offsetOf(row));
  }

  /** Says that all are there, once they are on the disk. */
  complete(): void {
    for (const file of this.#files.values()) fsyncSync(file);
    writeAtomic(join(this.#folder, COMPLETE), '');
  }

  [Symbol.dispose](): void {
    for (const file of this.#files.values()) closeSync(file);
    this.#files.clear();
  }

  #file(split: number): number | undefined {
    const known = this.#files.get(split);
    if (known !== undefined) return known;
    const path = join(this.#folder, `${split}.bin`);
    if (!existsSync(path)) {
      if (this.#flags === 'r') return undefined;
      closeSync(openSync(path, 'a'));
    }
    const file = openSync(path, this.#flags);
    this.#files.set(split, file);
    return file;
  }
}
