/** The end: with work under way a person decides, and nothing ends before it was saved. */
import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { JobRecord } from '../../engine/contract/job-records.ts';
import { Quitting } from '../../main/desktop/quitting.ts';
import * as electron from './fake-electron.ts';

vi.mock('electron', () => import('./fake-electron.ts'));

const job: JobRecord = {
  id: '1',
  call: 'train',
  title: 'Train on mine',
  state: 'running',
  stopping: false,
  created: '',
};
const [SAVE, STAY, CANCEL] = [0, 1, 2];

let jobs: JobRecord[];
let closing: PromiseWithResolvers<void>;
let closes: number;
let window: electron.BrowserWindow;
let quitting: Quitting;
let logged: string[];
beforeEach(() => {
  jobs = [];
  closes = 0;
  closing = Promise.withResolvers();
  logged = [];
  electron.presses.length = 0;
  electron.dialog.boxes.length = 0;
  electron.app.hasQuit = false;
  electron.app.exitCode = undefined;
  begin('linux');
});

function begin(platform: NodeJS.Platform): void {
  electron.app.removeAllListeners();
  electron.BrowserWindow.all = [];
  const host = {
    activeJobs: () => jobs,
    close: () => {
      closes += 1;
      return closing.promise;
    },
  };
  quitting = new Quitting({ host, window: () => window as never, log: (text) => logged.push(text), platform });
  window = new electron.BrowserWindow({ webPreferences: {} });
  quitting.watch(window as never);
}

const quit = () => vi.waitUntil(() => electron.app.hasQuit);

test('without work the host is closed, then the program ends', async () => {
  electron.app.quit();
  await vi.waitUntil(() => closes === 1);
  expect(electron.app.hasQuit).toBe(false);
  closing.resolve();
  await quit();
  expect(electron.dialog.boxes).toEqual([]);
});

test('closing the window is quitting', async () => {
  closing.resolve();
  window.close();
  await quit();
  expect(closes).toBe(1);
});

test('on macOS a closed window leaves the program and its work', () => {
  begin('darwin');
  jobs = [job];
  window.close();
  electron.app.emit('window-all-closed');
  expect([closes, electron.BrowserWindow.all.length, electron.dialog.boxes.length]).toEqual([0, 0, 0]);
});

describe('with work under way', () => {
  beforeEach(() => {
    jobs = [job];
  });

  test('it is named, and saved before the end', async () => {
    electron.presses.push(SAVE);
    window.close();
    await vi.waitUntil(() => closes === 1);
    expect(electron.dialog.boxes[0]!.detail).toContain('Train on mine');
    expect(electron.BrowserWindow.all).toEqual([window]);
    closing.resolve();
    await quit();
  });

  test('cancel leaves everything as it was, and the next wish asks anew', async () => {
    electron.presses.push(CANCEL, CANCEL);
    electron.app.quit();
    await vi.waitUntil(() => electron.presses.length === 1);
    await new Promise(setImmediate);
    expect([closes, electron.BrowserWindow.all.length]).toEqual([0, 1]);
    electron.app.quit();
    await vi.waitUntil(() => electron.dialog.boxes.length === 2);
  });

  test('asks once, however often it is wished', () => {
    electron.app.quit();
    window.close();
    electron.app.quit();
    expect(electron.dialog.boxes.length).toBe(1);
  });

  test('keep running hides the window, and the last job ends the program', async () => {
    window.show();
    electron.presses.push(STAY);
    window.close();
    await vi.waitUntil(() => !window.isShown);
    quitting.jobsChanged();
    expect([closes, electron.app.hasQuit]).toEqual([0, false]);
    jobs = [];
    closing.resolve();
    quitting.jobsChanged();
    await quit();
  });

  test('work that ended while the question stood ends the program too', async () => {
    electron.presses.push(STAY);
    closing.resolve();
    window.close();
    jobs = [];
    await quit();
  });

  test('a window that is shown again stays when the work ends', async () => {
    electron.presses.push(STAY);
    window.show();
    window.close();
    await vi.waitUntil(() => !window.isShown);
    window.show();
    jobs = [];
    quitting.jobsChanged();
    expect([closes, electron.app.hasQuit]).toEqual([0, false]);
  });

  test('a second wish while it saves may end it at once', async () => {
    electron.presses.push(SAVE, 1);
    electron.app.quit();
    await vi.waitUntil(() => closes === 1);
    electron.app.quit();
    await vi.waitUntil(() => electron.app.exitCode === 0);
    expect(closes).toBe(1);
  });

  test('the end of a Windows session saves without asking', async () => {
    window.emit('session-end');
    expect(closes).toBe(1);
    expect(electron.dialog.boxes).toEqual([]);
  });
});

test('a host that fails to close is written down and keeps nobody here', async () => {
  closing.reject(new Error('disk full'));
  electron.app.quit();
  await quit();
  expect(logged[0]).toContain('disk full');
});
