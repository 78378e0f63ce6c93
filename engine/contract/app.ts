/** The program itself: what it is, where it keeps things, what a person set. */
import { z } from 'zod';
import { deviceChoices } from '../common/devices.ts';
import { whole } from './decoding-config.ts';

export const settingsSchema = z.object({
  theme: z.enum(['system', 'light', 'dark']).default('system'),
  /** CPU threads of new runs and of the playground; null: as many as there are cores. */
  threads: whole(1).nullable().default(null),
  /** Of new runs. */
  device: z.enum(deviceChoices).default('cpu'),
});

export type Settings = z.output<typeof settingsSchema>;

export const settingsChangeSchema = z.strictObject({
  theme: settingsSchema.shape.theme.unwrap().optional(),
  threads: settingsSchema.shape.threads.unwrap().optional(),
  device: settingsSchema.shape.device.unwrap().optional(),
});

export type SettingsChange = z.output<typeof settingsChangeSchema>;

export const appInfoSchema = z.object({
  version: z.string(),
  /** Of Node, ONNX Runtime and, in the desktop window, Electron and Chromium. */
  versions: z.record(z.string(), z.string()),
  face: z.enum(['desktop', 'browser']),
  platform: z.string(),
  home: z.string(),
  /** Why the home folder cannot be changed here; missing where it can. */
  homeFixedBy: z.string().optional(),
  /** A sentence on what `settings.json` holds that this version does not know; missing where there is nothing. */
  unknownSettings: z.string().optional(),
  cores: z.int(),
  /** Of the machine, in bytes. */
  memory: z.number(),
  processor: z.string(),
});

export type AppInfo = z.output<typeof appInfoSchema>;
