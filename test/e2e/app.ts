/** The whole app for a test: `dept serve` on a home of its own, and pages in Debian's Chromium. Nothing is faked. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { type Server, startServer } from './server.ts';

/** Chromium as Debian installs it, or what `DEPT_CHROMIUM` names. */
export const chromiumPath = process.env.DEPT_CHROMIUM ?? '/usr/bin/chromium';
export const hasChromium = existsSync(chromiumPath);

/** How long a page may take for something that needs the engine, in milliseconds: the machine may be slow and busy. */
export const patience = Number(process.env.DEPT_PATIENCE ?? 60_000);

export interface AppOptions {
  /** Missing: a new empty one. */
  readonly home?: string;
  /** The home stays when the app is disposed of. */
  readonly keepHome?: boolean;
  /** More arguments for Chromium. */
  readonly browserArgs?: readonly string[];
}

export interface App extends AsyncDisposable {
  readonly home: string;
  /** Of the newest start. */
  readonly link: string;
  readonly origin: string;
  /** A window of its own, as of another person: no cookie of the others. */
  newContext(options?: BrowserContextOptions): Promise<BrowserContext>;
  /** A page, opened by the link in a window of its own, at a place such as `#/runs`. */
  open(place?: string, options?: BrowserContextOptions): Promise<WatchedPage>;
  /** The id of the process that serves this lane now. */
  engineProcess(lane: string): number | undefined;
  /** Ends a lane's process at once, as the system does when memory runs out. */
  killEngine(lane: string): void;
  /** Ends the server as Ctrl-C does, and waits for it. */
  stop(): Promise<number | null>;
  /** Ends the server at once, without a word to anybody. */
  killServer(): Promise<void>;
  /** A new start of the server, at the same port on the same home: the link is another one. */
  restart(): Promise<void>;
}

/** A page with what it complained about: errors of scripts, refused requests, violations of the policy. */
export interface WatchedPage {
  readonly page: Page;
  readonly complaints: string[];
}

export function temporaryHome(): string {
  return mkdtempSync(join(tmpdir(), 'dept-e2e-'));
}

export async function startApp({
  home = temporaryHome(),
  keepHome = false,
  browserArgs = [],
}: AppOptions = {}): Promise<App> {
  let server: Server = await startServer(home);
  const { port } = server;
  let browser: Browser;
  try {
    browser = await chromium.launch({
      executablePath: chromiumPath,
      args: ['--no-sandbox', '--force-color-profile=srgb', ...browserArgs],
    });
  } catch (error) {
    await server.kill();
    throw error;
  }
  const newContext = async (options: BrowserContextOptions = {}): Promise<BrowserContext> => {
    const context = await browser.newContext({
      viewport: { width: 1440, height: 900 },
      acceptDownloads: true,
      ...options,
    });
    context.setDefaultTimeout(patience);
    return context;
  };
  return {
    home,
    get link() {
      return server.link;
    },
    origin: new URL(server.link).origin,
    newContext,
    open: async (place = '#/', options = {}) => {
      const watched = await openPage(await newContext(options), server.link);
      await isReady(watched.page);
      await goTo(watched.page, place);
      return watched;
    },
    engineProcess: (lane) => server.engineProcess(lane),
    killEngine: (lane) => {
      const own = server.engineProcess(lane);
      if (own === undefined) throw new Error(`The lane ${lane} has no process`);
      process.kill(own, 'SIGKILL');
    },
    stop: () => server.stop(),
    killServer: () => server.kill(),
    restart: async () => {
      await server.kill();
      server = await startServer(home, port);
    },
    [Symbol.asyncDispose]: async () => {
      try {
        await browser.close();
      } finally {
        await server.stop().finally(() => {
          if (!keepHome) rmSync(home, { recursive: true, force: true });
        });
      }
    },
  };
}

/** Opens a page and listens to what it complains about. */
export async function openPage(context: BrowserContext, address: string): Promise<WatchedPage> {
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(`error: ${error.stack ?? error.message}`));
  page.on('console', (message) => {
    if (message.type() !== 'error' && message.type() !== 'warning') return;
    complaints.push(`${message.text()} ${message.location().url}`);
  });
  await page.goto(address);
  return { page, complaints };
}

/** Waits until the page is connected. */
export async function isReady(page: Page): Promise<void> {
  await page.getByRole('status').getByText('Engine ready').first().waitFor({ state: 'attached' });
}

/** Another view, as its address typed by hand: `#/runs`. */
export async function goTo(page: Page, place: string): Promise<void> {
  await page.evaluate((hash) => {
    (globalThis as unknown as { location: { hash: string } }).location.hash = hash;
  }, place);
}

/** What of the complaints is none of these; to be compared with an empty list. */
export function unexpected({ complaints }: WatchedPage, ...expected: readonly RegExp[]): string[] {
  return complaints.filter((text) => !expected.some((pattern) => pattern.test(text)));
}
