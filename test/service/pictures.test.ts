/** Thumbnails of datasets and uploads: what they look like, when they are made anew, what is refused. */
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { DatasetShelf } from '../../engine/service/dataset-shelf.ts';
import { NewestFirst } from '../../engine/service/newest-first.ts';
import { thumbnailFile } from '../../engine/service/thumbnails.ts';
import { cleanUploads, storeUpload, uploadFile, uploadPath } from '../../engine/service/uploads.ts';
import { Workplace } from '../data/fixtures.ts';

const picture = (width: number, height: number, background = '#cc2222') =>
  sharp({ create: { width, height, channels: 3, background } });

/** A dataset of the pictures that lie in `p`. */
async function withPictures(files: Readonly<Record<string, Uint8Array>>) {
  const place = new Workplace();
  for (const [name, bytes] of Object.entries(files)) place.write(`p/${name}`, bytes);
  await place.import(place.path('p'), { checkImages: false });
  return place;
}

const sizeOf = async (path: string) => {
  const { format, width, height } = await sharp(readFileSync(path)).metadata();
  return `${format} ${width} x ${height}`;
};

describe('a thumbnail', () => {
  test('fits, stands upright, and is never enlarged', async () => {
    const place = await withPictures({
      'wide.jpg': await picture(2000, 1000).jpeg().toBuffer(),
      'turned.jpg': await picture(400, 200).withMetadata({ orientation: 6 }).jpeg().toBuffer(),
      'small.png': await picture(30, 20).png().toBuffer(),
      'moving.gif': await sharp(
        [await picture(300, 300).png().toBuffer(), await picture(300, 300, '#00f').png().toBuffer()],
        { join: { animated: true } },
      )
        .gif()
        .toBuffer(),
    });
    using shelf = new DatasetShelf(place.home);
    const of = async (name: string, size: 'thumb' | 'view') => {
      const { path, type } = await thumbnailFile(shelf, 'set', `train/${name}`, size);
      expect(type).toBe('image/webp');
      expect(path.startsWith(join(place.home, 'datasets/set/thumbs'))).toBe(true);
      return sizeOf(path);
    };
    expect(await of('wide.jpg', 'thumb')).toBe('webp 240 x 120');
    expect(await of('wide.jpg', 'view')).toBe('webp 1600 x 800');
    expect(await of('turned.jpg', 'thumb')).toBe('webp 120 x 240');
    expect(await of('small.png', 'view')).toBe('webp 30 x 20');
    expect(await of('moving.gif', 'thumb')).toBe('webp 240 x 240');
    const { path } = await thumbnailFile(shelf, 'set', 'train/moving.gif', 'thumb');
    const { dominant } = await sharp(path).stats();
    expect(dominant.r).toBeGreaterThan(dominant.b); // the first frame
  });

  test('is made once, and anew when the picture changes', async () => {
    const place = await withPictures({ 'a.png': await picture(50, 50).png().toBuffer() });
    using shelf = new DatasetShelf(place.home);
    const thumb = () => thumbnailFile(shelf, 'set', 'train/a.png', 'thumb');
    const [first, same] = await Promise.all([thumb(), thumb()]);
    expect(same).toEqual(first);
    const made = statSync(first.path, { bigint: true }).mtimeNs;
    expect(await thumb()).toEqual(first);
    expect(statSync(first.path, { bigint: true }).mtimeNs).toBe(made);

    writeFileSync(place.path('p/a.png'), await picture(60, 50, '#22cc22').png().toBuffer());
    utimesSync(place.path('p/a.png'), 1_000_000, 1_000_000);
    const second = await thumb();
    expect(second.etag).not.toBe(first.etag);
    expect(await sizeOf(second.path)).toBe('webp 60 x 50');
    expect((await sharp(readFileSync(second.path)).stats()).dominant.g).toBeGreaterThan(150);
    const folder = join(second.path, '..');
    expect(readdirSync(folder).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  test('of a damaged, missing or unknown picture is an error, and leaves no file', async () => {
    const whole = await picture(200, 200).png().toBuffer();
    const place = await withPictures({
      'cut.png': whole.subarray(0, whole.length >> 1),
      'gone.png': whole,
      'bad.jpg': Buffer.from('x'),
    });
    using shelf = new DatasetShelf(place.home);
    const thumb = (id: string) => thumbnailFile(shelf, 'set', id, 'thumb');
    await expect(thumb('train/cut.png')).rejects.toMatchObject({ code: 'bad-file' });
    await expect(thumb('train/bad.jpg')).rejects.toMatchObject({ code: 'bad-file' });
    rmSync(place.path('p/gone.png'));
    await expect(thumb('train/gone.png')).rejects.toMatchObject({ code: 'not-found' });
    for (const id of ['train/../p/cut.png', `train/${place.path('p/cut.png')}`, '/etc/passwd', 'train/cut.png\0']) {
      await expect(thumb(id), id).rejects.toMatchObject({ code: 'not-found' });
    }
    expect(readdirSync(join(place.home, 'datasets/set')).includes('thumbs')).toBe(false);
  });

  test('that nobody waits for any more is not made; who still waits gets it', async () => {
    const place = await withPictures({ 'a.png': await picture(50, 50).png().toBuffer() });
    using shelf = new DatasetShelf(place.home);
    const gone = thumbnailFile(shelf, 'set', 'train/a.png', 'thumb', AbortSignal.abort());
    const waiting = thumbnailFile(shelf, 'set', 'train/a.png', 'thumb');
    await expect(gone).rejects.toMatchObject({ code: 'cancelled' });
    expect(await sizeOf((await waiting).path)).toBe('webp 50 x 50');
  });
});

test('work takes its turn newest first, so much at a time', async () => {
  const gate = new NewestFirst(2);
  const order: number[] = [];
  const ends: (() => void)[] = [];
  const all = [1, 2, 3, 4, 5].map((number) =>
    gate.run(async () => {
      order.push(number);
      await new Promise<void>((end) => ends.push(end));
      if (number === 2) throw new Error('two');
    }),
  );
  const settled = Promise.allSettled(all);
  for (let done = 0; done < 5; done += 1) {
    await expect.poll(() => ends.length).toBe(Math.min(done + 2, 5));
    ends[done]!();
  }
  expect((await settled).map(({ status }) => status)).toEqual([
    'fulfilled',
    'rejected',
    'fulfilled',
    'fulfilled',
    'fulfilled',
  ]);
  expect(order).toEqual([1, 2, 5, 4, 3]);
});

describe('an upload', () => {
  test('is kept by its bytes, and shown', async () => {
    const { home } = new Workplace();
    const bytes = await picture(400, 200).withMetadata({ orientation: 6 }).jpeg().toBuffer();
    const upload = await storeUpload(home, bytes);
    expect(upload).toEqual({ id: expect.stringMatching(/^[0-9a-f]{64}$/), width: 200, height: 400 });
    expect((await storeUpload(home, bytes)).id).toBe(upload.id);
    expect(readFileSync(uploadPath(home, upload.id))).toEqual(bytes);
    const { path, etag } = await uploadFile(home, upload.id, 'thumb');
    expect(await sizeOf(path)).toBe('webp 120 x 240');
    expect((await uploadFile(home, upload.id, 'view')).etag).not.toBe(etag);
  });

  test('must be a picture of a bearable size', async () => {
    const { home } = new Workplace();
    await expect(storeUpload(home, Buffer.from('<svg/>'))).rejects.toMatchObject({ code: 'bad-file' });
    await expect(storeUpload(home, new Uint8Array(0))).rejects.toMatchObject({ code: 'bad-file' });
    await expect(storeUpload(home, new Uint8Array(64 * 2 ** 20 + 1))).rejects.toMatchObject({ code: 'bad-input' });
  });

  test.each([
    '../../etc/passwd',
    '/etc/passwd',
    'thumbs',
    `${'a'.repeat(63)}/`,
    'A'.repeat(64),
    `${'a'.repeat(64)}\0`,
    '',
  ])('is not at %j', async (id) => {
    await expect(uploadFile(new Workplace().home, id, 'thumb')).rejects.toMatchObject({ code: 'bad-input' });
  });

  test('goes away after seven days', async () => {
    const { home } = new Workplace();
    await cleanUploads(home);
    const old = await storeUpload(home, await picture(10, 10).png().toBuffer());
    const young = await storeUpload(home, await picture(11, 10).png().toBuffer());
    await uploadFile(home, old.id, 'thumb');
    mkdirSync(join(home, 'uploads/empty'));
    const eightDaysAgo = Date.now() / 1000 - 8 * 24 * 3600;
    utimesSync(uploadPath(home, old.id), eightDaysAgo, eightDaysAgo);
    await cleanUploads(home);
    expect(() => uploadPath(home, old.id)).toThrow(expect.objectContaining({ code: 'not-found' }));
    expect(uploadPath(home, young.id)).toContain(young.id);
    await cleanUploads(home, Date.now() + 8 * 24 * 3600 * 1000);
    const left = readdirSync(join(home, 'uploads'), { recursive: true, withFileTypes: true });
    expect(left.filter((entry) => entry.isFile())).toEqual([]);
  });
});
