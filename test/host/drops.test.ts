/** What is dropped onto a page is kept under its own names, below its own folder and nowhere else. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { storeDroppedFile } from '../../main/host/drops.ts';

const home = mkdtempSync(join(tmpdir(), 'dept-drops-'));
afterAll(() => rmSync(home, { recursive: true }));

const store = (drop: string, names: readonly string[], text = 'x', limit = 100) =>
  storeDroppedFile(home, drop, names, new Blob([text]).stream(), limit);

test('a file lies below the folder of its drop', async () => {
  const { folder } = await store('drop-0001', ['my pictures', 'train', 'a b.JPG'], 'pixels');
  expect(folder).toBe(join(home, 'drops', 'drop-0001'));
  expect(readFileSync(join(folder, 'my pictures', 'train', 'a b.JPG'), 'utf8')).toBe('pixels');
});

test.each([
  [['..', 'a.jpg']],
  [['.', 'a.jpg']],
  [['...', 'a.jpg']],
  [['', 'a.jpg']],
  [['a/../../b.jpg']],
  [['a\\..\\b.jpg']],
  [['/etc/x.json']],
  [['C:x.json']],
  [['nul\u0000.jpg']],
  [['line\n.jpg']],
  [[`${'x'.repeat(300)}.jpg`]],
  [Array(30).fill('deep').concat('a.jpg')],
  [['script.js']],
  [['page.html']],
  [['picture.svg']],
  [['noextension']],
])('refuses %j', async (names) => {
  await expect(store('drop-0002', names)).rejects.toMatchObject({ code: 'bad-input' });
  expect(existsSync(join(home, 'drops', 'drop-0002'))).toBe(false);
});

test.each(['../x', 'UPPER-CASE', 'short', '', 'a'.repeat(65), 'with space', 'dots.dots'])(
  'refuses the drop %j',
  async (drop) => {
    await expect(store(drop, ['a.jpg'])).rejects.toMatchObject({ code: 'bad-input' });
  },
);

test('a file that is too large is refused, and nothing of it stays', async () => {
  await expect(store('drop-0003', ['a.jpg'], 'x'.repeat(200))).rejects.toMatchObject({ code: 'bad-input' });
  expect(readdirSync(join(home, 'drops', 'drop-0003'))).toEqual([]);
});
