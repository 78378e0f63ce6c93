/** What the command line needs of the process around it, so that tests can give it another. */
import type { Service } from '../../engine/contract/calls.ts';
import type { Trial } from '../../engine/contract/devices.ts';
import { forkTrial } from '../host/fork-trial.ts';
import type { Sink } from './progress.ts';

export interface Host {
  readonly stdout: Sink;
  readonly stderr: Sink;
  readonly environment: NodeJS.ProcessEnv;
  /** Milliseconds that only grow. */
  readonly now: () => number;
  readonly openService: (home: string) => Promise<Service>;
  readonly trial: Trial;
  /** Listens to SIGINT and SIGTERM; gives back the way to stop listening. */
  readonly onInterrupt: (listener: () => void) => () => void;
  /** Ends the process at once. */
  readonly quit: (code: number) => void;
}

/** The process that this runs in. Models are loaded only when a command asks for the service. */
export const processHost: Host = {
  stdout: process.stdout,
  stderr: process.stderr,
  environment: process.env,
  now: () => performance.now(),
  openService: async (home) => (await import('../../engine/service/service.ts')).openService({ home }),
  trial: forkTrial,
  onInterrupt: (listener) => {
    process.on('SIGINT', listener);
    process.on('SIGTERM', listener);
    return () => {
      process.off('SIGINT', listener);
      process.off('SIGTERM', listener);
    };
  },
  quit: (code) => process.exit(code),
};
