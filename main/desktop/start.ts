/** The start of the desktop program: everything that must have happened before Electron is ready. */
import { join } from 'node:path';
import { app } from 'electron';
import { chooseHome } from '../host/home.ts';
import { cannotStart, keepCrashDumps, type Log, watchMain } from './failures.ts';
import { LogFile } from './log-file.ts';
import { OpenedPaths, pathsOf } from './opened-paths.ts';
import { registerPageScheme } from './page-scheme.ts';
import { DesktopProgram } from './program.ts';
import { APP_ID, APP_NAME } from './project.ts';
import { confinePages } from './security.ts';

/** `--home=folder`: one word, since Chromium rearranges a command line's words. */
function homeOption(commandLine: readonly string[]): string | undefined {
  return commandLine.find((word) => word.startsWith('--home='))?.slice('--home='.length);
}

/**
 * Nothing may wait for this at the top of a module: Electron becomes ready only once its entry module has been evaluated.
 * Never rejects: what makes a start impossible is shown, and ends the program.
 */
export async function startDesktop(): Promise<void> {
  app.setName(APP_NAME);
  if (!app.requestSingleInstanceLock()) {
    app.quit(); // the first instance hears of it as `second-instance`
    return;
  }
  app.setAppUserModelId(APP_ID);
  const logs = app.getPath('logs');
  const logFile = new LogFile(join(logs, 'dept.log'));
  const log: Log = (source, text) => logFile.write(source, text);
  watchMain(log, logFile.path);
  keepCrashDumps();
  app.enableSandbox();
  registerPageScheme();
  confinePages();

  const opened = new OpenedPaths();
  opened.add(pathsOf(process.argv, process.cwd(), app.getAppPath()));
  let program: DesktopProgram | undefined;
  const openPaths = (paths: readonly string[]): void => {
    if (opened.add(paths)) program?.command('open-paths');
    else program?.show();
  };
  app.on('open-file', (event, path) => {
    event.preventDefault();
    openPaths([path]);
  });
  app.on('second-instance', (_event, commandLine, folder) => {
    openPaths(pathsOf(commandLine, folder, app.getAppPath()));
  });

  try {
    await app.whenReady();
    program = await DesktopProgram.open({ home: chooseHome(homeOption(process.argv)), opened, logs, log });
  } catch (error) {
    cannotStart(log, error);
  }
}
