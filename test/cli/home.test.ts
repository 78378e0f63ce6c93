/** The home folder. */
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { resolveHome } from '../../main/cli/home.ts';

test('the option goes before DEPT_HOME, DEPT_HOME before the platform', () => {
  expect(resolveHome('here', { DEPT_HOME: 'there' })).toBe(resolve('here'));
  expect(resolveHome(undefined, { DEPT_HOME: 'there' })).toBe(resolve('there'));
});

test.each([
  ['linux', {}, join(homedir(), '.local', 'share', 'dept-studio')],
  ['linux', { XDG_DATA_HOME: '/data' }, join('/data', 'dept-studio')],
  ['linux', { DEPT_HOME: '', XDG_DATA_HOME: '' }, join(homedir(), '.local', 'share', 'dept-studio')],
  ['darwin', {}, join(homedir(), 'Library', 'Application Support', 'dept-studio')],
  ['win32', { LOCALAPPDATA: 'C:/Local' }, join('C:/Local', 'dept-studio')],
  ['win32', {}, join(homedir(), 'AppData', 'Local', 'dept-studio')],
] as const)('on %s with %j', (platform, environment, folder) => {
  expect(resolveHome(undefined, environment, platform)).toBe(folder);
});
