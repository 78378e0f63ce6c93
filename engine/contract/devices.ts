/** The devices of the machine, each tried. */
import { z } from 'zod';
import { devices } from '../common/devices.ts';

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
