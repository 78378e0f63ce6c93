/** Copies what was dropped in a browser to the host's machine, file by file, a few at a time. */
import { errorRecordSchema, toDeptError } from '../../../engine/contract/errors.ts';
import type { DroppedFile } from '../../lib/drops.ts';

const AT_ONCE = 4;

export interface UploadProgress {
  readonly files: number;
  readonly bytes: number;
}

export interface UploadOptions {
  readonly signal: AbortSignal;
  readonly onProgress: (progress: UploadProgress) => void;
  /** Stands in for the browser's in tests. */
  readonly send?: typeof fetch;
}

export function newDropId(): string {
  return `drop-${crypto.randomUUID()}`;
}

export function dropAddress(drop: string, path: string): string {
  return `/drops/${[drop, ...path.split('/')].map(encodeURIComponent).join('/')}`;
}

async function failureOf(response: Response, path: string): Promise<Error> {
  const body: unknown = await response.json().catch(() => undefined);
  const told = errorRecordSchema.safeParse((body as { error?: unknown } | undefined)?.error);
  if (told.success) return toDeptError({ path, ...told.data });
  const got = `status ${response.status}`;
  return toDeptError({ code: 'runtime-failed', message: 'The file could not be copied', path, got });
}

/**
 * The folder that then holds them all; `files` must not be empty. The first failure stops the rest.
 * Throws `DeptError`, what `fetch` throws, and the signal's reason after an abort.
 */
export async function uploadDrop(
  drop: string,
  files: readonly DroppedFile[],
  { signal, onProgress, send = fetch }: UploadOptions,
): Promise<string> {
  const failed = new AbortController();
  const either = AbortSignal.any([signal, failed.signal]);
  const queue = files.values();
  const progress = { files: 0, bytes: 0 };
  let folder = '';
  const work = async (): Promise<void> => {
    for (const { path, file } of queue) {
      either.throwIfAborted();
      const response = await send(dropAddress(drop, path), { method: 'POST', body: file, signal: either });
      if (!response.ok) throw await failureOf(response, path);
      ({ folder } = (await response.json()) as { folder: string });
      progress.files += 1;
      progress.bytes += file.size;
      onProgress({ ...progress });
    }
  };
  try {
    await Promise.all(Array.from({ length: Math.min(AT_ONCE, files.length) }, work));
  } catch (error) {
    failed.abort(error);
    throw error;
  }
  return folder;
}
