/** Engine processes as children of this one, under Node: for `dept serve`. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { environmentOf, type SpawnEngine } from './engine-process.ts';
import { childPort } from './process-ports.ts';

/** Beside this file whether it runs as TypeScript or as built. */
const entry = fileURLToPath(
  new URL(`../engine-process${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url),
);

/** `log` takes what the process writes for people: warnings of ONNX Runtime, a crash's last words. */
export function forkEngine(log: (text: string) => void, environment = process.env): SpawnEngine {
  return (lane, home) => {
    const child = fork(entry, [home, lane], {
      serialization: 'advanced',
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      execArgv: [],
      env: environmentOf(lane, environment),
    });
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => log(text));
    }
    const failed = once(child, 'error').then(() => ({ code: null, signal: null }));
    const exited = once(child, 'exit').then(([code, signal]) => ({ code, signal }));
    return {
      port: childPort(child),
      processId: child.pid,
      exited: Promise.race([failed, exited]).catch(() => ({ code: null, signal: null })),
      kill: (force) => child.kill(force ? 'SIGKILL' : 'SIGTERM'),
    };
  };
}
