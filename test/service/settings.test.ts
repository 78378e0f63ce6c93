/** settings.json with more in it than this version knows: told, kept, and in the way of nothing. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { changeSettings, readSettings, unknownSettings } from '../../engine/service/settings.ts';

const home = mkdtempSync(join(tmpdir(), 'dept-settings-'));
afterAll(() => rmSync(home, { recursive: true }));
const file = join(home, 'settings.json');

test('a mistyped key, and one of a newer version, are told and stay when a setting is changed', () => {
  writeFileSync(file, JSON.stringify({ theem: 'dark', threads: 2, palette: { warm: true } }));
  expect(readSettings(home)).toEqual({ theme: 'system', threads: 2, device: 'cpu' });
  expect(unknownSettings(home)).toContain(
    'effect: "theem" (did you mean theme?), "palette". Known are theme, threads,',
  );
  const changed = { theme: 'light', threads: 2, device: 'cpu' };
  expect(changeSettings(home, { theme: 'light' })).toEqual(changed);
  const kept = { theem: 'dark', palette: { warm: true }, ...changed };
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(kept);
});

test('of very many the first are told', () => {
  writeFileSync(
    file,
    JSON.stringify(Object.fromEntries(Array.from({ length: 9000 }, (_, i) => [`of another ${i}`, 0]))),
  );
  expect(unknownSettings(home)).toMatch(/"of another 4" and 8995 more\./);
});

test('nothing is told of a file that is whole, missing, or cannot be read', () => {
  for (const text of ['{"theme":"dark","threads":null,"device":"cpu"}', '{"theme":', '{"theem":1,"theme":2}', '[]']) {
    writeFileSync(file, text);
    expect(unknownSettings(home)).toBeUndefined();
  }
  rmSync(file);
  expect(unknownSettings(home)).toBeUndefined();
});
