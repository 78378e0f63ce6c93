/** The home folder. */
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { chooseHome, openHome, rememberHome } from '../../main/host/home.ts';
import { dept } from '../cli/fake-host.ts';

/** A folder that goes when the test is over. */
function scratch(): string {
  const folder = mkdtempSync(join(tmpdir(), 'dept-home-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

test('the option goes before DEPT_HOME, DEPT_HOME before the platform', () => {
  expect(chooseHome('here', { DEPT_HOME: 'there' })).toEqual({ home: resolve('here'), fixedBy: '--home' });
  expect(chooseHome(undefined, { DEPT_HOME: 'there' })).toEqual({ home: resolve('there'), fixedBy: 'DEPT_HOME' });
});

test.each([
  ['linux', {}, join(homedir(), '.local', 'share', 'dept-studio')],
  ['linux', { XDG_DATA_HOME: '/data' }, join('/data', 'dept-studio')],
  ['linux', { DEPT_HOME: '', XDG_DATA_HOME: '' }, join(homedir(), '.local', 'share', 'dept-studio')],
  ['darwin', {}, join(homedir(), 'Library', 'Application Support', 'dept-studio')],
  ['win32', { LOCALAPPDATA: 'C:/Local' }, join('C:/Local', 'dept-studio')],
  ['win32', {}, join(homedir(), 'AppData', 'Local', 'dept-studio')],
] as const)('on %s with %j', (platform, environment, folder) => {
  expect(chooseHome(undefined, environment, platform)).toEqual({ home: folder });
});

test('a folder chosen in the settings is found again, and gives way to what is said outright', () => {
  const data = scratch();
  const environment = { XDG_DATA_HOME: data };
  rememberHome('/elsewhere', join(data, 'dept-studio'));
  expect(chooseHome(undefined, environment, 'linux')).toEqual({ home: '/elsewhere' });
  expect(chooseHome('here', environment, 'linux').home).toBe(resolve('here'));
});

describe.skipIf(process.platform === 'win32')('other users (POSIX)', () => {
  const modeOf = (path: string): string => (statSync(path).mode & 0o7777).toString(8);
  const told: string[] = [];
  const open = (home: string): string[] => {
    told.length = 0;
    openHome(home, (sentence) => told.push(sentence));
    return told;
  };

  test('a new home is closed to them, whatever the umask, the folders above it too', () => {
    const before = process.umask(0);
    onTestFinished(() => void process.umask(before));
    const home = join(scratch(), 'share', 'dept-studio');
    expect(open(home)).toEqual([]);
    expect([modeOf(home), modeOf(join(home, '..'))]).toEqual(['700', '700']);
  });

  test('a home of ours that was open is closed; its owner keeps what he may', () => {
    const home = scratch();
    mkdirSync(join(home, 'runs'));
    writeFileSync(join(home, 'settings.json.77.tmp'), '');
    for (const mode of [0o777, 0o755, 0o550]) {
      chmodSync(home, mode);
      expect(open(home)).toEqual([]);
      expect(modeOf(home)).toBe((mode & 0o700).toString(8));
    }
  });

  test('a folder with other things in it stays as it is and is told of; what is ours in it is closed', () => {
    const home = scratch();
    for (const name of ['runs', 'theirs']) mkdirSync(join(home, name));
    writeFileSync(join(home, 'settings.json'), '{}');
    for (const name of ['', 'runs', 'theirs', 'settings.json']) chmodSync(join(home, name), 0o755);
    expect(open(home)).toEqual([expect.stringContaining(`look into the home folder ${home}`)]);
    expect(['', 'runs', 'theirs', 'settings.json'].map((name) => modeOf(join(home, name)))).toEqual([
      '755',
      '700',
      '755',
      '700',
    ]);
    chmodSync(home, 0o750);
    expect(open(home)).toHaveLength(1);
    chmodSync(home, 0o700);
    expect(open(home)).toEqual([]);
  });

  test('a link with the name of what is ours closes nothing elsewhere', () => {
    const [home, elsewhere] = [scratch(), scratch()];
    mkdirSync(join(home, 'theirs'));
    symlinkSync(elsewhere, join(home, 'runs'));
    for (const folder of [home, elsewhere]) chmodSync(folder, 0o755);
    open(home);
    expect(modeOf(elsewhere)).toBe('755');
  });

  test.skipIf(process.getuid?.() !== 0)('a home of another owner stays as it is and is told of (as root)', () => {
    const home = scratch();
    chmodSync(home, 0o755);
    chownSync(home, 65_534, 65_534);
    expect(open(home)).toHaveLength(1);
    expect(modeOf(home)).toBe('755');
  });

  test('a command that asks for the home makes it so; one that does not leaves no trace', async () => {
    const home = join(scratch(), 'home');
    expect((await dept(['train', '--help'], { home })).exitCode).toBe(0);
    expect(existsSync(home)).toBe(false);
    expect((await dept(['models', 'list'], { home })).exitCode).toBe(0);
    expect(modeOf(home)).toBe('700');
  });

  test('a home that cannot be made is one clear error', async () => {
    const file = join(scratch(), 'file');
    writeFileSync(file, '');
    const { exitCode, stderr } = await dept(['models', 'list'], { home: join(file, 'home') });
    expect([exitCode, stderr]).toEqual([
      2,
      expect.stringMatching(/^error: The home folder cannot be made\n[\s\S]*--home/),
    ]);
  });
});
