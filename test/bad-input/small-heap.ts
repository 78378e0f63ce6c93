/** Reads a file of weights in a thread that may not keep much in memory: one that fills it ends the thread, and nothing else. */
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { DeptError, type ErrorRecord } from '../../engine/common/errors.ts';
import { readHeader } from '../../engine/weights/checkpoint.ts';

const MEGABYTES = 256;

/** What the file is refused with; undefined where it is read. Rejects where it takes more than 256 MB. */
export function readInSmallHeap(path: string): Promise<ErrorRecord | undefined> {
  const worker = new Worker(new URL(import.meta.url), {
    workerData: path,
    resourceLimits: { maxOldGenerationSizeMb: MEGABYTES },
  });
  return new Promise((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
  });
}

if (!isMainThread && typeof workerData === 'string' && parentPort !== null) {
  try {
    readHeader(workerData);
    parentPort.postMessage(undefined);
  } catch (error) {
    if (!(error instanceof DeptError)) throw error;
    parentPort.postMessage(error.toRecord());
  }
}
