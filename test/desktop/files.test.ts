/** What the window keeps on disk, and what it takes from a command line. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { builtFiles } from '../../main/desktop/built-files.ts';
import { DesktopStateFile } from '../../main/desktop/desktop-state.ts';
import { LogFile } from '../../main/desktop/log-file.ts';
import { OpenedPaths, pathsOf } from '../../main/desktop/opened-paths.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'dept-desktop-files-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('a log keeps its newest entries in files of limited size', () => {
  const limits = { size: 200, kept: 2 };
  const path = join(folder, 'logs', 'dept.log');
  for (let entry = 0; entry < 30; entry += 1) new LogFile(path, limits).write('engine', `entry ${entry}\n`);
  expect(readdirSync(join(folder, 'logs')).sort()).toEqual(['dept.log', 'dept.log.1', 'dept.log.2']);
  const text = ['.2', '.1', ''].map((end) => readFileSync(path + end, 'utf8'));
  for (const one of text) expect(Buffer.byteLength(one)).toBeLessThanOrEqual(limits.size);
  const entries = [...text.join('').matchAll(/entry (\d+)\n/g)].map(([, number]) => Number(number));
  expect(entries.at(-1)).toBe(29);
  expect(entries).toEqual(entries.map((_, index) => 30 - entries.length + index));
});

test.skipIf(process.platform === 'win32')('a log is for its owner alone (POSIX)', () => {
  const before = process.umask(0);
  const path = join(folder, 'logs', 'dept.log');
  new LogFile(path).write('engine', 'entry');
  process.umask(before);
  expect([join(folder, 'logs'), path].map((own) => (statSync(own).mode & 0o777).toString(8))).toEqual(['700', '600']);
});

test('the state is kept, and a damaged file is told and begun anew', () => {
  const path = join(folder, 'desktop.json');
  const told: string[] = [];
  const open = () => new DesktopStateFile(path, (text) => told.push(text));
  open().update({ checkForUpdates: true });
  open().update({ folders: { model: '/models' } });
  expect(open().current).toEqual({ checkForUpdates: true, folders: { model: '/models' } });
  expect(told).toEqual([]);
  writeFileSync(path, '{"folders": 3');
  expect(open().current).toEqual({ checkForUpdates: false, folders: {} });
  expect(told[0]).toContain('begun anew');
});

test('a command line names paths that are there, and neither switches nor the program itself', () => {
  mkdirSync(join(folder, 'coco'));
  const words = ['/usr/bin/electron', folder, '--enable-x', 'coco', 'nowhere', join(folder, 'coco'), ''];
  expect(pathsOf(words, folder, folder)).toEqual([join(folder, 'coco'), join(folder, 'coco')]);
});

test('opened paths are handed out once', () => {
  const opened = new OpenedPaths();
  expect([opened.add([]), opened.add(['/a']), opened.add(['/b'])]).toEqual([false, true, true]);
  expect([opened.take(), opened.take()]).toEqual([['/a', '/b'], []]);
});

test('what native code opens lies beside the archive, the rest inside', () => {
  const resources = join(folder, 'resources');
  const packed = builtFiles(join(resources, 'app.asar'));
  const [archive, beside] = [join(resources, 'app.asar', 'dist'), join(resources, 'app.asar.unpacked', 'dist')];
  expect(packed).toEqual({
    preload: join(archive, 'desktop', 'preload.cjs'),
    renderer: join(archive, 'renderer'),
    engine: join(beside, 'main', 'desktop', 'engine-entry.js'),
    deviceTrial: join(beside, 'main', 'device-process.js'),
    pictureTrial: join(beside, 'main', 'desktop', 'picture-trial.js'),
  });
  expect(builtFiles(folder).engine).toBe(join(folder, 'dist', 'main', 'desktop', 'engine-entry.js'));
});
