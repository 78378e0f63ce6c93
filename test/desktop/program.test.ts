/** The started program: one instance, opened paths, theme and menu through the host's settings, window place kept. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { channels } from '../../main/desktop/channels.ts';
import { startDesktop } from '../../main/desktop/start.ts';
import { backgrounds } from '../../main/desktop/window.ts';
import * as electron from './fake-electron.ts';
import { type Started, startProgram } from './started-program.ts';

vi.mock('electron', () => import('./fake-electron.ts'));

let started: Started;
beforeAll(async () => {
  started = await startProgram();
});
afterAll(() => started.remove());

const commands = () =>
  started.page.sent.filter(([channel]) => channel === channels.command).map(([, command]) => command);

function item(
  label: string,
  items: readonly electron.FakeItem[] = electron.Menu.current,
): electron.FakeItem | undefined {
  for (const one of items) {
    const found = one.label === label ? one : item(label, one.submenu ?? []);
    if (found !== undefined) return found;
  }
  return undefined;
}

test('the window waits for its page before it shows itself', () => {
  expect([started.window.options.show, started.window.isShown]).toEqual([false, false]);
  expect(started.window.options.backgroundColor).toMatch(/^#[\da-f]{6}$/);
  started.window.emit('ready-to-show');
  expect(started.window.isShown).toBe(true);
});

test("its background is the page's own, in both themes", () => {
  const tokens = readFileSync(join(import.meta.dirname, '..', '..', 'renderer', 'styles', 'tokens.css'), 'utf8');
  expect([...tokens.matchAll(/--bg: (#[\da-f]{6});/g)].map(([, color]) => color)).toEqual([
    backgrounds.light,
    backgrounds.dark,
  ]);
  electron.nativeTheme.shouldUseDarkColors = true;
  electron.nativeTheme.emit('updated');
  expect(started.window.background).toBe(backgrounds.dark);
});

test('engines are utility processes by name, with their output piped', async () => {
  const engine = await vi.waitUntil(() =>
    electron.utilityProcess.children.find(({ path }) => path.endsWith('engine-entry.js')),
  );
  expect(engine.args[0]).toBe(join(started.folder, 'home'));
  expect(engine.options).toMatchObject({ serviceName: expect.stringMatching(/^dept engine \w+$/), stdio: 'pipe' });
});

test('an engine that asks for the trial of a device has it in a utility process of its own', async () => {
  const { children } = electron.utilityProcess;
  const engine = children.find(({ path }) => path.endsWith('engine-entry.js'))!;
  vi.stubEnv('HF_TOKEN', 'hf_secret');
  engine.emit('message', { type: 'call', id: 7, call: 'devices.try', params: { device: 'cuda' } });
  vi.unstubAllEnvs();
  const trial = children.at(-1)!;
  expect([trial.path, trial.args]).toEqual([join(started.folder, 'dist', 'main', 'device-process.js'), ['cuda']]);
  expect(trial.options).toMatchObject({ serviceName: 'dept trial of cuda', stdio: 'pipe', env: expect.anything() });
  expect(trial.options.env).not.toHaveProperty('HF_TOKEN');
  trial.emit('message', { failed: 'no driver' });
  trial.end(0);
  const answer = { type: 'result', id: 7, value: { failed: 'no driver' } };
  await vi.waitUntil(() => engine.posted.some((message) => isDeepStrictEqual(message, answer)));
});

test('a second start brings the window forward and hands over its paths, once', async () => {
  const path = join(started.folder, 'pictures');
  writeFileSync(path, '');
  started.window.minimized = true;
  electron.app.emit('second-instance', {}, ['dept-studio', '--flag', 'pictures', 'nowhere'], started.folder);
  expect(started.window.did).toEqual(['restore', 'focus']);
  expect(commands()).toEqual(['open-paths']);
  expect(await started.invoke(channels.takeOpenedPaths)).toEqual([path]);
  expect(await started.invoke(channels.takeOpenedPaths)).toEqual([]);
});

test('a file dropped on the icon of macOS arrives the same way', async () => {
  const event = electron.preventable();
  electron.app.emit('open-file', event, '/data/coco');
  expect(event.defaultPrevented).toBe(true);
  expect(await started.invoke(channels.takeOpenedPaths)).toEqual(['/data/coco']);
});

test('a second instance does nothing but leave', async () => {
  electron.app.hasLock = false;
  const quit = vi.spyOn(electron.app, 'quit').mockReturnValue();
  const { order } = electron.app;
  const steps = order.length;
  await startDesktop();
  expect(quit).toHaveBeenCalledTimes(1);
  expect(order.slice(steps)).toEqual(['setName']);
  expect(electron.BrowserWindow.all).toEqual([started.window]);
  quit.mockRestore();
});

test('the menu sets the theme of the settings, and shows the one that is set', async () => {
  expect(item('As the system')!.checked).toBe(true);
  item('Dark')!.click!({ checked: true });
  await vi.waitUntil(() => electron.nativeTheme.themeSource === 'dark');
  expect(item('Dark')!.checked).toBe(true);
  const file = join(started.folder, 'home', 'settings.json');
  expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ theme: 'dark' });
});

test('where the window stood is kept', () => {
  started.window.emit('close', electron.preventable());
  const file = join(started.folder, 'data', 'userData', 'desktop.json');
  expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({
    window: { bounds: started.window.bounds, maximized: false },
  });
});

test('a command of the menu opens a window where there is none', () => {
  started.window.emit('closed');
  electron.BrowserWindow.all = [];
  item('Train')!.click!({ checked: false });
  expect(electron.BrowserWindow.all.length).toBe(1);
});

test('what failed is in the log', () => {
  expect(existsSync(join(started.folder, 'data', 'logs'))).toBe(true);
  const engine = electron.utilityProcess.children.find(({ path }) => path.endsWith('engine-entry.js'))!;
  engine.stderr.emit('data', 'out of memory\n');
  expect(readFileSync(join(started.folder, 'data', 'logs', 'dept.log'), 'utf8')).toMatch(
    /engine \w+: out of memory\n$/,
  );
});
