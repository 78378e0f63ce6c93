/** What the page asks of main: by whom, in which form, and how long a document's connection lives. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { channels } from '../../main/desktop/channels.ts';
import * as electron from './fake-electron.ts';
import { type Started, startProgram } from './started-program.ts';

vi.mock('electron', () => import('./fake-electron.ts'));

let started: Started;
beforeAll(async () => {
  started = await startProgram();
});
afterAll(() => started.remove());
beforeEach(() => {
  electron.dialog.opened.length = 0;
});

const choice = { kind: 'model', title: 'Add a model' };

describe('who asks', () => {
  const foreign: [string, () => object][] = [
    ['a page of another window', () => ({ sender: new electron.FakePage(), senderFrame: started.page.mainFrame })],
    ['a frame inside the page', () => ({ sender: started.page, senderFrame: { origin: 'app://dept' } })],
    ['a frame that is gone', () => ({ sender: started.page, senderFrame: null })],
  ];

  test.each(foreign)('%s is refused', async (_name, event) => {
    for (const channel of electron.ipcMain.handlers.keys()) {
      const asking = Promise.resolve(electron.ipcMain.handlers.get(channel)!(event(), choice));
      await expect(asking).rejects.toThrow('foreign frame');
    }
    expect(electron.dialog.opened).toEqual([]);
  });

  test('our own frame is refused once it shows another origin', async () => {
    started.page.mainFrame.origin = 'https://evil.org';
    await expect(started.invoke(channels.choosePaths, choice)).rejects.toThrow('foreign frame');
    started.page.mainFrame.origin = 'app://dept';
    electron.choices.push(['/models/clip']);
    expect(await started.invoke(channels.choosePaths, choice)).toEqual(['/models/clip']);
  });

  test('messages of foreign frames open no connection', () => {
    const name = randomUUID();
    const before = started.page.sent.length;
    electron.ipcMain.emit(channels.open, { sender: started.page, senderFrame: { origin: 'app://dept' } }, name);
    electron.ipcMain.emit(channels.message, { sender: started.page, senderFrame: started.page.mainFrame }, name, {
      type: 'call',
      id: 0,
      call: 'app.info',
      params: {},
    });
    expect(started.page.sent.length).toBe(before);
  });
});

describe('what is asked', () => {
  const malformed: [string, string, unknown[]][] = [
    ['no choice', channels.choosePaths, []],
    ['an unknown kind', channels.choosePaths, [{ kind: 'anything', title: 'x' }]],
    ['a field too many', channels.choosePaths, [{ ...choice, defaultPath: '/etc' }]],
    ['an argument too many', channels.choosePaths, [choice, 1]],
    ['a title that is no text', channels.choosePaths, [{ kind: 'model', title: {} }]],
    ['an overlong title', channels.choosePaths, [{ kind: 'model', title: 'x'.repeat(201) }]],
    ['an argument where there is none', channels.chooseHome, ['/etc']],
    ['an argument where there is none', channels.takeOpenedPaths, [1]],
  ];
  test.each(malformed)('%s is refused: %s', async (_name, channel, args) => {
    await expect(started.invoke(channel, ...args)).rejects.toThrow('does not take this');
    expect(electron.dialog.opened).toEqual([]);
  });

  test('dialogs open where they were left', async () => {
    electron.choices.push(['/data/pictures/cat.jpg', '/data/pictures/dog.jpg'], []);
    const pictures = { kind: 'pictures', title: 'Choose pictures' };
    expect(await started.invoke(channels.choosePaths, pictures)).toEqual([
      '/data/pictures/cat.jpg',
      '/data/pictures/dog.jpg',
    ]);
    expect(await started.invoke(channels.choosePaths, pictures)).toEqual([]);
    expect(electron.dialog.opened[1]).toMatchObject({ defaultPath: '/data/pictures', title: 'Choose pictures' });
    electron.choices.push([]);
    expect(await started.invoke(channels.chooseHome)).toBeNull();
  });
});

describe('a connection', () => {
  const from = () => ({ sender: started.page, senderFrame: started.page.mainFrame });
  const openDocument = (): string => {
    const name = randomUUID();
    electron.ipcMain.emit(channels.open, from(), name);
    return name;
  };
  const post = (name: string, message: unknown): void =>
    void electron.ipcMain.emit(channels.message, from(), name, message);
  const repliesTo = (name: string) =>
    started.page.sent
      .filter(([channel, to]) => channel === channels.message && to === name)
      .map(([, , message]) => message as Record<string, unknown>);
  const ask = (id: number) => ({ type: 'call', id, call: 'app.info', params: {} });

  test('answers the contract, and says what is wrong with a malformed message', async () => {
    const name = openDocument();
    post(name, ask(7));
    const reply = await vi.waitUntil(() => repliesTo(name).find(({ id }) => id === 7));
    expect(reply).toMatchObject({
      type: 'result',
      value: { face: 'desktop', versions: { Node: process.versions.node } },
    });
    post(name, { type: 'call', id: 8, call: 'app.info', params: {}, more: 1 });
    post(name, { type: 'call', id: 9, call: 'constructor', params: {} });
    for (const id of [8, 9]) {
      const error = await vi.waitUntil(() => repliesTo(name).find((message) => message.id === id));
      expect(error).toMatchObject({ type: 'error', error: { code: 'bad-input' } });
    }
    post(name, 'nonsense');
    post(name, ask(10));
    await vi.waitUntil(() => repliesTo(name).some(({ id, type }) => id === 10 && type === 'result'));
  });

  test('ends with its document: what comes late goes neither way', async () => {
    const first = openDocument();
    const second = openDocument();
    const count = repliesTo(first).length;
    post(first, ask(1));
    post(second, ask(2));
    await vi.waitUntil(() => repliesTo(second).some(({ id }) => id === 2));
    expect(repliesTo(first).length).toBe(count);
  });

  test('ends when the page navigates or crashes, not when an inner frame or an anchor changes', async () => {
    for (const end of [
      () => started.page.emit('did-start-navigation', { isMainFrame: true, isSameDocument: false }),
      () => started.page.emit('render-process-gone', {}, { reason: 'clean-exit', exitCode: 0 }),
    ]) {
      const name = openDocument();
      started.page.emit('did-start-navigation', { isMainFrame: false, isSameDocument: false });
      started.page.emit('did-start-navigation', { isMainFrame: true, isSameDocument: true });
      post(name, ask(1));
      await vi.waitUntil(() => repliesTo(name).some(({ id }) => id === 1));
      end();
      const count = repliesTo(name).length;
      post(name, ask(2));
      const next = openDocument();
      post(next, ask(3));
      await vi.waitUntil(() => repliesTo(next).some(({ id }) => id === 3));
      expect(repliesTo(name).length).toBe(count);
    }
  });
});
