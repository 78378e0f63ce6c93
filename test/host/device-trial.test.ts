/** Trials of devices in processes of their own: what they answer, how they are lost, and that none of them stays. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { Device } from '../../engine/common/devices.ts';
import { deviceTrial } from '../../main/host/device-trial.ts';
import { forkChild } from '../../main/host/fork-child.ts';
import { forkTrial } from '../../main/host/fork-trial.ts';
import type { OwnProcess, ProcessEnd } from '../../main/host/own-process.ts';
import { portPair } from '../contract/port-pair.ts';

const folder = mkdtempSync(join(tmpdir(), 'dept-trial-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
/** No machine has both. */
const missing: Device = process.platform === 'win32' ? 'coreml' : 'dml';

describe('under Node', () => {
  test('the CPU passes its trial, to the bit', async () => {
    expect(await forkTrial('cpu')).toEqual({ difference: 0 });
  });

  test('a device that ONNX Runtime does not have is told with the reason', async () => {
    expect(await forkTrial(missing)).toEqual({ failed: expect.stringContaining(missing) });
  });

  const scripted = (code: string) => {
    const path = join(folder, 'trial.mjs');
    writeFileSync(path, code);
    const children: OwnProcess[] = [];
    const trial = deviceTrial((device) => {
      children.push(forkChild(path, [device], () => {}));
      return children[0]!;
    });
    return { answer: trial('cuda'), children };
  };

  test.each([
    ['crashes', 'process.abort();', /^its trial was lost: (killed by SIGABRT|ended with exit code)/],
    ['says nothing', 'process.exitCode = 3; process.disconnect();', /^its trial was lost: ended with exit code 3$/],
    ['says something else', "process.send({ difference: 'much' });", /^its trial gave an answer of another kind$/],
    ['computes no number', 'process.send({ difference: NaN });', /^its trial gave an answer of another kind$/],
  ])('a trial that %s is a device that cannot be used', async (_, code, reason) => {
    expect(await scripted(code).answer).toEqual({ failed: expect.stringMatching(reason) });
  });

  test('an answer ends the process, whatever keeps it alive', async () => {
    const { answer, children } = scripted('setInterval(() => {}, 1000); process.send({ difference: 0.5 });');
    expect(await answer).toEqual({ difference: 0.5 });
    expect(await children[0]!.exited).toEqual({ code: null, signal: 'SIGKILL' });
  });
});

/** A process that does what a test says; `stubborn` is one that hangs where no signal reaches it. */
function fakeProcess(stubborn = false) {
  const [port, own] = portPair();
  const { promise: exited, resolve: exit } = Promise.withResolvers<ProcessEnd>();
  const kills: (boolean | undefined)[] = [];
  const child: OwnProcess = {
    port,
    processId: 1,
    exited,
    kill: (force) => {
      kills.push(force);
      if (!stubborn) exit({ code: null, signal: 'SIGKILL' });
    },
  };
  return { child, own, kills, exit };
}

describe('whoever starts the process', () => {
  test.each([[false], [true]])('one that hangs is given up and ended, stubborn or not: %s', async (stubborn) => {
    const { child, kills } = fakeProcess(stubborn);
    expect(await deviceTrial(() => child, 1)('cuda')).toEqual({ failed: 'its trial gave no answer within 0.001 s' });
    expect(kills).toEqual([true]);
  });

  test('one that does not start is told with the reason', async () => {
    const { child, exit } = fakeProcess();
    exit({ code: null, signal: null, error: 'spawn ENOMEM' });
    expect(await deviceTrial(() => child)('cuda')).toEqual({ failed: 'its trial was lost: not started: spawn ENOMEM' });
  });

  test('an abort ends it', async () => {
    const { child, kills } = fakeProcess();
    const stop = new AbortController();
    const answer = deviceTrial(() => child)('cuda', stop.signal);
    expect(kills).toEqual([]);
    stop.abort();
    await expect(answer).rejects.toMatchObject({ code: 'cancelled' });
    expect(kills).toEqual([true]);
  });

  test('after an abort none is started', async () => {
    const started: Device[] = [];
    const trial = deviceTrial((device) => {
      started.push(device);
      return fakeProcess().child;
    });
    await expect(trial('cuda', AbortSignal.abort())).rejects.toMatchObject({ code: 'cancelled' });
    expect(started).toEqual([]);
  });
});
