/** Processes of this program as children of this one, under Node. */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { withoutToken } from '../../engine/common/process.ts';
import type { OwnProcess, ProcessEnd } from './own-process.ts';
import { childPort } from './process-ports.ts';

/** An entry of `main`, which lies there whether it runs as TypeScript or as built. */
export function entryFile(name: 'bench-process' | 'device-process' | 'engine-process'): string {
  const { url } = import.meta;
  return fileURLToPath(new URL(`../${name}${url.endsWith('.ts') ? '.ts' : '.js'}`, url));
}

/** `log` takes what the process writes for people: warnings of ONNX Runtime, a crash's last words. */
export function forkChild(
  entry: string,
  args: readonly string[],
  log: (text: string) => void,
  env = withoutToken(process.env),
): OwnProcess {
  const child = fork(entry, args, {
    serialization: 'advanced',
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    execArgv: [],
    env,
  });
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => log(text));
  }
  const exited = new Promise<ProcessEnd>((resolve) => {
    child.on('error', ({ message }) => resolve({ code: null, signal: null, error: message }));
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
  return {
    port: childPort(child),
    processId: child.pid,
    exited,
    kill: (force) => child.kill(force ? 'SIGKILL' : 'SIGTERM'),
  };
}
