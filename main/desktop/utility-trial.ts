/** Trials of devices in utility processes of Electron. */
import type { Trial } from '../../engine/contract/devices.ts';
import { deviceTrial } from '../host/device-trial.ts';
import type { Log } from './failures.ts';
import { utilityChild } from './utility-child.ts';

export interface UtilityTrialOptions {
  /** The built `device-process.js`. */
  readonly entry: string;
  readonly log: Log;
  /** How long an answer may take, in milliseconds. */
  readonly patience?: number;
}

export function utilityTrial({ entry, log, patience }: UtilityTrialOptions): Trial {
  return deviceTrial((device) => utilityChild({ entry, args: [device], name: `trial of ${device}`, log }), patience);
}
