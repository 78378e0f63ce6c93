/** The whole app for a test: `dept serve` on a home of its own, and pages in Debian's Chromium. Nothing is faked. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';

const program = fileURLToPath(new URL('../../main/cli/dept.ts', import.meta.url));

/** Chromium as Debian installs it, or what `DEPT_CHROMIUM` names. */
export const chromiumPath = process.env.DEPT_CHROMIUM ?? '/usr/bin/chromium';
export const hasChromium = existsSync(chromiumPath);

export interface App extends AsyncDisposable {
  readonly home: string;
  readonly link: string;
  readonly origin: string;
  /** A window of its own, as of another person: no cookie of the others. */
  newContext(): Promise<BrowserContext>;
  /** The id of the process that serves this lane now. */
  engineProcess(lane: string): number | undefined;
  /** Ends the server as Ctrl-C does, and waits for it. */
  stop(): Promise<number | null>;
}

/** A page with what it complained about: errors of scripts, refused requests, violations of the policy. */
export interface WatchedPage {
  readonly page: Page;
  readonly complaints: string[];
}

export function temporaryHome(): string {
  return mkdtempSync(join(tmpdir(), 'dept-e2e-'));
}

/** The line that carries the link is printed once the server listens. */
async function linkOf(server: ChildProcess): Promise<string> {
  for await (const line of createInterface({ input: server.stderr! })) {
    const link = /http:\/\/127\.0\.0\.1:\d+\/#token=\S+/.exec(line)?.[0];
    if (link !== undefined) {
      server.stderr!.resume();
      return link;
    }
  }
  throw new Error('dept serve ended before it printed its link');
}

/** The engine's processes, children of the server, each with its lane as the last word of its command line. */
function engineProcessOf(server: ChildProcess, lane: string): number | undefined {
  const lines = execFileSync('ps', ['-o', 'pid=,args=', '--ppid', String(server.pid)], { encoding: 'utf8' });
  const own = lines.split('\n').find((line) => line.trimEnd().endsWith(` ${lane}`));
  return own === undefined ? undefined : Number.parseInt(own, 10);
}

export async function startApp(home: string = temporaryHome()): Promise<App> {
  const server = spawn(process.execPath, [program, 'serve', '--no-open', '--home', home], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const link = await linkOf(server);
  const browser: Browser = await chromium.launch({ executablePath: chromiumPath, args: ['--no-sandbox'] });
  const stop = async (): Promise<number | null> => {
    if (server.exitCode === null && server.signalCode === null) {
      const ended = once(server, 'exit');
      server.kill('SIGINT');
      await ended;
    }
    return server.exitCode;
  };
  return {
    home,
    link,
    origin: new URL(link).origin,
    newContext: () => browser.newContext({ viewport: { width: 1440, height: 900 }, acceptDownloads: true }),
    engineProcess: (lane) => engineProcessOf(server, lane),
    stop,
    [Symbol.asyncDispose]: async () => {
      await browser.close();
      await stop();
      rmSync(home, { recursive: true, force: true });
    },
  };
}

/** Opens a page and listens to what it complains about. */
export async function openPage(context: BrowserContext, address: string): Promise<WatchedPage> {
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(`error: ${error.message}`));
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  await page.goto(address);
  return { page, complaints };
}
