/** Utility processes of Electron: full Node, no window, and a crash that ends nothing else. */
import { utilityProcess } from 'electron';
import { withoutToken } from '../../engine/common/process.ts';
import { inbox } from '../host/inbox.ts';
import type { OwnProcess, ProcessEnd } from '../host/own-process.ts';
import type { Log } from './failures.ts';

export interface UtilityChildOptions {
  /** A built file. */
  readonly entry: string;
  readonly args: readonly string[];
  /** In the log, and in the system's list of processes. */
  readonly name: string;
  /** Without the hub's token, unless given. */
  readonly env?: NodeJS.ProcessEnv;
  readonly log: Log;
}

function endAtOnce(processId: number): void {
  try {
    process.kill(processId, 'SIGKILL');
  } catch {} // it has ended meanwhile
}

export function utilityChild(options: UtilityChildOptions): OwnProcess {
  const { entry, args, name, env = withoutToken(process.env), log } = options;
  const child = utilityProcess.fork(entry, [...args], { serviceName: `dept ${name}`, stdio: 'pipe', env });
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => log(name, text));
  }
  child.on('error', (type, location, report) => log(name, `${type} at ${location}\n${report}`));
  const { deliver, listen } = inbox<unknown>();
  child.on('message', deliver);
  let processId: number | undefined;
  let ended = false;
  child.once('spawn', () => {
    processId = child.pid;
  });
  // Not `once` of node:events: it rejects at the `error` that comes before the exit of a process out of memory.
  const exited = new Promise<ProcessEnd>((resolve) => {
    child.once('exit', (code) => {
      ended = true;
      resolve({ code, signal: null }); // Electron tells no signal
    });
  });
  const kill = (force = false): void => {
    if (ended) return;
    if (processId === undefined)
      child.once('spawn', () => kill(force)); // before that Electron does nothing
    else if (force) endAtOnce(processId);
    else child.kill();
  };
  return {
    port: {
      post: (message) => {
        if (!ended) child.postMessage(message);
      },
      onMessage: listen,
      onClose: (listener) => void exited.then(listener),
      close: () => kill(),
    },
    get processId() {
      return processId;
    },
    exited,
    kill,
  };
}
