/** Whether sharp's native build works inside Electron on this machine, found out in a process that may crash. */
import { utilityProcess } from 'electron';
import { withoutToken } from '../../engine/common/process.ts';

const PATIENCE_MS = 15_000;

/** `trial` is the built `picture-trial.js`. Only Linux has the doubt: elsewhere the native build is simply used. */
export async function needsWasmPictures(
  trial: string,
  log: (source: string, text: string) => void,
  platform: NodeJS.Platform = process.platform,
): Promise<boolean> {
  if (platform !== 'linux') return false;
  const child = utilityProcess.fork(trial, [], {
    serviceName: 'dept picture trial',
    stdio: 'pipe',
    env: withoutToken(process.env),
  });
  child.on('error', (type, location) => log('picture trial', `${type} at ${location}`));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => log('picture trial', text));
  const timer = setTimeout(() => child.kill(), PATIENCE_MS);
  const code = await new Promise<number>((resolve) => child.once('exit', resolve));
  clearTimeout(timer);
  if (code !== 0) log('picture trial', `ended with ${code}: pictures are decoded by sharp's WebAssembly build`);
  return code !== 0;
}
