/** Paths typed, pasted, joined and named, of any system. */
import { expect, test } from 'vitest';
import { joinPath, nameOfPath } from '../../renderer/parts/path-picker/path-parts.ts';
import { pathsIn, withPaths } from '../../renderer/views/datasets/import/typed-paths.ts';

test.each([
  ['/data/my set', ['/data/my set']],
  ['  /a \r\n\n"/b c"\n\'C:\\d\'  ', ['/a', '/b c', 'C:\\d']],
  ['file:///home/ann/my%20set', ['/home/ann/my set']],
  ['file:///C:/data/set', ['C:/data/set']],
  ['file://%', ['file://%']],
  ['  \n ', []],
])('%j are the paths %j', (text, paths) => {
  expect(pathsIn(text)).toEqual(paths);
});

test('a path is listed once', () => {
  expect(withPaths(['/a', '/b'], ['/b', '/c', '/c'])).toEqual(['/a', '/b', '/c']);
});

test.each([
  ['/', 'data', '/data'],
  ['/data', 'a\\b', '/data/a\\b'],
  ['C:\\', 'data', 'C:\\data'],
  ['C:\\data', 'set', 'C:\\data\\set'],
  ['\\\\server\\share', 'set', '\\\\server\\share\\set'],
])('%s and %s make %s', (folder, name, path) => {
  expect(joinPath(folder, name)).toBe(path);
});

test.each([
  ['/data/set.json', 'set.json'],
  ['/data/set/', 'set'],
  ['/', '/'],
  ['C:\\data\\set.csv', 'set.csv'],
  ['C:/data/set.csv', 'set.csv'],
])('%s is called %s', (path, name) => {
  expect(nameOfPath(path)).toBe(name);
});
