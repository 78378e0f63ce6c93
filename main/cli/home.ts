/** Where models, datasets, features and runs live on this machine. */
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/** The home folder, absolute: `--home`, else DEPT_HOME, else the platform's folder for application data. */
export function resolveHome(
  option: string | undefined,
  environment: NodeJS.ProcessEnv = process.env,
  platform: NodeJS.Platform = process.platform,
): string {
  const chosen = option || environment.DEPT_HOME;
  if (chosen) return resolve(chosen);
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
