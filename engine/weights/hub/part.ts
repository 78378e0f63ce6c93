/** A file that is on its way: the bytes that are there so far, and the digest of them. */
import { type FileHandle, open } from 'node:fs/promises';
import { RunningDigest } from './digest.ts';
import type { ListedFile } from './listing.ts';

/** The bytes are not those that were announced. */
export class Corrupt extends Error {}

/** A part that grows at its end, and the digest of what is in it. */
export class Part {
  readonly #handle: FileHandle;
  readonly #file: ListedFile;
  #digest: RunningDigest;
  #size = 0;

  private constructor(handle: FileHandle, file: ListedFile) {
    this.#handle = handle;
    this.#file = file;
    this.#digest = new RunningDigest(file);
  }

  /** What is there already is read again, for the digest. */
  static async open(path: string, file: ListedFile, signal: AbortSignal): Promise<Part> {
    const handle = await open(path, 'a');
    const part = new Part(handle, file);
    try {
      const { size } = await handle.stat();
      if (size > file.size) await part.restart();
      else {
        await part.#digest.updateFromFile(path, signal);
        part.#size = size;
      }
      return part;
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  get size(): number {
    return this.#size;
  }

  async append(bytes: Uint8Array): Promise<void> {
    if (this.#size + bytes.byteLength > this.#file.size) throw new Corrupt('more bytes than were announced');
    await this.#handle.appendFile(bytes);
    this.#digest.update(bytes);
    this.#size += bytes.byteLength;
  }

  async restart(): Promise<void> {
    await this.#handle.truncate(0);
    this.#digest = new RunningDigest(this.#file);
    this.#size = 0;
  }

  /** Throws `Corrupt`. */
  check(): void {
    if (!this.#digest.matches()) throw new Corrupt(`another ${this.#file.digest.kind === 'git' ? 'sha1' : 'sha256'}`);
  }

  sync(): Promise<void> {
    return this.#handle.sync();
  }

  close(): Promise<void> {
    return this.#handle.close();
  }
}
