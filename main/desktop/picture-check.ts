/** Whether sharp's native build works inside Electron on this machine, found out in a process that may crash. */
import { endInWords } from '../host/own-process.ts';
import type { Log } from './failures.ts';
import { utilityChild } from './utility-child.ts';

const PATIENCE_MS = 15_000;
const NAME = 'picture trial';

/** `entry` is the built `picture-trial.js`. Only Linux has the doubt: elsewhere the native build is simply used. */
export async function needsWasmPictures(
  entry: string,
  log: Log,
  platform: NodeJS.Platform = process.platform,
): Promise<boolean> {
  if (platform !== 'linux') return false;
  const child = utilityChild({ entry, args: [], name: NAME, log });
  const { promise: late, resolve: giveUp } = Promise.withResolvers<string>();
  const timer = setTimeout(giveUp, PATIENCE_MS, 'gave no answer');
  const trouble = await Promise.race([
    child.exited.then((end) => (end.code === 0 ? undefined : endInWords(end))),
    late, // the end of one that was killed looks like any other in Electron
  ]);
  clearTimeout(timer);
  child.kill(true);
  if (trouble !== undefined) log(NAME, `${trouble}: pictures are decoded by sharp's WebAssembly build`);
  return trouble !== undefined;
}
