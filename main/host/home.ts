/** Where models, datasets, features and runs live on this machine. */
import { chmodSync, existsSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { writing } from '../../engine/common/disk.ts';
import { DeptError } from '../../engine/common/errors.ts';
import { preparedBy, writeJsonAtomic } from '../../engine/common/files.ts';
import { homeFiles, homeFolders } from '../../engine/common/home-entries.ts';
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

const ownEntries: ReadonlySet<string> = new Set([...Object.keys(homeFolders), ...homeFiles]);

const isOwn = (name: string): boolean => ownEntries.has(name) || preparedBy(name) !== undefined;

/** Takes all rights from group and others, where the path is this user's to change. */
function closeToOthers(path: string): void {
  const { mode, uid } = statSync(path);
  if (uid === process.getuid?.() && (mode & 0o077) !== 0) writing(path, () => chmodSync(path, mode & 0o700));
}

/**
 * Makes the home folder where it is missing, and closes it to other users of the machine, whatever the umask: nobody gets past
 * a folder of mode 0700 to what lies in it. One that holds other things as well (`--home /tmp`) is not ours to close: then what
 * is ours in it is, and `tell` hears of it. Windows keeps the folders of its users apart by itself. Throws `bad-input` where it
 * cannot be made.
 */
export function openHome(home: string, tell: (sentence: string) => void): void {
  try {
    mkdirSync(home, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw new DeptError('bad-input', 'The home folder cannot be made', {
      path: home,
      got: (cause as Error).message,
      remedy: 'Choose another one with --home or DEPT_HOME.',
      cause,
    });
  }
  if (process.platform === 'win32') return;
  const entries = readdirSync(home, { withFileTypes: true });
  const own = entries.filter(({ name }) => isOwn(name));
  if (own.length === entries.length) closeToOthers(home);
  // Where a link leads is not in the home, and who set it, where others may write, not known.
  else for (const entry of own) if (!entry.isSymbolicLink()) closeToOthers(join(home, entry.name));
  if ((statSync(home).mode & 0o077) === 0) return;
  tell(
    `Other users of this machine can look into the home folder ${home}: choose one of its own, or close it (chmod 700).`,
  );
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
