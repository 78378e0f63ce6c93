/** `dept devices`, and the way of trying a device that a run gets. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test, vi } from 'vitest';
import type { Device } from '../../engine/common/devices.ts';
import type { Service } from '../../engine/contract/calls.ts';
import { deviceListSchema } from '../../engine/contract/devices.ts';
import { dept } from './fake-host.ts';

const home = mkdtempSync(join(tmpdir(), 'dept-devices-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));

const trial = async (device: Device) => (device === 'cpu' ? { difference: 0 } : { failed: `no ${device} here` });

test('lists each device with what its trial says, for people and for programs', async () => {
  const { stdout, exitCode } = await dept(['devices'], { home, trial });
  expect(exitCode).toBe(0);
  expect(stdout).toMatch(/^cpu +ready +differs from the CPU by 0\.0e\+0$/m);
  expect(stdout).toMatch(/^cuda +not available +no cuda here$/m);
  const { devices } = deviceListSchema.parse(JSON.parse((await dept(['devices', '--json'], { home, trial })).stdout));
  expect(devices.filter(({ available }) => available).map(({ device }) => device)).toEqual(['cpu']);
});

test('Ctrl-C ends the trials', async () => {
  const asked = vi.fn(async (_: Device, signal?: AbortSignal) => ({ failed: signal?.aborted ? 'stopped' : 'at work' }));
  const { stdout } = await dept(['devices'], { home, trial: asked, interruptible: (press) => press() });
  expect(stdout).toMatch(/^cpu +not available +stopped$/m);
});

test.each([
  ['train', ['train', '--preset', 'bundled', '--dataset', 'small', '--task', 'vqa', '--device', 'cuda']],
  ['resume', ['resume', 'run']],
  ['demo', ['demo']],
] as const)('%s tries its device the same way', async (call, words) => {
  const service = { [call]: vi.fn(() => Promise.reject(new Error('far enough'))) };
  await dept(words, { home, trial, service: service as Partial<Service> });
  expect(service[call]!.mock.calls[0]!.at(-1)).toMatchObject({ trial });
});
