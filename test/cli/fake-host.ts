/** A process for the command line that tests can look into: streams as text, a service that answers as told. */
import type { Service } from '../../engine/contract/calls.ts';
import type { Trial } from '../../engine/contract/devices.ts';
import type { Host } from '../../main/cli/host.ts';
import { run } from '../../main/cli/program.ts';

export interface Outcome {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface FakeOptions {
  readonly home: string;
  readonly service?: Partial<Service>;
  readonly trial?: Trial;
  /** Receives the way to press Ctrl-C. */
  readonly interruptible?: (press: () => void) => void;
  /** True for streams that claim to be terminals. */
  readonly terminal?: boolean;
  readonly now?: () => number;
  /** Beside the home. */
  readonly environment?: NodeJS.ProcessEnv;
}

export async function dept(args: readonly string[], options: FakeOptions): Promise<Outcome & { quits: number[] }> {
  let [stdout, stderr] = ['', ''];
  const quits: number[] = [];
  const host: Host = {
    stdout: { write: (text) => (stdout += text) },
    stderr: { write: (text) => (stderr += text), isTTY: options.terminal ?? false, columns: 100 },
    environment: { ...options.environment, DEPT_HOME: options.home },
    now: options.now ?? (() => 0),
    openService: async () => (options.service ?? {}) as Service,
    trial: options.trial ?? (async () => ({ failed: 'no driver' })),
    onInterrupt: (listener) => {
      options.interruptible?.(listener);
      return () => {};
    },
    quit: (code) => quits.push(code),
  };
  const exitCode = await run(args, host);
  return { exitCode, stdout, stderr, quits };
}
