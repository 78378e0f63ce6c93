/** Devices in the window: an engine asks main, which tries each in a utility process that answers, crashes, hangs or computes wrong. */
import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Device } from '../../engine/common/devices.ts';
import { engineCalls } from '../../engine/contract/api.ts';
import { ContractClient } from '../../engine/contract/client.ts';
import type { Trial } from '../../engine/contract/devices.ts';
import { listRuns } from '../../engine/runs/run-library.ts';
import { chooseDevice } from '../../engine/service/devices.ts';
import { ensureSampleDataset } from '../../engine/service/sample.ts';
import { bothWays, trialOver } from '../../main/desktop/trial-calls.ts';
import { utilityEngine } from '../../main/desktop/utility-engine.ts';
import { utilityTrial } from '../../main/desktop/utility-trial.ts';
import { inbox } from '../../main/host/inbox.ts';
import { folderForFile, recipe, settings } from '../service/small-home.ts';
import * as electron from './fake-electron.ts';

vi.mock('electron', () => import('./fake-electron.ts'));

const { children } = electron.utilityProcess;
beforeEach(() => {
  children.length = 0;
});
afterEach(() => {
  vi.restoreAllMocks();
});

describe('a trial at the request of an engine', () => {
  beforeEach(() => {
    vi.spyOn(process, 'kill').mockImplementation((processId) => {
      children.find(({ pid }) => pid === processId)!.end(9);
      return true;
    });
  });

  /** An engine in a made-up process, with its own end of the port as the real one has it. */
  function openEngine(patience?: number): { readonly trial: Trial; readonly engine: electron.FakeChild } {
    const log = (): void => {};
    const trial = utilityTrial({ entry: '/dist/device-process.js', log, ...(patience !== undefined && { patience }) });
    utilityEngine({ entry: '/dist/engine-entry.js', wasmPictures: false, trial, log })('work', '/home');
    const engine = children.at(-1)!;
    const { deliver, listen } = inbox<unknown>();
    engine.postMessage = deliver;
    const { asking } = bothWays({
      post: (message) => void engine.emit('message', message),
      onMessage: listen,
      onClose: () => {},
      close: () => {},
    });
    return { trial: trialOver(asking), engine };
  }

  /** The process of a trial that was asked for, now there. */
  function trialOf(device: Device): electron.FakeChild {
    const child = children.find(({ args }) => args[0] === device)!;
    child.spawn(1000 + children.indexOf(child));
    return child;
  }

  test('a device that computes as the CPU does is chosen, and the process of its trial is ended', async () => {
    const chosen = chooseDevice('cuda', openEngine());
    const child = trialOf('cuda');
    expect(child.path).toBe('/dist/device-process.js');
    child.emit('message', { difference: 1e-7 });
    expect(await chosen).toBe('cuda');
    expect(child.pid).toBeUndefined();
  });

  const failures: [string, (child: electron.FakeChild) => void, string][] = [
    ['crashes', (child) => child.end(139), 'its trial was lost: ended with exit code 139'],
    ['ends without an answer', (child) => child.end(0), 'its trial was lost: ended with exit code 0'],
    ['cannot compute', (child) => child.emit('message', { failed: 'no driver' }), 'no driver'],
    [
      'computes other values',
      (child) => child.emit('message', { difference: 0.01 }),
      'it computes other values than the CPU, by 1.0e-2',
    ],
  ];

  test.each(failures)('one that %s is refused with the reason', async (_, act, got) => {
    const chosen = chooseDevice('cuda', openEngine());
    const child = trialOf('cuda');
    act(child);
    await expect(chosen).rejects.toMatchObject({ code: 'unsupported', details: { got } });
    expect(child.pid).toBeUndefined();
  });

  test('one that hangs is given up, refused and ended', async () => {
    const chosen = chooseDevice('cuda', openEngine(1));
    const child = trialOf('cuda');
    const details = { got: 'its trial gave no answer within 0.001 s' };
    await expect(chosen).rejects.toMatchObject({ code: 'unsupported', details });
    expect(child.pid).toBeUndefined();
  });

  test('two at once have a process and an answer each', async () => {
    const { trial } = openEngine();
    const [cuda, webgpu] = [trial('cuda'), trial('webgpu')];
    trialOf('webgpu').emit('message', { failed: 'no driver' });
    expect(await webgpu).toEqual({ failed: 'no driver' });
    trialOf('cuda').emit('message', { difference: 0 });
    expect(await cuda).toEqual({ difference: 0 });
  });

  test('an engine that asks no longer has its trial ended', async () => {
    const stop = new AbortController();
    const chosen = chooseDevice('cuda', { ...openEngine(), signal: stop.signal });
    const child = trialOf('cuda');
    stop.abort();
    await expect(chosen).rejects.toMatchObject({ code: 'cancelled' });
    expect(child.pid).toBeUndefined();
  });

  test('an engine that ends takes its trial along', async () => {
    const { trial, engine } = openEngine();
    void trial('cuda');
    const child = trialOf('cuda');
    const ended = new Promise((resolve) => child.once('exit', resolve));
    engine.end(0);
    expect(await ended).toBe(9);
    expect(engine.posted).toEqual([]);
  });
});

describe('engine and trial as processes that start as they do in Electron', () => {
  /** What a utility process has in place of the channel of `fork`, which would start the program once more. */
  const shim = `data:text/javascript,${encodeURIComponent(`
    import childProcess from 'node:child_process';
    import { syncBuiltinESMExports } from 'node:module';
    const send = process.send.bind(process);
    process.parentPort = {
      postMessage: (message) => send(message),
      on: (name, listener) => process.on(name, (data) => listener({ data })),
    };
    process.send = undefined;
    childProcess.fork = () => { throw new Error('a utility process cannot fork'); };
    syncBuiltinESMExports();`)}`;
  const started: ChildProcess[] = [];
  const entry = (name: string): string => join(import.meta.dirname, '..', '..', 'main', name);

  beforeEach(() => {
    vi.spyOn(electron.utilityProcess, 'fork').mockImplementation((path, args) => {
      const child = fork(path, args, {
        execArgv: ['--import', shim],
        serialization: 'advanced',
        stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      });
      started.push(child);
      return Object.assign(child, { postMessage: (message: object) => child.send(message) }) as never;
    });
  });
  afterEach(() => {
    for (const child of started) child.kill('SIGKILL');
  });

  /** No machine has both. */
  const missing: Device = process.platform === 'win32' ? 'coreml' : 'dml';
  const home = folderForFile();

  test('a run on a device that is not there is refused with the reason of its trial, before it has a folder', async () => {
    await ensureSampleDataset(home, recipe, {});
    const log = vi.fn();
    const trial = utilityTrial({ entry: entry('device-process.ts'), log });
    const spawn = utilityEngine({ entry: entry('desktop/engine-entry.ts'), wasmPictures: false, trial, log });
    const engine = spawn('work', home);
    const client = new ContractClient(engine.port, engineCalls);
    const config = { ...settings, task: 'vqa', device: missing };
    await expect(client.call('train', { config })).rejects.toMatchObject({
      code: 'unsupported',
      message: `This machine cannot compute on ${missing}`,
      details: { got: expect.stringContaining(missing) },
    });
    expect(started.map(({ spawnargs }) => spawnargs.at(-1))).toEqual(['work', missing]);
    expect(started[1]!.signalCode).toBe('SIGKILL');
    expect(listRuns(home).runs).toEqual([]);
    engine.kill();
    await engine.exited;
  });
});
