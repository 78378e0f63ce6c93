/** A device's trial in a process of its own, which a bad driver may take down: `device-process.ts <device>`. Whoever started it ends it. */
import type { Device } from '../engine/common/devices.ts';
import type { TrialAnswer } from '../engine/contract/devices.ts';
import { parentPort } from './host/process-ports.ts';

async function answer(device: Device): Promise<TrialAnswer> {
  try {
    const { tryDevice } = await import('../engine/runtime/device-trial.ts'); // ONNX Runtime that does not load is a reason, too
    return { difference: await tryDevice(device) };
  } catch (error) {
    const { message, cause } = error as Error;
    return { failed: cause instanceof Error ? cause.message : message };
  }
}

const port = parentPort();
port.post(await answer(process.argv[2] as Device));
