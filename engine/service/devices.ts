/**
 * Which devices this machine has, by a trial of each, and which one a run gets. A device that was asked for and is not there is an
 * error with the reason: nothing else takes its place in silence.
 */
import { type Device, type DeviceChoice, devices } from '../common/devices.ts';
import { DeptError } from '../common/errors.ts';
import type { DeviceState, Trial } from '../contract/devices.ts';
import type { TrainHooks } from '../contract/jobs.ts';

/** Values of about 1 may differ by so much: more than sums in another order make, less than 16-bit arithmetic does. */
const ALLOWED_DIFFERENCE = 1e-4;

const remedies: Readonly<Record<Device, string>> = {
  cpu: 'Install the program again: its ONNX Runtime does not run here.',
  cuda: 'On Linux with an NVIDIA card: CUDA 12, cuDNN 9 and the libraries of docs/devices.md.',
  dml: 'DirectML comes with Windows only.',
  coreml: 'CoreML comes with macOS on Apple silicon only.',
  webgpu: 'A driver of Direct3D 12, Metal or, on Linux, Vulkan (libvulkan1 and a driver of the graphics card).',
};

/** Tries one device. */
export async function probeDevice(device: Device, trial: Trial, signal?: AbortSignal): Promise<DeviceState> {
  const answer = await trial(device, signal);
  const remedy = remedies[device];
  if ('failed' in answer) {
    const reason = answer.failed.replaceAll(/\s+/g, ' ').trim();
    return { device, available: false, reason, remedy };
  }
  const { difference } = answer;
  if (difference <= ALLOWED_DIFFERENCE) return { device, available: true, difference };
  const reason = `it computes other values than the CPU, by ${difference.toExponential(1)}`;
  return { device, available: false, difference, reason, remedy: 'Update its driver.' };
}

/** All devices, one after another: two trials at a time could take each other's memory. */
export async function probeDevices(trial: Trial, signal?: AbortSignal): Promise<DeviceState[]> {
  const states: DeviceState[] = [];
  for (const device of devices) states.push(await probeDevice(device, trial, signal));
  return states;
}

/** For `auto`: the first that can be used. */
const byPreference: readonly Device[] = ['cuda', 'dml', 'coreml', 'webgpu', 'cpu'];

const noTrial: Trial = async () => ({ failed: 'what started this work tries no devices' });

/**
 * The device for a choice. The CPU needs no trial.
 * @throws DeptError 'unsupported' where the chosen one cannot be used, 'cancelled' on an abort.
 */
export async function chooseDevice(
  choice: DeviceChoice,
  { trial = noTrial, signal }: Pick<TrainHooks, 'trial' | 'signal'>,
): Promise<Device> {
  if (choice === 'cpu') return choice;
  if (choice === 'auto') {
    for (const device of byPreference) {
      if (device === 'cpu' || (await probeDevice(device, trial, signal)).available) return device;
    }
  }
  const device = choice as Device;
  const { available, reason, remedy } = await probeDevice(device, trial, signal);
  if (available) return device;
  throw new DeptError('unsupported', `This machine cannot compute on ${device}`, {
    expected: 'a device that dept devices shows as ready',
    ...(reason === undefined ? {} : { got: reason }),
    remedy: `${remedy} Or choose auto or cpu.`,
  });
}
