/**
 * One measurement of `dept bench` in a process of its own, so that its peak memory is its own: reads what to do from its
 * argument as JSON, and sends the result, or the error, to its parent.
 */
import { DeptError, type ErrorRecord } from '../engine/common/errors.ts';
import { type Measured, type Measurement, measure, prepareBench } from '../engine/service/bench/measurements.ts';

export type BenchTask =
  | { readonly prepare: readonly Measurement[]; readonly scratch: string }
  | { readonly measure: Measurement; readonly home: string; readonly scratch: string };

export type BenchAnswer = { readonly measured?: Measured } | { readonly error: ErrorRecord };

async function carryOut(task: BenchTask): Promise<BenchAnswer> {
  try {
    if ('measure' in task) return { measured: await measure(task.home, task.scratch, task.measure) };
    await prepareBench(task.scratch, task.prepare);
    return {};
  } catch (error) {
    if (!(error instanceof DeptError)) throw error;
    return { error: error.toRecord() };
  }
}

const answer = await carryOut(JSON.parse(process.argv[2]!) as BenchTask);
process.send!(answer, () => process.disconnect());
