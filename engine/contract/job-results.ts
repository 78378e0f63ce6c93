/** What a job gave back, as its call promises it. */
import { type JobCall, jobCalls } from './api.ts';
import type { Result } from './call-table.ts';
import type { JobRecord } from './job-records.ts';

/** Undefined while the job is not done, and for a job of another call. */
export function jobResult<Call extends JobCall>(
  { call, state, result }: Pick<JobRecord, 'call' | 'state' | 'result'>,
  ...calls: readonly Call[]
): Result<typeof jobCalls, Call> | undefined {
  const own = calls.find((name) => name === call);
  if (own === undefined || state !== 'done') return undefined;
  return jobCalls[own].result.parse(result) as Result<typeof jobCalls, Call>;
}
