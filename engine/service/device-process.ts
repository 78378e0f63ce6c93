/** A device's trial in a process of its own, which a bad driver may take down: `device-process.ts <device>`. */
import type { Device } from '../common/devices.ts';
import { tryDevice } from '../runtime/device-trial.ts';
import type { TrialAnswer } from './devices.ts';

async function answer(): Promise<TrialAnswer> {
  try {
    return { difference: await tryDevice(process.argv[2] as Device) };
  } catch (error) {
    const { message, cause } = error as Error;
    return { failed: cause instanceof Error ? cause.message : message };
  }
}

process.send!(await answer(), () => process.disconnect());
