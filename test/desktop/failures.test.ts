/** Failures around the work: a page that crashes or hangs, processes that are gone, errors of main. */
import { beforeEach, expect, test, vi } from 'vitest';
import { DeptError } from '../../engine/common/errors.ts';
import { cannotStart, reloadDelay, watchMain, watchPage } from '../../main/desktop/failures.ts';
import * as electron from './fake-electron.ts';

vi.mock('electron', () => import('./fake-electron.ts'));

let logged: string[];
let window: electron.BrowserWindow;
const log = (source: string, text: string): void => void logged.push(`${source}: ${text}`);
beforeEach(() => {
  logged = [];
  electron.presses.length = 0;
  electron.dialog.boxes.length = 0;
  electron.app.removeAllListeners();
  window = new electron.BrowserWindow({ webPreferences: {} });
  watchPage(window as never, log);
});

test('a crashed page is offered again, and loaded after a pause', async () => {
  electron.presses.push(0);
  const reloaded = new Promise((resolve) => window.webContents.once('reloaded', resolve));
  window.webContents.emit('render-process-gone', {}, { reason: 'oom', exitCode: 9 });
  expect(electron.dialog.boxes[0]!.detail).toContain('oom');
  expect(window.webContents.reloads).toBe(0);
  await reloaded;
  expect(logged).toEqual(['page: gone: oom, exit code 9']);
});

test('crash after crash waits longer, up to half a minute', () => {
  expect([1, 2, 3, 20].map(reloadDelay)).toEqual([500, 1000, 2000, 30_000]);
});

test('a page that ends as it should is no failure', () => {
  window.webContents.emit('render-process-gone', {}, { reason: 'clean-exit', exitCode: 0 });
  expect(electron.dialog.boxes).toEqual([]);
});

test('a page that hangs can be loaded again by ending it', async () => {
  electron.presses.push(1);
  window.emit('unresponsive');
  await vi.waitUntil(() => window.webContents.wasCrashed);
  window.webContents.emit('render-process-gone', {}, { reason: 'crashed', exitCode: 1 });
  expect(window.webContents.reloads).toBe(1);
  expect(electron.dialog.boxes.length).toBe(1);
});

test('a page that answers again takes the question away', () => {
  window.emit('unresponsive');
  window.emit('unresponsive');
  expect(electron.dialog.boxes.length).toBe(1);
  window.emit('responsive');
  expect(electron.dialog.boxes[0]!.signal!.aborted).toBe(true);
});

test('errors that nothing caught are written down in full and shown one at a time', () => {
  const before = new Set(process.listeners('uncaughtException'));
  const beforeRejections = new Set(process.listeners('unhandledRejection'));
  watchMain(log, '/logs/dept.log');
  const [exception] = process.listeners('uncaughtException').filter((listener) => !before.has(listener));
  const [rejection] = process.listeners('unhandledRejection').filter((listener) => !beforeRejections.has(listener));
  process.off('uncaughtException', exception!);
  process.off('unhandledRejection', rejection!);
  exception!(new Error('broken'), 'uncaughtException');
  rejection!('lost', Promise.resolve());
  expect(logged[0]).toMatch(/main: uncaught exception: Error: broken\n\s+at /);
  expect(logged[1]).toBe('main: unhandled rejection: lost');
  expect(electron.dialog.boxes.map(({ detail }) => detail!.split('\n')[0])).toEqual(['broken']);
  expect(electron.dialog.boxes[0]!.detail).toContain('/logs/dept.log');
  electron.app.emit(
    'child-process-gone',
    {},
    { type: 'Utility', serviceName: 'dept engine: work', reason: 'killed', exitCode: 9 },
  );
  expect(logged[2]).toBe('main: process gone: dept engine: work, killed, exit code 9');
});

test('a start that fails says why and ends', () => {
  cannotStart(log, new DeptError('bad-file', 'The file is not valid JSON', { path: '/home/moved-home.json' }));
  expect(electron.dialog.errors[0]).toEqual([
    'DePT Studio cannot start',
    expect.stringContaining('/home/moved-home.json'),
  ]);
  expect(electron.app.exitCode).toBe(1);
});
