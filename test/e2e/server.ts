/** `dept serve` as a process of its own, whose end is certain. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('../../main/cli/dept.ts', import.meta.url));

/** How long it may take to start, and how long to save and end: then it is killed, and the test fails. In milliseconds. */
const LONGEST = 90_000;

export interface Server {
  readonly link: string;
  readonly port: number;
  /** The id of the process that serves this lane now. */
  engineProcess(lane: string): number | undefined;
  /** Ends it as Ctrl-C does, and waits for it. Throws where it does not end. */
  stop(): Promise<number | null>;
  /** Ends it at once, as the system does when memory runs out. */
  kill(): Promise<void>;
}

const isOver = ({ exitCode, signalCode }: ChildProcess): boolean => exitCode !== null || signalCode !== null;

/** The line that carries the link is printed once the server listens. */
async function linkOf(child: ChildProcess): Promise<string> {
  const said: string[] = [];
  for await (const line of createInterface({ input: child.stderr! })) {
    said.push(line);
    const link = /http:\/\/127\.0\.0\.1:\d+\/#token=\S+/.exec(line)?.[0];
    if (link !== undefined) {
      child.stderr!.resume();
      return link;
    }
  }
  throw new Error(`dept serve ended before it printed its link. It said: ${said.join('\n')}`);
}

/** Its engine's processes are its children, each with its lane as the last word of its command line. */
function engineProcessOf(child: ChildProcess, lane: string): number | undefined {
  const lines = execFileSync('ps', ['-o', 'pid=,args=', '--ppid', String(child.pid)], { encoding: 'utf8' });
  const own = lines.split('\n').find((line) => line.trimEnd().endsWith(` ${lane}`));
  return own === undefined ? undefined : Number.parseInt(own, 10);
}

/** `port` 0: any free one. */
export async function startServer(home: string, port = 0): Promise<Server> {
  const child = spawn(process.execPath, [program, 'serve', '--no-open', '--home', home, '--port', String(port)], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (isOver(child)) return;
    const ended = once(child, 'exit');
    child.kill(signal);
    const timer = setTimeout(() => child.kill('SIGKILL'), LONGEST);
    await ended;
    clearTimeout(timer);
  };
  const timer = setTimeout(() => child.kill('SIGKILL'), LONGEST);
  const link = await linkOf(child);
  clearTimeout(timer);
  return {
    link,
    port: Number(new URL(link).port),
    engineProcess: (lane) => engineProcessOf(child, lane),
    stop: async () => {
      const wasOver = isOver(child);
      await end('SIGINT');
      if (!wasOver && child.signalCode !== null) throw new Error(`dept serve did not end: ${child.signalCode}`);
      return child.exitCode;
    },
    kill: () => end('SIGKILL'),
  };
}
