import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  beginFolder,
  fillFolderAtomic,
  listFolders,
  removeFolderAtomic,
  removeLeftovers,
  writeFolderAtomic,
} from '../../engine/common/folders.ts';
import { checkName } from '../../engine/common/names.ts';
import { isAlive, thisProcess } from '../../engine/common/process.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'dept-folders-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

test('a folder appears whole, or not at all', () => {
  const folder = join(root, 'parent', 'a');
  writeFolderAtomic(folder, (temporary) => {
    writeFileSync(join(temporary, 'x'), '1');
    expect(existsSync(folder)).toBe(false);
  });
  expect(readdirSync(folder)).toEqual(['x']);
  const failing = (): void =>
    writeFolderAtomic(join(root, 'parent', 'b'), (temporary) => {
      writeFileSync(join(temporary, 'x'), '1');
      throw new Error('no space');
    });
  expect(failing).toThrow('no space');
  expect(() => writeFolderAtomic(folder, () => undefined)).toThrow(expect.objectContaining({ code: 'already-exists' }));
  expect(readdirSync(join(root, 'parent'))).toEqual(['a']);
  removeFolderAtomic(folder);
  expect(readdirSync(join(root, 'parent'))).toEqual([]);
});

test('the same where filling takes a while', async () => {
  const folder = join(root, 'a');
  await fillFolderAtomic(folder, async (temporary) => writeFileSync(join(temporary, 'x'), '1'));
  expect(readdirSync(folder)).toEqual(['x']);
  const failing = fillFolderAtomic(join(root, 'b'), () => Promise.reject(new Error('no space')));
  await expect(failing).rejects.toThrow('no space');
  expect(readdirSync(root)).toEqual(['a']);
});

/** No process has an id this large. */
const GONE = 2 ** 31 - 2;

test('only what dead processes left is cleaned up, and nothing unfinished is listed', () => {
  mkdirSync(join(root, `a.${GONE}.tmp`));
  writeFileSync(join(root, `a.${GONE}.tmp`, 'x'), '1');
  writeFileSync(join(root, `run.json.${GONE}.tmp`), '1');
  const own = beginFolder(join(root, 'b'));
  mkdirSync(join(root, 'c'));
  writeFileSync(join(root, 'file'), '');
  expect(listFolders(root)).toEqual(['c']);
  removeLeftovers(root);
  expect(readdirSync(root).sort()).toEqual([own.slice(root.length + 1), 'c', 'file'].sort());
  removeLeftovers(join(root, 'none'));
  expect(listFolders(join(root, 'none'))).toEqual([]);
});

test('a process id handed out a second time is not the process that was meant', () => {
  const mark = thisProcess();
  expect(isAlive(mark)).toBe(true);
  expect(isAlive({ ...mark, started: mark.started - 60_000 })).toBe(false);
  expect(isAlive({ processId: GONE, started: mark.started })).toBe(false);
  expect(isAlive({ processId: process.ppid, started: mark.started })).toBe(true);
  expect(isAlive({ processId: process.ppid, started: 0 })).toBe(false); // from before the machine started
});

test('names that could leave their folder, or that some file system refuses, are refused', () => {
  for (const name of ['a', 't5-small', 'vqa.2024_v2', 'x'.repeat(100)]) checkName(name, 'model');
  for (const name of ['', '.', '..', 'a/b', 'a\\b', '.hidden', 'end.', 'a b', 'ä', 'x'.repeat(101), 'a\n']) {
    expect(() => checkName(name, 'model')).toThrow(expect.objectContaining({ code: 'bad-input' }));
  }
});
