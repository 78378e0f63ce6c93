/** Whether the bytes of a file are those that the hub announced. */
import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { ListedFile } from './listing.ts';

/** Takes the bytes one after another. */
export class RunningDigest {
  readonly #expected: string;
  readonly #hash: Hash;

  constructor({ size, digest }: ListedFile) {
    this.#expected = digest.hex;
    this.#hash = createHash(digest.kind === 'git' ? 'sha1' : 'sha256');
    if (digest.kind === 'git') this.#hash.update(`blob ${size}\0`); // the header of git's objects
  }

  update(bytes: Uint8Array): void {
    this.#hash.update(bytes);
  }

  async updateFromFile(path: string, signal: AbortSignal): Promise<void> {
    for await (const bytes of createReadStream(path, { highWaterMark: 2 ** 20, signal })) this.#hash.update(bytes);
  }

  /** After the last byte, once. */
  matches(): boolean {
    return this.#hash.digest('hex') === this.#expected;
  }
}
