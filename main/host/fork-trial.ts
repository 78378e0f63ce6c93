/** Trials of devices in children of this process, under Node: for the command line and the engines of `dept serve`. */
import { deviceTrial } from './device-trial.ts';
import { entryFile, forkChild } from './fork-child.ts';

export const forkTrial = deviceTrial((device) => forkChild(entryFile('device-process'), [device], () => {}));
