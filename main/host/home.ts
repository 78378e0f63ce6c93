/** Where models, datasets, features and runs live on this machine. */
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { writeJsonAtomic } from '../../engine/common/files.ts';
import { readJson } from '../../engine/common/json.ts';

export interface HomeChoice {
  /** Absolute. */
  readonly home: string;
  /** What decided it, where that cannot be changed in the settings: `--home`, `DEPT_HOME`. */
  readonly fixedBy?: string;
}

/** The platform's folder for the data of this application. */
export function platformHome(
  environment: NodeJS.ProcessEnv = process.env,
  platform: NodeJS.Platform = process.platform,
): string {
  const user = homedir();
  switch (platform) {
    case 'win32':
      return join(environment.LOCALAPPDATA || join(user, 'AppData', 'Local'), 'dept-studio');
    case 'darwin':
      return join(user, 'Library', 'Application Support', 'dept-studio');
    default:
      return join(environment.XDG_DATA_HOME || join(user, '.local', 'share'), 'dept-studio');
  }
}

const movedSchema = z.object({ home: z.string() });

/** Lies in the platform's folder and names the home folder that was chosen in the settings. */
const movedFile = (folder: string): string => join(folder, 'moved-home.json');

/** `--home`, else DEPT_HOME, else what was chosen in the settings, else the platform's folder. Throws `bad-file`. */
export function chooseHome(
  option: string | undefined,
  environment: NodeJS.ProcessEnv = process.env,
  platform: NodeJS.Platform = process.platform,
): HomeChoice {
  if (option) return { home: resolve(option), fixedBy: '--home' };
  if (environment.DEPT_HOME) return { home: resolve(environment.DEPT_HOME), fixedBy: 'DEPT_HOME' };
  const usual = platformHome(environment, platform);
  const moved = movedFile(usual);
  return { home: existsSync(moved) ? readJson(moved, movedSchema).home : usual };
}

/** The next start opens this home folder, where nothing else decides. */
export function rememberHome(home: string, usual: string = platformHome()): void {
  writeJsonAtomic(movedFile(usual), { home });
}
