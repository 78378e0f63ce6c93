/** docs/security.md says what is there: each threat has a file that defends and a test that shows it, under their names of today. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '..', '..');
const page = readFileSync(join(root, 'docs', 'security.md'), 'utf8');
/** Rows of the table as threat, defence and tests; headings of groups have no defence. */
const threats = [...page.matchAll(/^\| (.+?) \| (.+?) \| (.+?) \|$/gm)]
  .map(([, threat = '', defence = '', tests = '']): [string, string, string] => [threat, defence, tests])
  .filter(([threat, defence]) => threat !== 'Threat' && defence !== '---');

const filesIn = (text: string): string[] =>
  [...text.matchAll(/`((?:engine|main|test)\/[\w./-]+)`/g)].map(([, path]) => path!);

/** Each test file with the titles that follow it. */
const testsIn = (text: string): [file: string, titles: string[]][] =>
  [...text.matchAll(/`(test\/[\w./-]+)`([^`]*)/g)].map(([, file, rest]) => [
    file!,
    [...rest!.matchAll(/"([^"]+)"/g)].map(([, title]) => title!),
  ]);

function hasTest(file: string, title: string): boolean {
  const text = readFileSync(join(root, file), 'utf8');
  return ["'", '"', '`'].some((quote) => {
    const at = text.indexOf(`${quote}${title}${quote},`);
    return at > 0 && /\(\s*$/.test(text.slice(0, at));
  });
}

test('there are threats of all four kinds', () => {
  expect(threats.length).toBeGreaterThan(20);
  expect(page.match(/^\| \*\*.+\*\* \| \| \|$/gm)).toHaveLength(4);
});

test.each(threats)('%s', (_threat, defence, tests) => {
  const defences = filesIn(defence);
  expect(defences.length).toBeGreaterThan(0);
  expect(defences.filter((path) => !existsSync(join(root, path)))).toEqual([]);
  const shown = testsIn(tests);
  expect(shown.length).toBeGreaterThan(0);
  for (const [file, titles] of shown) {
    expect(existsSync(join(root, file)), file).toBe(true);
    expect(titles.length, file).toBeGreaterThan(0);
    expect(titles.filter((title) => !hasTest(file, title))).toEqual([]);
  }
});
