/** The devices of the machine, each tried. */
import { z } from 'zod';
import { type Device, devices } from '../common/devices.ts';

export const deviceListSchema = z.object({
  devices: z.array(
    z.object({
      device: z.enum(devices),
      available: z.boolean(),
      /** Largest difference of a small graph's values from the CPU's; missing where it did not run. */
      difference: z.number().optional(),
      /** Why it cannot be used, and what would help. */
      reason: z.string().optional(),
      remedy: z.string().optional(),
    }),
  ),
});

export type DeviceState = z.output<typeof deviceListSchema>['devices'][number];

/** The largest difference of a small graph's values from the CPU's, or why there are none. */
export const trialAnswerSchema = z.union([z.object({ difference: z.number() }), z.object({ failed: z.string() })]);

export type TrialAnswer = Readonly<z.output<typeof trialAnswerSchema>>;

/**
 * Tries a device in a process of its own, which it may take down: how, knows who starts the engine. Throws `cancelled` on an
 * abort.
 */
export type Trial = (device: Device, signal?: AbortSignal) => Promise<TrialAnswer>;
