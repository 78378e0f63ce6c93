/** A file's bytes in order, one block at a time, so that a file of any size passes through constant memory. */
import { statSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { DeptError } from '../common/errors.ts';
import { fileError } from '../common/files.ts';

export interface ReadOptions {
  readonly signal?: AbortSignal | undefined;
  /** Called with what was just read: bytes, after each block; of a folder of pictures: files. */
  readonly onRead?: ((amount: number) => void) | undefined;
}

const BLOCK_BYTES = 1 << 18;

/** Yields the file's bytes in blocks of at most 256 KiB, each in memory of its own. Throws `not-found`, `bad-file` or `cancelled`. */
export async function* readBlocks(path: string, { signal, onRead }: ReadOptions = {}): AsyncGenerator<Buffer> {
  let file: FileHandle;
  try {
    file = await open(path);
  } catch (cause) {
    throw fileError(cause, path);
  }
  try {
    for (;;) {
      throwIfCancelled(signal);
      const { bytesRead, buffer } = await file.read(Buffer.allocUnsafeSlow(BLOCK_BYTES), 0, BLOCK_BYTES);
      if (bytesRead === 0) return;
      onRead?.(bytesRead);
      yield buffer.subarray(0, bytesRead);
    }
  } catch (cause) {
    throw cause instanceof DeptError ? cause : fileError(cause, path);
  } finally {
    await file.close();
  }
}

export function throwIfCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new DeptError('cancelled', 'The import was cancelled; nothing was changed');
}

/** The size of files together. */
export function bytesOf(files: readonly string[]): number {
  return files.reduce((sum, file) => sum + statSync(file).size, 0);
}
