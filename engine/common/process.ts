/** Which process holds something, whether it still lives, what a child process is told, and how large this one became. */
import { readFileSync } from 'node:fs';
import { uptime } from 'node:os';
import { z } from 'zod';

export const processMarkSchema = z.object({
  processId: z.int(),
  /** When that process started, in milliseconds since 1970, by the clock of that time. */
  started: z.number(),
  /** Tells the process from every other that ever had its id; only where the system says. */
  incarnation: z.string().optional(),
});

export type ProcessMark = Readonly<z.output<typeof processMarkSchema>>;

const started = Math.round(Date.now() - process.uptime() * 1000);
/** Start times are computed from clocks that may be set in between. */
const CLOCK_TOLERANCE_MS = 5000;

/** The place of `starttime` behind the name in `/proc/<id>/stat`, which stands in brackets and may hold anything. */
const START_FIELD = 19;

/** On Linux the boot and the tick of it at which the process started, which no clock moves; undefined elsewhere, and for none. */
function incarnationOf(processId: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${processId}/stat`, 'latin1');
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
    return `${boot} ${stat.slice(stat.lastIndexOf(')') + 2).split(' ')[START_FIELD]}`;
  } catch {
    return undefined;
  }
}

/** The mark of the process that asks. */
export function thisProcess(): ProcessMark {
  const incarnation = incarnationOf(process.pid);
  return { processId: process.pid, started, ...(incarnation !== undefined && { incarnation }) };
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
 * Whether the marked process lives. Ids are handed out again: a mark with another incarnation, or where there is none one from
 * before the machine's start, or with our own id and another start, is that of a process that is gone.
 */
export function isAlive(mark: ProcessMark): boolean {
  if (mark.incarnation !== undefined) return incarnationOf(mark.processId) === mark.incarnation;
  if (mark.processId === process.pid) return Math.abs(mark.started - started) < CLOCK_TOLERANCE_MS;
  const machineStarted = Date.now() - uptime() * 1000;
  return mark.started > machineStarted - CLOCK_TOLERANCE_MS && isRunning(mark.processId);
}

/** An environment for processes that have nothing to do with the hub: its token is not theirs to have. */
export function withoutToken({ HF_TOKEN: _token, ...environment }: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return environment;
}

/** Most bytes that this process ever had resident. */
export function peakMemory(): number {
  // ru_maxrss is no less than what the parent had when it started this process
  if (process.platform !== 'linux') return process.resourceUsage().maxRSS * 1024;
  return 1024 * Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8'))![1]);
}
