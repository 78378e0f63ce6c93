/** The trial of a device in a process of its own, whoever starts that: what it answers, or what became of it. */
import type { Device } from '../../engine/common/devices.ts';
import { DeptError } from '../../engine/common/errors.ts';
import { type Trial, type TrialAnswer, trialAnswerSchema } from '../../engine/contract/devices.ts';
import { endInWords, type OwnProcess } from './own-process.ts';

/** Drivers are known to hang. */
const PATIENCE_MS = 60_000;

function stopped(): DeptError {
  return new DeptError('cancelled', 'The trial of a device was stopped');
}

function answerOf({ port }: OwnProcess): Promise<TrialAnswer> {
  return new Promise((resolve) => {
    port.onMessage((message) => {
      const { data } = trialAnswerSchema.safeParse(message);
      resolve(data ?? { failed: 'its trial gave an answer of another kind' });
    });
  });
}

/** `start` runs `main/device-process.ts` for the device; `patience` is in milliseconds. */
export function deviceTrial(start: (device: Device) => OwnProcess, patience = PATIENCE_MS): Trial {
  return async (device, signal) => {
    if (signal?.aborted) throw stopped();
    const child = start(device);
    const [late, abort] = [Promise.withResolvers<void>(), Promise.withResolvers<never>()];
    const timer = setTimeout(late.resolve, patience);
    const stop = (): void => abort.reject(stopped());
    signal?.addEventListener('abort', stop);
    try {
      return await Promise.race([
        answerOf(child),
        child.exited.then((end) => ({ failed: `its trial was lost: ${endInWords(end)}` })),
        late.promise.then(() => ({ failed: `its trial gave no answer within ${patience / 1000} s` })),
        abort.promise,
      ]);
    } finally {
      signal?.removeEventListener('abort', stop);
      child.kill(true); // it need not end by itself: a utility process does not, and drivers are known to crash at the end
      await Promise.race([child.exited, late.promise]); // its memory is the next one's
      clearTimeout(timer);
    }
  };
}
