/** A measurement in a process of its own, from the side that waits for it. */
import { fork } from 'node:child_process';
import { DeptError } from '../../engine/common/errors.ts';
import { withoutToken } from '../../engine/common/process.ts';
import type { Measured } from '../../engine/service/bench/measurements.ts';
import type { BenchAnswer, BenchTask } from '../bench-process.ts';
import { entryFile } from '../host/fork-child.ts';

/** Throws what the process threw as DeptError, `interrupted` where it was killed, `cancelled` on an abort. */
export async function benchInChild(task: BenchTask, signal: AbortSignal): Promise<Measured | undefined> {
  const stopped = (): DeptError => new DeptError('cancelled', 'The measurement was stopped');
  if (signal.aborted) throw stopped();
  const child = fork(entryFile('bench-process'), [JSON.stringify(task)], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    execArgv: ['--disable-warning=ExperimentalWarning'],
    env: withoutToken(process.env),
  });
  const stop = (): boolean => child.kill('SIGKILL');
  signal.addEventListener('abort', stop);
  try {
    const answer = await new Promise<BenchAnswer | undefined>((resolve, reject) => {
      let sent: BenchAnswer | undefined;
      child.on('message', (message) => {
        sent = message as BenchAnswer;
      });
      child.on('error', reject);
      child.on('exit', () => resolve(sent));
    });
    if (signal.aborted) throw stopped();
    if (answer === undefined) {
      throw new DeptError('interrupted', 'The process that measured is gone', {
        got: child.signalCode ?? `exit code ${child.exitCode}`,
        remedy: 'It may have run out of memory: measure a smaller model.',
      });
    }
    if ('error' in answer) {
      const { code, message, ...details } = answer.error;
      throw new DeptError(code, message, details);
    }
    return answer.measured;
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
