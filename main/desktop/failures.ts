/** What fails around the work: errors of main, lost processes, a page that crashes or hangs. Written down, and told. */
import { app, type BrowserWindow, crashReporter, dialog } from 'electron';
import { DeptError } from '../../engine/common/errors.ts';
import { askPerson } from './message-box.ts';
import { APP_NAME } from './project.ts';

export type Log = (source: string, text: string) => void;

/** Crashes of the page within this time count together. */
const CRASHES_WITHIN_MS = 300_000;
const FIRST_DELAY_MS = 500;
const LONGEST_DELAY_MS = 30_000;

function inFull(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/** Dumps of crashes stay on this machine. */
export function keepCrashDumps(): void {
  crashReporter.start({ uploadToServer: false });
}

/** Without what this start needs there is nothing to go on with. */
export function cannotStart(log: Log, error: unknown): void {
  log('main', `cannot start: ${inFull(error)}`);
  const reason = error instanceof DeptError ? error.describe() : inFull(error);
  dialog.showErrorBox(`${APP_NAME} cannot start`, reason);
  app.exit(1);
}

/** Errors that nothing caught are told, and the program goes on: what could be lost lies in other processes. */
export function watchMain(log: Log, logFile: string): void {
  let isShown = false;
  const tell = (kind: string) => (error: unknown) => {
    log('main', `${kind}: ${inFull(error)}`);
    if (isShown) return;
    isShown = true;
    const shown = askPerson(undefined, {
      type: 'error',
      message: 'Something went wrong in the program itself',
      detail: `${error instanceof Error ? error.message : String(error)}\n\nAll of it is in ${logFile}. Runs are safe: they are saved by processes of their own.`,
      buttons: ['Go on'],
    });
    void shown.finally(() => {
      isShown = false;
    });
  };
  process.on('uncaughtException', tell('uncaught exception'));
  process.on('unhandledRejection', tell('unhandled rejection'));
  app.on('child-process-gone', (_event, { type, serviceName, reason, exitCode }) => {
    log('main', `process gone: ${serviceName || type}, ${reason}, exit code ${exitCode}`);
  });
}

/** How long to wait before the page is loaded again, after so many crashes in a row. */
export function reloadDelay(crashes: number): number {
  return Math.min(FIRST_DELAY_MS * 2 ** (crashes - 1), LONGEST_DELAY_MS);
}

/** Offers to load a page again that crashed or hangs; the work goes on meanwhile. */
export function watchPage(window: BrowserWindow, log: Log): void {
  const page = window.webContents;
  let crashes: number[] = [];
  let hangs: AbortController | undefined;
  /** The crash to come is a person's own wish to load the page again. */
  let isWanted = false;

  page.on('render-process-gone', async (_event, { reason, exitCode }) => {
    if (reason === 'clean-exit') return;
    log('page', `gone: ${reason}, exit code ${exitCode}`);
    if (isWanted) {
      isWanted = false;
      page.reload();
      return;
    }
    const now = Date.now();
    crashes = [...crashes.filter((time) => now - time < CRASHES_WITHIN_MS), now];
    const response = await askPerson(window, {
      type: 'error',
      message: 'The page has crashed',
      detail: `Reason: ${reason}. Work under way is not touched by this.`,
      buttons: ['Load again', 'Quit'],
      defaultId: 0,
      cancelId: 0,
    });
    if (response === 1) {
      app.quit();
      return;
    }
    setTimeout(() => {
      if (!page.isDestroyed()) page.reload();
    }, reloadDelay(crashes.length));
  });

  window.on('unresponsive', async () => {
    if (hangs !== undefined) return;
    log('page', 'does not answer');
    const own = new AbortController();
    hangs = own;
    const response = await askPerson(window, {
      type: 'warning',
      message: 'The page does not answer',
      detail: 'Work under way is not touched by this.',
      buttons: ['Wait', 'Load again'],
      defaultId: 0,
      cancelId: 0,
      signal: own.signal,
    });
    if (hangs === own) hangs = undefined;
    if (response !== 1 || own.signal.aborted) return;
    isWanted = true;
    page.forcefullyCrashRenderer(); // a page that hangs cannot be reloaded, one that is gone can
  });
  window.on('responsive', () => {
    hangs?.abort();
    hangs = undefined;
  });
}
