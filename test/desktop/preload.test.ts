/** The bridge in the page: what it has, and that nothing of Electron passes through it. */
import { beforeAll, expect, test, vi } from 'vitest';
import type { DesktopBridge } from '../../engine/contract/desktop-bridge.ts';
import { channels } from '../../main/desktop/channels.ts';
import * as electron from './fake-electron.ts';

vi.mock('electron', () => import('./fake-electron.ts'));

let bridge: DesktopBridge;
let connection: string;
beforeAll(async () => {
  await import('../../main/desktop/preload.ts');
  bridge = electron.exposed.deptDesktop as DesktopBridge;
  connection = electron.ipcRenderer.send.calls[0]![1] as string;
});

test('one object with these members, and no other', () => {
  expect(Object.keys(electron.exposed)).toEqual(['deptDesktop']);
  expect(Object.keys(bridge).sort()).toEqual([
    'chooseHome',
    'choosePaths',
    'onCommand',
    'onMessage',
    'pathOf',
    'platform',
    'post',
    'takeOpenedPaths',
    'versions',
  ]);
});

test('announces its document under a name of its own', () => {
  expect(electron.ipcRenderer.send.calls[0]).toEqual([channels.open, expect.stringMatching(/^[\da-f-]{36}$/)]);
  bridge.post({ type: 'cancel', id: 1 });
  expect(electron.ipcRenderer.send.calls.at(-1)).toEqual([channels.message, connection, { type: 'cancel', id: 1 }]);
});

test('listeners get messages without the event, early ones too, those of another document never', () => {
  const event = { sender: 'not for the page' };
  electron.ipcRenderer.emit(channels.message, event, connection, 'early');
  electron.ipcRenderer.emit(channels.message, event, 'of an earlier document', 'late');
  const heard: unknown[][] = [];
  const given = bridge.onMessage((...args) => void heard.push(args));
  electron.ipcRenderer.emit(channels.message, event, connection, 'then');
  expect(heard).toEqual([['early'], ['then']]);
  expect(given).toBeUndefined();

  const commands: unknown[][] = [];
  electron.ipcRenderer.emit(channels.command, event, 'go-train');
  expect(bridge.onCommand((...args) => void commands.push(args))).toBeUndefined();
  expect(commands).toEqual([['go-train']]);
});

test('each method is one request, with what it needs and no more', async () => {
  const { calls } = electron.ipcRenderer.invoke;
  const choice = { kind: 'import', title: 'Import', more: 'not passed on' } as const;
  await bridge.choosePaths(choice);
  await bridge.chooseHome();
  await bridge.takeOpenedPaths();
  expect(calls).toEqual([
    [channels.choosePaths, { kind: 'import', title: 'Import' }],
    [channels.chooseHome],
    [channels.takeOpenedPaths],
  ]);
});

test('a dropped file tells its path', () => {
  expect(bridge.pathOf(new File([], 'cat.jpg'))).toBe('/dropped/cat.jpg');
});
