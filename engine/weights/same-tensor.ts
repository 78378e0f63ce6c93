/** Whether two tensors on disk are copies of each other. */
import { closeSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { openForReading } from '../common/files.ts';
import type { CheckpointTensor } from './checkpoint.ts';
import { readFully } from './safetensors.ts';

const WINDOW_BYTES = 1 << 20;

/** Same type, shape and bytes; reads only up to the first window that differs. */
export function sameTensor(one: CheckpointTensor, other: CheckpointTensor): boolean {
  if (one.dtype !== other.dtype || !isDeepStrictEqual(one.shape, other.shape)) return false;
  const open: number[] = [];
  try {
    for (const { file } of [one, other]) open.push(openForReading(file.path));
    for (let start = 0; start < one.byteLength; start += WINDOW_BYTES) {
      const windows = [one, other].map(({ offset, byteLength, file }, i) => {
        const window = new Uint8Array(Math.min(WINDOW_BYTES, byteLength - start));
        readFully(open[i]!, window, offset + start, file.path);
        return window;
      });
      if (Buffer.compare(windows[0]!, windows[1]!) !== 0) return false;
    }
    return true;
  } finally {
    for (const descriptor of open) closeSync(descriptor);
  }
}
