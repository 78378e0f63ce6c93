/** Devices: what their trials say of them, and what a run gets for its choice. */
import { beforeAll, expect, test } from 'vitest';
import type { Device } from '../../engine/common/devices.ts';
import { DeptError } from '../../engine/common/errors.ts';
import { deviceListSchema, type Trial, type TrialAnswer } from '../../engine/contract/devices.ts';
import { listRuns, openRun } from '../../engine/runs/run-library.ts';
import { chooseDevice, probeDevices } from '../../engine/service/devices.ts';
import { startRun } from '../../engine/service/training-run.ts';
import { configFor, fillHome, folderForFile } from './small-home.ts';

const home = folderForFile();
beforeAll(() => fillHome(home));

const answers =
  (known: Partial<Record<Device, TrialAnswer>>) =>
  async (device: Device): Promise<TrialAnswer> =>
    known[device] ?? { failed: 'no driver' };

test('a device that computes other values than the CPU is not used', async () => {
  const trial = answers({ webgpu: { difference: 0.01 }, cpu: { difference: 0 } });
  const states = await probeDevices(trial);
  expect(deviceListSchema.parse({ devices: states })).toEqual({ devices: states }); // as a page gets it
  expect(states.map(({ device, available }) => [device, available])).toContainEqual(['webgpu', false]);
  expect(states.filter(({ available }) => available)).toHaveLength(1);
  await expect(chooseDevice('webgpu', { trial })).rejects.toMatchObject({
    code: 'unsupported',
    details: { got: 'it computes other values than the CPU, by 1.0e-2' },
  });
});

test('auto takes the best that passes, else the CPU; what was asked for and is not there is refused', async () => {
  const both = answers({ webgpu: { difference: 1e-6 }, coreml: { difference: 0 } });
  expect(await chooseDevice('auto', { trial: both })).toBe('coreml');
  expect(await chooseDevice('auto', { trial: answers({}) })).toBe('cpu');
  expect(await chooseDevice('cuda', { trial: answers({ cuda: { difference: 0 } }) })).toBe('cuda');
  await expect(chooseDevice('cuda', { trial: answers({}) })).rejects.toMatchObject({
    code: 'unsupported',
    details: { got: 'no driver', remedy: expect.stringContaining('Or choose auto or cpu') },
  });
});

test('without a trial there is the CPU, and every other device is refused', async () => {
  expect(await chooseDevice('cpu', {})).toBe('cpu');
  await expect(chooseDevice('cuda', {})).rejects.toMatchObject({
    code: 'unsupported',
    details: { got: 'what started this work tries no devices' },
  });
});

test('a run is refused before it has a folder where its device is missing, and says in its log what it computes on', async () => {
  const hooks = { trial: answers({}) };
  await expect(startRun(home, configFor('vqa', { device: 'cuda' }), hooks)).rejects.toMatchObject({
    code: 'unsupported',
    details: { got: 'no driver' },
  });
  expect(listRuns(home).runs).toEqual([]);
  const settings = { steps: 1, schedule: { warmupSteps: 0 }, device: 'auto' };
  const { run } = await startRun(home, configFor('vqa', settings), hooks);
  const log = openRun(home, run).read('log').values as { message: string }[];
  expect(log.map(({ message }) => message)).toContain('Computes on cpu, chosen by trial');
});

test('a stop during the trial ends the run before it has a folder', async () => {
  const before = listRuns(home).runs.length;
  const stop = new AbortController();
  const trial: Trial = (_, signal) => {
    stop.abort();
    return Promise.reject(signal?.aborted ? new DeptError('cancelled', 'stopped') : new Error('not told'));
  };
  const start = startRun(home, configFor('vqa', { device: 'cuda' }), { trial, signal: stop.signal });
  await expect(start).rejects.toMatchObject({ code: 'cancelled' });
  expect(listRuns(home).runs).toHaveLength(before);
});
