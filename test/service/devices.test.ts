/** Devices: trials in processes of their own, and what a run gets for its choice. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import type { Device } from '../../engine/common/devices.ts';
import { deviceListSchema } from '../../engine/contract/devices.ts';
import { listRuns, openRun } from '../../engine/runs/run-library.ts';
import { chooseDevice, probeDevice, probeDevices, type TrialAnswer, trialOf } from '../../engine/service/devices.ts';
import { startRun } from '../../engine/service/training-run.ts';
import { configFor, fillHome, folderForFile } from './small-home.ts';

const home = folderForFile();
beforeAll(() => fillHome(home));
/** No machine has both. */
const missing: Device = process.platform === 'win32' ? 'coreml' : 'dml';

test('the CPU passes its trial, to the bit', async () => {
  expect(await probeDevice('cpu')).toEqual({ device: 'cpu', available: true, difference: 0 });
});

test('a device that ONNX Runtime does not have is told with the reason', async () => {
  const state = await probeDevice(missing);
  expect(state).toMatchObject({
    available: false,
    reason: expect.stringContaining(missing),
    remedy: expect.any(String),
  });
});

test('a trial that takes its process down, or says nothing, is a device that cannot be used', async () => {
  const script = (name: string, code: string): string => {
    const path = join(home, `${name}.mjs`);
    writeFileSync(path, code);
    return path;
  };
  expect(await trialOf('cuda', script('crash', 'process.abort();'))).toEqual({
    failed: expect.stringMatching(/SIGABRT|exit/),
  });
  expect(await trialOf('cuda', script('silent', 'process.exitCode = 3; process.disconnect();'))).toEqual({
    failed: 'its trial ended with exit code 3',
  });
  expect(
    await trialOf('cuda', script('fine', 'process.send({ difference: 0.5 }, () => process.disconnect());')),
  ).toEqual({
    difference: 0.5,
  });
});

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
  await expect(chooseDevice('webgpu', trial)).rejects.toMatchObject({
    code: 'unsupported',
    details: { got: 'it computes other values than the CPU, by 1.0e-2' },
  });
});

test('auto takes the best that passes, else the CPU; what was asked for and is not there is refused', async () => {
  expect(await chooseDevice('auto', answers({ webgpu: { difference: 1e-6 }, coreml: { difference: 0 } }))).toBe(
    'coreml',
  );
  expect(await chooseDevice('auto', answers({}))).toBe('cpu');
  expect(await chooseDevice('cuda', answers({ cuda: { difference: 0 } }))).toBe('cuda');
  await expect(chooseDevice('cuda', answers({}))).rejects.toMatchObject({
    code: 'unsupported',
    details: { got: 'no driver', remedy: expect.stringContaining('Or choose auto or cpu') },
  });
});

test('a run is refused before it has a folder where its device is missing, and says in its log what it computes on', async () => {
  await expect(startRun(home, configFor('vqa', { device: missing }), {})).rejects.toMatchObject({
    code: 'unsupported',
  });
  expect(listRuns(home).runs).toEqual([]);
  const { run } = await startRun(home, configFor('vqa', { steps: 1, schedule: { warmupSteps: 0 } }), {});
  const log = openRun(home, run).read('log').values as { message: string }[];
  expect(log.map(({ message }) => message)).toContain('Computes on cpu');
});
