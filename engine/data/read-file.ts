/** A file's bytes in order, one block at a time, so that a file of any size passes through constant memory. */
import { statSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { DeptError } from '../common/errors.ts';
import { checkIsFile, fileError, otherEncoding, READ_AT_ONCE } from '../common/files.ts';

export interface ReadOptions {
  readonly signal?: AbortSignal | undefined;
  /** Called with what was just read: bytes, after each block; of a folder of pictures: files. */
  readonly onRead?: ((amount: number) => void) | undefined;
}

const BLOCK_BYTES = 1 << 18;

/** A file that is UTF-16 from its beginning has nothing that could be refused line by line. */
function checkEncoding(start: Buffer, path: string): void {
  const got = otherEncoding(start.subarray(0, 1000));
  if (got === undefined) return;
  throw new DeptError('bad-file', 'The file is not UTF-8 text', { path, got, remedy: 'Save it again as UTF-8.' });
}

/**
 * Yields a text file's bytes in blocks of at most 256 KiB, each in memory of its own. Throws `not-found`, `cancelled`, or
 * `bad-file` for what is no file or begins as no UTF-8 text.
 */
export async function* readBlocks(path: string, { signal, onRead }: ReadOptions = {}): AsyncGenerator<Buffer> {
  let file: FileHandle;
  try {
    file = await open(path, READ_AT_ONCE);
  } catch (cause) {
    throw fileError(cause, path);
  }
  try {
    checkIsFile(await file.stat(), path);
    for (let isFirst = true; ; isFirst = false) {
      throwIfCancelled(signal);
      const { bytesRead, buffer } = await file.read(Buffer.allocUnsafeSlow(BLOCK_BYTES), 0, BLOCK_BYTES);
      if (bytesRead === 0) return;
      if (isFirst) checkEncoding(buffer.subarray(0, bytesRead), path);
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
