/** Engines in utility processes, and which build of sharp they may use. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { needsWasmPictures } from '../../main/desktop/picture-check.ts';
import { utilityEngine } from '../../main/desktop/utility-engine.ts';
import * as electron from './fake-electron.ts';

vi.mock('electron', () => import('./fake-electron.ts'));

const logged: string[] = [];
const log = (source: string, text: string): void => void logged.push(`${source}: ${text}`);
beforeEach(() => {
  logged.length = 0;
  electron.utilityProcess.children.length = 0;
});

describe('an engine', () => {
  const trial = async () => ({ failed: 'not asked for' });
  const start = (wasmPictures = false) => {
    const engine = utilityEngine({ entry: '/dist/engine-entry.js', wasmPictures, trial, log })('work', '/home');
    return { engine, child: electron.utilityProcess.children.at(-1)! };
  };

  test('is a named process with its output piped to the log', () => {
    const { child } = start();
    expect([child.path, child.args]).toEqual(['/dist/engine-entry.js', ['/home', 'work']]);
    expect(child.options).toMatchObject({ serviceName: 'dept engine work', stdio: 'pipe' });
    child.stdout.emit('data', 'warming up');
    child.stderr.emit('data', 'out of memory');
    child.emit('error', 'FatalError', 'v8', 'report');
    expect(logged).toEqual([
      'engine work: warming up',
      'engine work: out of memory',
      'engine work: FatalError at v8\nreport',
    ]);
  });

  test('has the token of the hub only where downloads are', () => {
    vi.stubEnv('HF_TOKEN', 'hf_secret');
    const tokens = (['net', 'work', 'library'] as const).map((lane) => {
      utilityEngine({ entry: '/dist/engine-entry.js', wasmPictures: false, trial, log })(lane, '/home');
      const { env } = electron.utilityProcess.children.at(-1)!.options as { env: NodeJS.ProcessEnv };
      return [env.HF_TOKEN, env.PATH === process.env.PATH];
    });
    vi.unstubAllEnvs();
    expect(tokens).toEqual([
      ['hf_secret', true],
      [undefined, true],
      [undefined, true],
    ]);
  });

  test('is told where sharp is to take its WebAssembly build', () => {
    expect(start(true).child.args).toEqual(['/home', 'work', 'wasm-pictures']);
  });

  test('its port carries messages both ways, early ones too, until it ends', async () => {
    const { engine, child } = start();
    child.emit('message', 'early');
    const heard: unknown[] = [];
    engine.port.onMessage((message) => heard.push(message));
    child.emit('message', 'then');
    engine.port.post('hello');
    expect([heard, child.posted]).toEqual([['early', 'then'], ['hello']]);
    const closed = new Promise<void>((resolve) => engine.port.onClose(resolve));
    child.end(7);
    expect(await engine.exited).toEqual({ code: 7, signal: null });
    await closed;
    engine.port.post('into the void');
    expect(child.posted).toEqual(['hello']);
  });

  test('has its process id once it runs, and is ended by asking or without', () => {
    const { engine, child } = start();
    expect(engine.processId).toBeUndefined();
    child.spawn(12_345);
    expect(engine.processId).toBe(12_345);
    const kill = vi.spyOn(process, 'kill').mockReturnValue(true);
    engine.kill(true);
    expect(kill.mock.calls).toEqual([[12_345, 'SIGKILL']]);
    kill.mockRestore();
    engine.kill();
    expect(child.pid).toBeUndefined();
  });

  test('is ended as soon as it is there where it was asked to before', async () => {
    const { engine, child } = start();
    engine.kill();
    child.spawn(12_345);
    expect(await engine.exited).toEqual({ code: 0, signal: null });
  });

  test('one that has ended meanwhile is killed without an error', () => {
    const { engine, child } = start();
    child.spawn(12_345);
    const kill = vi.spyOn(process, 'kill').mockImplementation(() => {
      throw new Error('kill ESRCH');
    });
    expect(() => engine.kill(true)).not.toThrow();
    expect(kill).toHaveBeenCalledTimes(1);
    kill.mockRestore();
  });
});

describe('pictures', () => {
  test('a trial that crashes means WebAssembly, one that succeeds the native build', async () => {
    electron.utilityProcess.trialCode = 0;
    expect(await needsWasmPictures('/picture-trial.js', log, 'linux')).toBe(false);
    electron.utilityProcess.trialCode = 139;
    expect(await needsWasmPictures('/picture-trial.js', log, 'linux')).toBe(true);
    expect(logged.at(-1)).toContain('139');
  });

  test('a trial that hangs means WebAssembly, and is ended', async () => {
    electron.utilityProcess.trialCode = undefined;
    const kill = vi.spyOn(process, 'kill').mockReturnValue(true);
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const needed = needsWasmPictures('/picture-trial.js', log, 'linux');
    electron.utilityProcess.children[0]!.spawn(12_345);
    vi.advanceTimersByTime(15_000);
    vi.useRealTimers();
    expect(await needed).toBe(true);
    expect(kill.mock.calls).toEqual([[12_345, 'SIGKILL']]);
    kill.mockRestore();
    expect(logged).toEqual([expect.stringContaining('gave no answer')]);
  });

  test('elsewhere there is no doubt and no trial', async () => {
    expect(await needsWasmPictures('/picture-trial.js', log, 'darwin')).toBe(false);
    expect(electron.utilityProcess.children).toEqual([]);
  });

  const root = join(import.meta.dirname, '..', '..');
  const run = (...args: string[]) => execFileSync(process.execPath, args, { cwd: root, encoding: 'utf8' });

  test('the trial itself succeeds under Node', () => {
    expect(() => run('main/desktop/picture-trial.ts')).not.toThrow();
  });

  test('a hidden native build is not found any more, other packages are', () => {
    const script = `
      import { createRequire } from 'node:module';
      import { hideNativeSharp } from './main/desktop/hide-native-sharp.ts';
      hideNativeSharp();
      const require = createRequire(import.meta.url);
      const tried = (name) => { try { require(name); return 'found'; } catch (error) { return error.message; } };
      console.log(JSON.stringify([tried('@img/sharp-linux-x64/sharp.node'), tried('@img/sharp-libvips-linux-x64/package'), tried('@img/colour')]));`;
    const [native, , other] = JSON.parse(run('--input-type=module', '--eval', script));
    expect([native, other]).toEqual(['@img/sharp-linux-x64/sharp.node is hidden', 'found']);
  });
});
