/** The page's bridge to main: the few things that a page cannot do itself, and nothing else of Electron. */
import { contextBridge, ipcRenderer, webUtils } from 'electron';
import type { DesktopBridge, DesktopCommand } from '../../engine/contract/desktop-bridge.ts';
import { inbox } from '../host/inbox.ts';
import { channels } from './channels.ts';

/** Names this document's connection: what was meant for the one before a reload is not for this one. */
const connection = crypto.randomUUID();

const messages = inbox<unknown>();
const commands = inbox<DesktopCommand>();
ipcRenderer.on(channels.message, (_event, to: string, message: unknown) => {
  if (to === connection) messages.deliver(message);
});
ipcRenderer.on(channels.command, (_event, command: DesktopCommand) => commands.deliver(command));

const bridge: DesktopBridge = {
  platform: process.platform,
  versions: {
    electron: process.versions.electron!,
    chromium: process.versions.chrome!,
    node: process.versions.node,
  },
  post: (message) => ipcRenderer.send(channels.message, connection, message),
  onMessage: (listener) => messages.listen((message) => listener(message)),
  onCommand: (listener) => commands.listen((command) => listener(command)),
  choosePaths: ({ kind, title }) => ipcRenderer.invoke(channels.choosePaths, { kind, title }),
  pathOf: (file) => webUtils.getPathForFile(file),
  chooseHome: () => ipcRenderer.invoke(channels.chooseHome),
  takeOpenedPaths: () => ipcRenderer.invoke(channels.takeOpenedPaths),
};

ipcRenderer.send(channels.open, connection);
contextBridge.exposeInMainWorld('deptDesktop', bridge);
