/** What a failure for want of memory means. */
import { DeptError } from './errors.ts';

/** As ONNX Runtime, C++ and JavaScript say it. */
const OUT_OF_MEMORY = /bad.?alloc|failed to allocate memory|allocation failed|out of memory/i;

/** Ways to need less. */
export const MEMORY_REMEDY =
  'Close other programs, or make the work smaller: a smaller microBatch, sharedWeights, recompute, the precision int8 or a smaller language model in the settings of a run.';

/** A failure as our own error `no-memory`, where it is for want of memory; everything else stays what it is. */
export function memoryError(cause: unknown): unknown {
  if (cause instanceof DeptError || !(cause instanceof Error) || !OUT_OF_MEMORY.test(cause.message)) return cause;
  const remedy = `${MEMORY_REMEDY} What was saved before is still there: go on from it.`;
  return new DeptError('no-memory', 'Memory ran out', { got: cause.message, remedy, cause });
}
