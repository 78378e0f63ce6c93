/** A process of this program as the one that started it sees it, whoever that was: `fork`, or Electron's utility process. */
import { withoutToken } from '../../engine/common/process.ts';
import type { Lane } from '../../engine/contract/events.ts';
import type { Port } from '../../engine/contract/port.ts';

export interface ProcessEnd {
  readonly code: number | null;
  readonly signal: string | null;
  /** Why it did not start. */
  readonly error?: string;
}

export interface OwnProcess {
  readonly port: Port;
  readonly processId: number | undefined;
  /** Never rejects. */
  readonly exited: Promise<ProcessEnd>;
  /** Asks it to end, or without delay ends it. */
  kill(force?: boolean): void;
}

/** What a lane's process is given of the environment: the hub's token goes where the downloads are, and nowhere else. */
export function environmentOf(lane: Lane, environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return lane === 'net' ? environment : withoutToken(environment);
}

/** Starts an engine for this home folder. The lane names it in lists of processes. */
export type SpawnEngine = (lane: Lane, home: string) => OwnProcess;

/** `killed by SIGKILL`, `ended with exit code 3`, `not started: spawn ENOMEM`. */
export function endInWords({ code, signal, error }: ProcessEnd): string {
  if (error !== undefined) return `not started: ${error}`;
  return signal === null ? `ended with exit code ${code}` : `killed by ${signal}`;
}
