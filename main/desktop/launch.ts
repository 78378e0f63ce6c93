/** From Node to the desktop window: whether Electron can run here, fetching it where it is missing, and starting it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { withoutToken } from '../../engine/common/process.ts';

/** Where to find Electron, or in a sentence why there is no window. */
export type ElectronOrReason = { readonly electron: string } | { readonly reason: string };

/** What is looked at, so that tests can look at something else. */
export interface Surroundings {
  readonly platform: NodeJS.Platform;
  readonly environment: NodeJS.ProcessEnv;
  /** Undefined where the system has no such thing. */
  readonly userId: number | undefined;
  /** The installed `electron` package; undefined where there is none. */
  readonly packageFolder: string | undefined;
  /** Whether Linux keeps programs from making their own sandboxes. */
  readonly namespacesRestricted: boolean;
  /** Runs the package's own download. Resolves to whether it succeeded; ends what it started after `patience`. */
  readonly download: (packageFolder: string, patience: number) => Promise<boolean>;
  /** Whether the server that Electron comes from answers. */
  readonly isReachable: (address: string) => Promise<boolean>;
}

const PROBE_MS = 5_000;
const DOWNLOAD_MS = 600_000;
/** Without a network it can still be unpacked from Electron's own cache. */
const FROM_CACHE_MS = 30_000;
const usualSource = 'https://github.com/electron/electron/releases/download/';

function installedPackage(): string | undefined {
  try {
    return dirname(createRequire(import.meta.url).resolve('electron/package.json'));
  } catch {
    return undefined; // installed without development packages
  }
}

function areNamespacesRestricted(): boolean {
  const switches = ['/proc/sys/kernel/apparmor_restrict_unprivileged_userns'];
  return switches.some((path) => existsSync(path) && readFileSync(path, 'utf8').trim() === '1');
}

async function runDownload(packageFolder: string, patience: number): Promise<boolean> {
  const child = spawn(process.execPath, [join(packageFolder, 'install.js')], {
    stdio: ['ignore', 'ignore', 'ignore'],
    env: withoutToken(process.env),
    signal: AbortSignal.timeout(patience),
    killSignal: 'SIGKILL',
  });
  try {
    const [code] = await once(child, 'exit');
    return code === 0;
  } catch {
    return false; // out of patience
  }
}

async function answers(address: string): Promise<boolean> {
  try {
    await fetch(address, { method: 'HEAD', redirect: 'manual', signal: AbortSignal.timeout(PROBE_MS) });
    return true; // whatever it says, it is there
  } catch {
    return false;
  }
}

const thisMachine = (): Surroundings => ({
  platform: process.platform,
  environment: process.env,
  userId: process.getuid?.(),
  packageFolder: installedPackage(),
  namespacesRestricted: process.platform === 'linux' && areNamespacesRestricted(),
  download: runDownload,
  isReachable: answers,
});

/** The executable as the package has it, where it is unpacked. */
function unpacked(
  packageFolder: string,
  environment: NodeJS.ProcessEnv,
  platform: NodeJS.Platform,
): string | undefined {
  const override = environment.ELECTRON_OVERRIDE_DIST_PATH;
  const named = join(packageFolder, 'path.txt');
  const usual = { darwin: 'Electron.app/Contents/MacOS/Electron', win32: 'electron.exe' } as Partial<
    Record<string, string>
  >;
  const name = existsSync(named) ? readFileSync(named, 'utf8') : (usual[platform] ?? 'electron');
  const path = join(override ?? join(packageFolder, 'dist'), name);
  return existsSync(path) ? path : undefined;
}

/** Why a window could not be opened even with Electron at hand. */
function windowlessReason({ platform, environment, userId }: Surroundings): string | undefined {
  if (platform !== 'linux') return undefined;
  if (!environment.DISPLAY && !environment.WAYLAND_DISPLAY)
    return 'There is no screen here (neither DISPLAY nor WAYLAND_DISPLAY is set)';
  if (userId === 0) return 'Electron does not open windows for root: its sandbox needs an ordinary user';
  return undefined;
}

/** Linux: the helper that makes sandboxes must belong to root where programs may not make their own. */
function sandboxReason(electron: string, { platform, namespacesRestricted }: Surroundings): string | undefined {
  if (platform !== 'linux' || !namespacesRestricted) return undefined;
  const helper = statSync(join(dirname(electron), 'chrome-sandbox'), { throwIfNoEntry: false });
  const isSetUp = helper !== undefined && helper.uid === 0 && (helper.mode & 0o4755) === 0o4755;
  return isSetUp
    ? undefined
    : 'This system lets programs make no sandboxes of their own; the installed package (.deb) brings the permission that Electron needs';
}

/**
 * Never throws and never hangs: after 5 seconds without an answer from the download server it is not waited for. `tell` hears that a
 * download of some 110 MB begins.
 */
export async function findElectron(
  tell: (sentence: string) => void = () => {},
  here: Surroundings = thisMachine(),
): Promise<ElectronOrReason> {
  const { environment, packageFolder, platform } = here;
  const windowless = windowlessReason(here);
  if (windowless !== undefined) return { reason: windowless };
  if (packageFolder === undefined) return { reason: 'Electron is not among the installed packages' };
  let electron = unpacked(packageFolder, environment, platform);
  if (electron === undefined) {
    const source = environment.ELECTRON_MIRROR || environment.npm_config_electron_mirror || usualSource;
    const isReachable = await here.isReachable(source);
    if (isReachable) tell('Downloading Electron, once');
    const isThere = await here.download(packageFolder, isReachable ? DOWNLOAD_MS : FROM_CACHE_MS);
    electron = isThere ? unpacked(packageFolder, environment, platform) : undefined;
    if (electron === undefined) {
      return {
        reason: isReachable
          ? 'Electron could not be downloaded'
          : 'Electron is not there yet, and the server that it comes from does not answer',
      };
    }
  }
  const sandbox = sandboxReason(electron, here);
  return sandbox === undefined ? { electron } : { reason: sandbox };
}

/** Runs the built program in a window until that ends. Resolves to the exit code. */
export async function runElectron(
  electron: string,
  projectFolder: string,
  words: readonly string[] = [],
): Promise<number> {
  const { ELECTRON_RUN_AS_NODE: _asNode, ...environment } = process.env; // would make it a plain Node
  const child = spawn(electron, [projectFolder, ...words], { stdio: 'inherit', env: environment });
  process.on('SIGINT', () => {}); // Ctrl-C reaches Electron as well; a second one would end it before it has saved
  process.on('SIGTERM', () => child.kill());
  const [code] = await once(child, 'exit');
  return code ?? 1;
}
