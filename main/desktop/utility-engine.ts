/** Engine processes as utility processes of Electron. */
import type { Trial } from '../../engine/contract/devices.ts';
import { environmentOf, type SpawnEngine } from '../host/own-process.ts';
import type { Log } from './failures.ts';
import { answerTrials, bothWays } from './trial-calls.ts';
import { utilityChild } from './utility-child.ts';

export interface UtilityEngineOptions {
  /** The built `engine-entry.js`. */
  readonly entry: string;
  /** Whether pictures are decoded by sharp's WebAssembly build. */
  readonly wasmPictures: boolean;
  /** How devices are tried for an engine. */
  readonly trial: Trial;
  readonly log: Log;
}

export function utilityEngine({ entry, wasmPictures, trial, log }: UtilityEngineOptions): SpawnEngine {
  return (lane, home) => {
    const args = [home, lane, ...(wasmPictures ? ['wasm-pictures'] : [])];
    const env = environmentOf(lane, process.env);
    const child = utilityChild({ entry, args, name: `engine ${lane}`, env, log });
    const { answering, asking } = bothWays(child.port);
    answerTrials(answering, trial);
    return {
      port: asking,
      get processId() {
        return child.processId;
      },
      exited: child.exited,
      kill: child.kill,
    };
  };
}
