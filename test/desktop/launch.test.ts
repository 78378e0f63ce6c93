/** From Node to Electron: found, fetched, or a sentence why not; never an error, never a wait without end. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findElectron, runElectron, type Surroundings } from '../../main/desktop/launch.ts';

let folder: string;
let here: Surroundings;
let told: string[];
let downloads: number[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'dept-launch-'));
  told = [];
  downloads = [];
  here = {
    platform: 'linux',
    environment: { DISPLAY: ':0' },
    userId: 1000,
    packageFolder: folder,
    namespacesRestricted: false,
    isReachable: async () => false,
    download: async (_folder, patience) => {
      downloads.push(patience);
      return false;
    },
  };
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const find = (changes: Partial<Surroundings> = {}) =>
  findElectron((sentence) => told.push(sentence), { ...here, ...changes });

function unpack(dist = join(folder, 'dist')): string {
  mkdirSync(dist, { recursive: true });
  writeFileSync(join(folder, 'path.txt'), 'electron');
  writeFileSync(join(dist, 'electron'), '');
  return join(dist, 'electron');
}

test('one that is unpacked is used without a question to the network', async () => {
  const electron = unpack();
  expect(await find({ isReachable: () => Promise.reject(new Error('not to be asked')) })).toEqual({ electron });
});

test('ELECTRON_OVERRIDE_DIST_PATH comes first', async () => {
  unpack();
  const other = unpack(join(folder, 'other'));
  const environment = { ...here.environment, ELECTRON_OVERRIDE_DIST_PATH: join(folder, 'other') };
  expect(await find({ environment })).toEqual({ electron: other });
});

test('a missing one is fetched, with a word about it', async () => {
  const download = async () => {
    unpack();
    return true;
  };
  expect(await find({ download, isReachable: async () => true })).toEqual({
    electron: join(folder, 'dist', 'electron'),
  });
  expect(told).toEqual(['Downloading Electron, once']);
});

test('without a network only the cache is tried, and briefly', async () => {
  expect(await find()).toEqual({ reason: expect.stringContaining('does not answer') });
  expect(downloads.length).toBe(1);
  expect(downloads[0]).toBeLessThanOrEqual(30_000);
  expect(told).toEqual([]);
});

test('a mirror is what is asked', async () => {
  const asked: string[] = [];
  const isReachable = async (address: string) => {
    asked.push(address);
    return true;
  };
  await find({ isReachable, environment: { DISPLAY: ':0', ELECTRON_MIRROR: 'https://mirror.example/' } });
  expect(asked).toEqual(['https://mirror.example/']);
});

test.each<[string, Partial<Surroundings>, string]>([
  ['no screen', { environment: {} }, 'no screen'],
  ['root', { userId: 0 }, 'root'],
  ['no package', { packageFolder: undefined }, 'not among the installed packages'],
  ['a failed download', { isReachable: async () => true }, 'could not be downloaded'],
])('%s: a sentence', async (_name, changes, words) => {
  expect(await find(changes)).toEqual({ reason: expect.stringContaining(words) });
});

test('Wayland is a screen, and other systems always have one', async () => {
  const electron = unpack();
  expect(await find({ environment: { WAYLAND_DISPLAY: 'wayland-0' } })).toEqual({ electron });
  expect(await find({ environment: {}, platform: 'darwin', userId: 0 })).toEqual({ electron });
});

test('where sandboxes are restricted the helper must be set up', async () => {
  const electron = unpack();
  expect(await find({ namespacesRestricted: true })).toEqual({ reason: expect.stringContaining('sandboxes') });
  writeFileSync(join(folder, 'dist', 'chrome-sandbox'), '');
  expect(await find({ namespacesRestricted: true })).toEqual({ reason: expect.stringContaining('sandboxes') });
  expect(await find()).toEqual({ electron });
});

test('it is run on the project, never as a plain Node', async () => {
  const script = join(folder, 'electron.sh');
  writeFileSync(
    script,
    '#!/bin/sh\n[ -z "$ELECTRON_RUN_AS_NODE" ] && [ "$1" = /project ] && [ "$2" = --home=/h ] && exit 3\nexit 4\n',
  );
  chmodSync(script, 0o755);
  process.env.ELECTRON_RUN_AS_NODE = '1';
  expect(await runElectron(script, '/project', ['--home=/h'])).toBe(3);
  delete process.env.ELECTRON_RUN_AS_NODE;
});
