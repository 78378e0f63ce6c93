/** Engine processes as utility processes of Electron: full Node, no window, and a crash that ends nothing else. */
import { utilityProcess } from 'electron';
import { environmentOf, type ProcessEnd, type SpawnEngine } from '../host/engine-process.ts';
import { inbox } from '../host/inbox.ts';

export interface UtilityEngineOptions {
  /** The built `engine-entry.js`. */
  readonly entry: string;
  /** Whether pictures are decoded by sharp's WebAssembly build. */
  readonly wasmPictures: boolean;
  readonly log: (source: string, text: string) => void;
}

export function utilityEngine({ entry, wasmPictures, log }: UtilityEngineOptions): SpawnEngine {
  return (lane, home) => {
    const source = `engine ${lane}`;
    const child = utilityProcess.fork(entry, [home, lane, ...(wasmPictures ? ['wasm-pictures'] : [])], {
      serviceName: `dept engine: ${lane}`,
      stdio: 'pipe',
      env: environmentOf(lane, process.env),
    });
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => log(source, text));
    }
    child.on('error', (type, location, report) => log(source, `${type} at ${location}\n${report}`));
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
    return {
      port: {
        post: (message) => {
          if (!ended) child.postMessage(message);
        },
        onMessage: listen,
        onClose: (listener) => void exited.then(listener),
        close: () => void child.kill(),
      },
      get processId() {
        return processId;
      },
      exited,
      kill: (force) => {
        if (!force) child.kill();
        else if (child.pid !== undefined) process.kill(child.pid, 'SIGKILL');
      },
    };
  };
}
