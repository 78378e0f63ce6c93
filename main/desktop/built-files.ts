/** Where the build put what main gives to Electron by path. */
import { join } from 'node:path';

export interface BuiltFiles {
  readonly preload: string;
  /** The page's folder. */
  readonly renderer: string;
  /** Entries of utility processes. */
  readonly engine: string;
  readonly deviceTrial: string;
  readonly pictureTrial: string;
}

/**
 * `appFolder` is the folder of package.json, or the archive `app.asar`. The engine lies beside the archive: ONNX Runtime
 * maps the bundled model's files itself, and reads no archive.
 */
export function builtFiles(appFolder: string): BuiltFiles {
  const packed = join(appFolder, 'dist');
  const unpacked = join(appFolder.replace(/app\.asar$/, 'app.asar.unpacked'), 'dist');
  return {
    preload: join(packed, 'desktop', 'preload.cjs'),
    renderer: join(packed, 'renderer'),
    engine: join(unpacked, 'main', 'desktop', 'engine-entry.js'),
    deviceTrial: join(unpacked, 'main', 'device-process.js'),
    pictureTrial: join(unpacked, 'main', 'desktop', 'picture-trial.js'),
  };
}
