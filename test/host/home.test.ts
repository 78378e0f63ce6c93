/** The home folder. */
import { mkdtempSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { chooseHome, rememberHome } from '../../main/host/home.ts';

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
  const data = mkdtempSync(join(tmpdir(), 'dept-home-'));
  onTestFinished(() => rmSync(data, { recursive: true }));
  const environment = { XDG_DATA_HOME: data };
  rememberHome('/elsewhere', join(data, 'dept-studio'));
  expect(chooseHome(undefined, environment, 'linux')).toEqual({ home: '/elsewhere' });
  expect(chooseHome('here', environment, 'linux').home).toBe(resolve('here'));
});
