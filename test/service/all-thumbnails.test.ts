/** Thumbnails made ahead: every picture has one and a look of its own, broken ones are passed over, a stop loses nothing. */
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import type { Progress } from '../../engine/contract/jobs.ts';
import { openDataset } from '../../engine/data/dataset.ts';
import { PictureLooks } from '../../engine/data/picture-looks.ts';
import { makeAllThumbnails } from '../../engine/service/all-thumbnails.ts';
import { DatasetShelf } from '../../engine/service/dataset-shelf.ts';
import { browseDataset, showDataset } from '../../engine/service/datasets.ts';
import { thumbnailFile } from '../../engine/service/thumbnails.ts';
import { Workplace } from '../data/fixtures.ts';

const plain = (background: string, width = 40, height = 20) =>
  sharp({ create: { width, height, channels: 3, background } })
    .png()
    .toBuffer();

/** Left half of one colour, right half of the other. */
async function halves(left: string, right: string): Promise<Buffer> {
  return sharp(await plain(left))
    .composite([{ input: await plain(right, 20, 20), left: 20, top: 0 }])
    .png()
    .toBuffer();
}

async function place() {
  const own = new Workplace();
  own.write('p/train/1.png', await halves('#ff0000', '#0000ff'));
  own.write('p/train/2.png', await plain('#00ff00', 20, 60));
  own.write('p/val/3.png', await plain('#ffffff'));
  own.write('p/val/4.png', 'no picture');
  await own.import(own.path('p/train'), { split: 'train', checkImages: false });
  await own.import(own.path('p/val'), { split: 'val', checkImages: false });
  return own;
}

const browse = (shelf: DatasetShelf) => browseDataset(shelf, { dataset: 'set', limit: 10, offset: 0 });
const looksOf = async (shelf: DatasetShelf) =>
  Object.fromEntries(
    (await browse(shelf)).images.map(({ key, look }) => [
      key,
      look === undefined ? undefined : Buffer.from(look, 'base64'),
    ]),
  );

test('every picture that can be shown gets its thumbnail and its look', async () => {
  const { home } = await place();
  using shelf = new DatasetShelf(home);
  expect(await looksOf(shelf)).toEqual({
    '1.png': undefined,
    '2.png': undefined,
    '3.png': undefined,
    '4.png': undefined,
  });
  const before = await showDataset(shelf, 'set');
  expect(before.thumbnailsMade).toBe(false);

  const told: number[] = [];
  const done = await makeAllThumbnails(home, 'set', { progress: ({ done: number }) => told.push(number) });
  expect(done).toEqual({ dataset: 'set', pictures: 4, failed: 1 });
  expect(told).toEqual([1, 2, 3, 4]);
  expect((await showDataset(shelf, 'set')).thumbnailsMade).toBe(true);

  const looks = await looksOf(shelf);
  const [wide, tall, white] = [looks['1.png']!, looks['2.png']!, looks['3.png']!];
  expect(looks['4.png']).toBeUndefined();
  expect([...wide.subarray(0, 2), ...tall.subarray(0, 2)]).toEqual([8, 4, 3, 8]);
  const [red, , blue] = wide.subarray(2, 5);
  expect(red).toBeGreaterThan(200);
  expect(blue).toBeLessThan(60);
  const [lastRed, , lastBlue] = wide.subarray(-3);
  expect(lastRed).toBeLessThan(60);
  expect(lastBlue).toBeGreaterThan(200);
  expect(tall[3]).toBeGreaterThan(200);
  expect(Math.min(...white.subarray(2))).toBeGreaterThan(250);
});

test('the thumbnails are those that a page asks for: none is made twice', async () => {
  const { home } = await place();
  await makeAllThumbnails(home, 'set', {});
  const files = () => readdirSync(join(home, 'datasets/set/thumbs'), { recursive: true }).sort();
  const made = files();
  using shelf = new DatasetShelf(home);
  const { path } = await thumbnailFile(shelf, 'set', 'train/1.png', 'thumb');
  expect(readFileSync(path).length).toBeGreaterThan(0);
  expect(files()).toEqual(made);
});

test('stopped, it keeps what it made and goes on from there', async () => {
  const { home } = await place();
  const stop = new AbortController();
  const hooks = { signal: stop.signal, progress: ({ done }: Progress) => done === 1 && stop.abort() };
  const stopped = makeAllThumbnails(home, 'set', hooks, 1);
  await expect(stopped).rejects.toMatchObject({ code: 'cancelled' });
  using shelf = new DatasetShelf(home);
  expect((await showDataset(shelf, 'set')).thumbnailsMade).toBe(false);
  expect((await looksOf(shelf))['1.png']).toBeDefined();
  await makeAllThumbnails(home, 'set', {});
  expect((await showDataset(shelf, 'set')).thumbnailsMade).toBe(true);
  expect((await looksOf(shelf))['3.png']).toBeDefined();
});

test('what a page shows first is made first, in whatever order the splits came', async () => {
  const own = new Workplace();
  own.write('p/val/1.png', await plain('#ff0000'));
  own.write('p/train/2.png', await plain('#0000ff'));
  await own.import(own.path('p/val'), { split: 'val', checkImages: false });
  await own.import(own.path('p/train'), { split: 'train', checkImages: false });
  const stop = new AbortController();
  const stopped = makeAllThumbnails(own.home, 'set', { signal: stop.signal, progress: () => stop.abort() }, 1);
  await expect(stopped).rejects.toMatchObject({ code: 'cancelled' });
  using shelf = new DatasetShelf(own.home);
  const { images } = await browse(shelf);
  expect(images.map(({ look }) => look !== undefined)).toEqual([true, false]);
});

test('after another import the looks are those of the new index alone', async () => {
  const own = await place();
  await makeAllThumbnails(own.home, 'set', {});
  rmSync(own.path('p/train/2.png'));
  await own.import(own.path('p/train'), { split: 'train', checkImages: false, replace: true });
  using shelf = new DatasetShelf(own.home);
  expect((await showDataset(shelf, 'set')).thumbnailsMade).toBe(false);
  await makeAllThumbnails(own.home, 'set', {});
  using dataset = openDataset(own.home, 'set');
  expect(readdirSync(join(own.home, 'datasets/set/thumbs/looks'))).toEqual([dataset.info.index]);
  expect(Object.keys(await looksOf(shelf))).toEqual(['1.png', '3.png', '4.png']);
  expect((await looksOf(shelf))['1.png']!.subarray(0, 2)).toEqual(Buffer.from([8, 4]));
});

test('a look is read by its row, in any split', () => {
  const own = new Workplace();
  using written = PictureLooks.writing(own.folder, 'index');
  using looks = PictureLooks.of(own.folder, 'index');
  expect(looks.read(2 ** 32)).toBeUndefined();
  written.write(2 ** 32 + 7, Buffer.from([1, 1, 10, 20, 30]));
  written.write(3 * 2 ** 32, Buffer.from([2, 1, 1, 2, 3, 4, 5, 6]));
  expect(looks.read(2 ** 32 + 7)).toEqual(new Uint8Array([1, 1, 10, 20, 30]));
  expect(looks.read(3 * 2 ** 32)).toEqual(new Uint8Array([2, 1, 1, 2, 3, 4, 5, 6]));
  expect([looks.read(2 ** 32), looks.read(2 ** 32 + 8), looks.read(2 * 2 ** 32)]).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
});
