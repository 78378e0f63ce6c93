/** Copies of dropped folders: kept while a dataset lies in them, gone with it or a day after nobody took them up. */
import { existsSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { importParamsSchema } from '../../engine/contract/datasets.ts';
import { DatasetShelf } from '../../engine/service/dataset-shelf.ts';
import { importIntoLibrary, removeFromDatasets } from '../../engine/service/datasets.ts';
import { Workplace } from '../data/fixtures.ts';

const TWO_DAYS = 2 * 24 * 3600;

/** A folder as a drop leaves it, made two days ago. */
function dropped(place: Workplace, drop: string): string {
  place.images(`home/drops/${drop}/pets/a.png`);
  const folder = place.path(`home/drops/${drop}`);
  const then = Date.now() / 1000 - TWO_DAYS;
  utimesSync(folder, then, then);
  return folder;
}

function imported(place: Workplace, path: string, name: string) {
  return importIntoLibrary(place.home, importParamsSchema.parse({ paths: [path], name }), {});
}

test('what no import took up within a day goes with the next import; what a dataset lies in stays', async () => {
  const place = new Workplace();
  const used = dropped(place, 'used-by-one');
  await imported(place, used, 'pets');
  const left = dropped(place, 'left-there');
  place.images('home/drops/just-now/b.png');
  place.images('elsewhere/c.png');
  await imported(place, place.path('elsewhere'), 'other');
  expect(existsSync(join(used, 'pets/a.png'))).toBe(true);
  expect(existsSync(left)).toBe(false);
  expect(existsSync(place.path('home/drops/just-now/b.png'))).toBe(true);
});

test('a dataset takes its drop along, unless another one lies there too', async () => {
  const place = new Workplace();
  const folder = dropped(place, 'used-by-two');
  await imported(place, folder, 'pets');
  await imported(place, folder, 'again');
  using shelf = new DatasetShelf(place.home);
  await removeFromDatasets(shelf, 'pets');
  expect(existsSync(folder)).toBe(true);
  await removeFromDatasets(shelf, 'again');
  expect(existsSync(folder)).toBe(false);
});

test('nothing is removed while a dataset cannot be read: it may lie there', async () => {
  const place = new Workplace();
  const left = dropped(place, 'perhaps-used');
  place.write('home/datasets/bad/dataset.json', '{"formatVersion": 9}');
  place.images('elsewhere/c.png');
  await imported(place, place.path('elsewhere'), 'other');
  expect(existsSync(left)).toBe(true);
});
