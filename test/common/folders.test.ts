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
  replaceFolder,
  writeFolderAtomic,
} from '../../engine/common/folders.ts';
import { checkName } from '../../engine/common/names.ts';

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

test('a folder that a killed process was about to replace comes back; one that it had replaced does not', () => {
  for (const name of ['lost', 'there']) {
    mkdirSync(join(root, `${name}.replaced.${GONE}.tmp`));
    writeFileSync(join(root, `${name}.replaced.${GONE}.tmp`, 'old'), '');
  }
  mkdirSync(join(root, 'there'));
  removeLeftovers(root);
  expect(readdirSync(root, { recursive: true }).sort()).toEqual(['lost', join('lost', 'old'), 'there']);
  const next = beginFolder(join(root, 'lost'));
  writeFileSync(join(next, 'new'), '');
  replaceFolder(next, join(root, 'lost'));
  expect(readdirSync(root, { recursive: true }).sort()).toEqual(['lost', join('lost', 'new'), 'there']);
});

test('names that could leave their folder, or that some file system refuses, are refused', () => {
  for (const name of ['a', 't5-small', 'vqa.2024_v2', 'x'.repeat(100)]) checkName(name, 'model');
  for (const name of ['', '.', '..', 'a/b', 'a\\b', '.hidden', 'end.', 'a b', 'ä', 'x'.repeat(101), 'a\n']) {
    expect(() => checkName(name, 'model')).toThrow(expect.objectContaining({ code: 'bad-input' }));
  }
});
