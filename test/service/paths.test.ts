import { mkdirSync, symlinkSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname } from 'node:path';
import { expect, test } from 'vitest';
import { folderListSchema } from '../../engine/contract/paths.ts';
import { listFolder } from '../../engine/service/paths.ts';
import { Workplace } from '../data/fixtures.ts';

test('a folder lists what an import may read, as people count, without hidden entries', async () => {
  const place = new Workplace();
  for (const name of ['b', 'a10', 'a2', '.hidden']) mkdirSync(place.path(name));
  place.images('1.png', '2.PNG', '.secret.png');
  place.write('captions.json', '{}');
  place.write('table.CSV', 'image,caption\n');
  place.write('.dot.json', '{}');
  place.write('notes.txt', 'x');
  symlinkSync(place.path('b'), place.path('link'));
  symlinkSync(place.path('captions.json'), place.path('linked.json'));
  symlinkSync(place.path('nowhere'), place.path('lost.json'));
  expect(folderListSchema.parse(await listFolder({ path: `${place.folder}/b/..` }))).toEqual({
    path: place.folder,
    parent: dirname(place.folder),
    folders: ['a2', 'a10', 'b', 'link'],
    files: [
      { name: 'captions.json', bytes: 2 },
      { name: 'linked.json', bytes: 2 },
      { name: 'table.CSV', bytes: 14 },
    ],
    pictures: 2,
    home: homedir(),
    roots: ['/'],
  });
});

test('the top has no parent, and no path means the own folder', async () => {
  expect(await listFolder({ path: '/' })).not.toHaveProperty('parent');
  expect((await listFolder({})).path).toBe(homedir());
});

test('what is no readable folder is an error by name', async () => {
  const place = new Workplace();
  const file = place.write('a.json', '{}');
  const code = async (path: string) => listFolder({ path }).catch((error) => error.code);
  expect(await code(place.path('none'))).toBe('not-found');
  expect(await code(file)).toBe('bad-input');
  expect(await code('relative/path')).toBe('bad-input');
  expect(await code(`${place.folder}\0`)).toBe('bad-input');
  expect(await code('/proc/1/task/1/fd/none')).toMatch(/not-found|bad-file/);
});
