/** Pages that name the test that shows what they say: files and tests are there, under their names of today. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

const root = join(import.meta.dirname, '..', '..');

type Row = [what: string, how: string, shownBy: string];

/** Rows of a page's table of three columns, but for its head and for the headings of groups, which have one. */
function rowsOf(page: string): Row[] {
  const text = readFileSync(join(root, 'docs', page), 'utf8');
  return [...text.matchAll(/^\| (.+?) \| (.+?) \| (.+?) \|$/gm)]
    .map(([, what = '', how = '', shownBy = '']): Row => [what, how, shownBy])
    .slice(2);
}

const filesIn = (text: string): string[] =>
  [...text.matchAll(/`((?:engine|main|test)\/[\w./-]+)`/g)].map(([, path]) => path!);

/** Each test file with the titles that follow it. */
const testsIn = (text: string): [file: string, titles: string[]][] =>
  [...text.matchAll(/`(test\/[\w./-]+)`([^`]*)/g)].map(([, file, rest]) => [
    file!,
    [...rest!.matchAll(/"([^"]+)"/g)].map(([, title]) => title!),
  ]);

/** Whether a call (`test`, `test.each(...)`, `describe`) of the file begins with this title. */
function hasTest(file: string, title: string): boolean {
  const text = readFileSync(join(root, file), 'utf8');
  return ["'", '"', '`'].some((quote) => {
    const at = text.indexOf(`${quote}${title}${quote},`);
    return at > 0 && /\(\s*$/.test(text.slice(0, at));
  });
}

function checkShown(shownBy: string): void {
  const shown = testsIn(shownBy);
  expect(shown.length).toBeGreaterThan(0);
  for (const [file, titles] of shown) {
    expect(existsSync(join(root, file)), file).toBe(true);
    expect(titles.length, file).toBeGreaterThan(0);
    expect(titles.filter((title) => !hasTest(file, title))).toEqual([]);
  }
}

describe('docs/security.md', () => {
  const threats = rowsOf('security.md');

  test('has threats of all four kinds', () => {
    expect(threats.length).toBeGreaterThan(20);
    const text = readFileSync(join(root, 'docs', 'security.md'), 'utf8');
    expect(text.match(/^\| \*\*.+\*\* \| \| \|$/gm)).toHaveLength(4);
  });

  test.each(threats)('%s', (_threat, defence, shownBy) => {
    expect(filesIn(defence).length).toBeGreaterThan(0);
    expect(filesIn(defence).filter((path) => !existsSync(join(root, path)))).toEqual([]);
    checkShown(shownBy);
  });
});

describe('docs/determinism.md', () => {
  test.each(rowsOf('determinism.md'))('%s', (_what, _holds, shownBy) => checkShown(shownBy));
});
