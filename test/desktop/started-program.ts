/** The whole desktop program on the fake Electron, as a person would find it after the start. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { vi } from 'vitest';
import { startDesktop } from '../../main/desktop/start.ts';
import * as electron from './fake-electron.ts';

export interface Started {
  readonly folder: string;
  readonly window: electron.BrowserWindow;
  readonly page: electron.FakePage;
  /** Invokes a channel as the page's main frame does. */
  readonly invoke: (channel: string, ...args: unknown[]) => Promise<unknown>;
  /** Asks for one of the page's addresses. */
  readonly fetch: (address: string, options?: RequestInit) => Promise<Response>;
  readonly remove: () => void;
}

export const html = '<!doctype html><title>DePT Studio</title>';

/** One to a file of tests: a program is started once in a process. */
export async function startProgram(): Promise<Started> {
  const folder = mkdtempSync(join(tmpdir(), 'dept-desktop-'));
  mkdirSync(join(folder, 'dist', 'renderer'), { recursive: true });
  writeFileSync(join(folder, 'dist', 'renderer', 'index.html'), html);
  writeFileSync(join(folder, 'secret.html'), 'TOP SECRET');
  electron.app.folder = folder;
  electron.app.data = join(folder, 'data');
  process.argv = ['electron', folder];
  process.env.DEPT_HOME = join(folder, 'home');
  const done = startDesktop();
  electron.app.becomeReady();
  await done;
  const window = await vi.waitUntil(() => electron.BrowserWindow.all[0]);
  const page = window.webContents;
  return {
    folder,
    window,
    page,
    invoke: async (channel, ...args) =>
      electron.ipcMain.handlers.get(channel)!({ sender: page, senderFrame: page.mainFrame }, ...args),
    fetch: (address, options) => electron.protocol.handlers.get('app')!(new Request(address, options)),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
