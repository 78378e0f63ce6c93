/** Which process holds something, whether it still lives, and what a child process is told. */
import { uptime } from 'node:os';

export interface ProcessMark {
  readonly processId: number;
  /** When that process started, in milliseconds since 1970. */
  readonly started: number;
}

const started = Math.round(Date.now() - process.uptime() * 1000);
/** Start times are computed from clocks that may be set in between. */
const CLOCK_TOLERANCE_MS = 5000;

/** The mark of the process that asks. */
export function thisProcess(): ProcessMark {
  return { processId: process.pid, started };
}

/** Whether a process with this id exists, be it somebody else's. */
export function isRunning(processId: number): boolean {
  try {
    process.kill(processId, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/**
 * Whether the marked process lives. A restarted machine or container hands out the same ids again: a mark from before
 * the machine's start, or with our own id and another start, is that of a process that is gone.
 */
export function isAlive(mark: ProcessMark): boolean {
  if (mark.processId === process.pid) return Math.abs(mark.started - started) < CLOCK_TOLERANCE_MS;
  const machineStarted = Date.now() - uptime() * 1000;
  return mark.started > machineStarted - CLOCK_TOLERANCE_MS && isRunning(mark.processId);
}

/** An environment for processes that have nothing to do with the hub: its token is not theirs to have. */
export function withoutToken({ HF_TOKEN: _token, ...environment }: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return environment;
}
