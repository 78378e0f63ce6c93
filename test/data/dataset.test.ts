import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { listDatasets, openDataset, removeDataset } from '../../engine/data/dataset.ts';
import { isWithoutDatasets } from '../../engine/data/dataset-info.ts';
import { DatasetDraft, removeUnpublished } from '../../engine/data/draft.ts';
import { Workplace } from './fixtures.ts';

const table = (...rows: string[]): string => ['image,caption', ...rows, ''].join('\n');

/** A home with captions of `a.png` and `b.png` in the split `train`. */
async function withCaptions() {
  const place = new Workplace();
  place.images('images/a.png', 'images/b.png', 'images/c.png');
  const file = place.write('train.csv', table('a.png,a red circle', 'b.png,a blue square', 'a.png,ein roter Kreis'));
  await place.import(file);
  return place;
}

const captionsOf = (place: Workplace, split: string): string[] => {
  using dataset = openDataset(place.home, 'set');
  return [...dataset.captions(split)].map(({ caption }) => caption);
};
const filesOf = (place: Workplace): string[] => readdirSync(join(place.home, 'datasets/set')).sort();
const index = expect.stringMatching(/^index-[0-9a-f]{12}\.\d+\.sqlite$/);

describe('a dataset grows', () => {
  test('by another split, and keeps the first', async () => {
    const place = await withCaptions();
    const report = await place.import(place.write('val.csv', table('a.png,a test')));
    expect(Object.keys(report.dataset.splits)).toEqual(['train', 'val']);
    expect(captionsOf(place, 'train')).toHaveLength(3);
    expect(captionsOf(place, 'val')).toEqual(['a test']);
    expect(filesOf(place)).toEqual(['dataset.json', index]);
  });

  test('by another task on the same images', async () => {
    const place = await withCaptions();
    const questions = place.write('questions_train.csv', 'image,question,answer\na.png,red?,yes\nc.png,red?,no\n');
    const report = await place.import(questions);
    expect(report.dataset).toMatchObject({
      tasks: ['caption', 'vqa'],
      splits: { train: { images: 3, captions: 3, questions: 2, answered: 2 } },
    });
    using dataset = openDataset(place.home, 'set');
    expect(dataset.captionsOf('train/a.png')).toEqual(['a red circle', 'ein roter Kreis']);
    expect(dataset.questionsOf('train/a.png').map(({ question }) => question)).toEqual(['red?']);
  });

  test('but never twice by the same split, unless it is to be replaced', async () => {
    const place = await withCaptions();
    const before = filesOf(place);
    const again = place.write('more/train.csv', table('c.png,a new one'));
    const failure = place.import(again, { images: place.path('images') });
    await expect(failure).rejects.toMatchObject({ code: 'already-exists' });
    expect(filesOf(place)).toEqual(before);

    const report = await place.import(again, { images: place.path('images'), replace: true });
    expect(report.dataset.splits).toEqual({ train: { images: 1, captions: 1, questions: 0, answered: 0 } });
    expect(report.dataset.parts).toMatchObject([{ items: 1, sources: [{ path: again }] }]);
    expect(captionsOf(place, 'train')).toEqual(['a new one']);
  });

  test('and replacing one task leaves the images of the other', async () => {
    const place = await withCaptions();
    const questions = place.write('q_train.csv', 'image,question\na.png,red?\nc.png,red?\n');
    await place.import(questions);
    const less = place.write('less_train.csv', table('b.png,only this'));
    await place.import(less, { replace: true });
    using dataset = openDataset(place.home, 'set');
    expect([...dataset.images('train')].map(({ key }) => key).sort()).toEqual(['a.png', 'b.png', 'c.png']);
    expect(dataset.image('train/a.png').path).toBe(place.path('images/a.png'));
    expect(dataset.captionsOf('train/a.png')).toEqual([]);
    expect(dataset.questionsOf('train/c.png')).toHaveLength(1);
  });

  test('and the list of refusals follows the files in use', async () => {
    const place = await withCaptions();
    await place.import(place.write('val.csv', table('a.png,fine', 'lost.png,x')));
    await place.import(place.write('test.csv', table('a.png,fine', 'gone.png,x')));
    const lost = 'caption on line 3 of image lost.png: missing-image';
    const gone = 'caption on line 3 of image gone.png: missing-image';
    expect(place.refused()).toEqual([gone, lost]);
    await place.import(place.write('other/val.csv', table('a.png,fine')), {
      replace: true,
      images: place.path('images'),
    });
    expect(place.refused()).toEqual([gone]);
  });

  test('an id that would mean two different images is refused', async () => {
    const place = await withCaptions();
    place.images('elsewhere/a.png');
    const file = place.write('q_train.csv', 'image,question\na.png,red?\n');
    const failure = place.import(file, { images: place.path('elsewhere') });
    await expect(failure).rejects.toMatchObject({ details: { got: expect.stringContaining('1 duplicate-id') } });
  });
});

describe('an import that fails', () => {
  test('leaves nothing behind', async () => {
    const place = new Workplace();
    const file = place.write('train.csv', table('a.png,x', 'b.png,y'));
    await expect(place.import(file)).rejects.toMatchObject({
      code: 'bad-input',
      details: { got: expect.stringMatching(/^2 missing-image; first: caption on line 2/), remedy: /image/ },
    });
    expect(existsSync(join(place.home, 'datasets/set'))).toBe(false);
    expect(listDatasets(place.home)).toEqual({ datasets: [], broken: [] });
  });

  test('halfway, or cancelled, leaves the dataset as it was', async () => {
    const place = await withCaptions();
    const before = filesOf(place);
    const info = readFileSync(join(place.home, 'datasets/set/dataset.json'), 'utf8');
    const cut = place.write('captions_val.json', '{"annotations": [{"image_id": "a", "caption": "x"}, {"im');
    await expect(place.import(cut)).rejects.toMatchObject({ code: 'bad-file' });

    const stop = new AbortController();
    const good = place.write('val.csv', table('a.png,x'));
    const cancelled = place.import(good, { signal: stop.signal, onProgress: () => stop.abort() });
    await expect(cancelled).rejects.toMatchObject({ code: 'cancelled' });
    expect(filesOf(place)).toEqual(before);
    expect(readFileSync(join(place.home, 'datasets/set/dataset.json'), 'utf8')).toBe(info);
  });

  test('with a replaced split that comes out empty keeps the old one', async () => {
    const place = await withCaptions();
    const empty = place.write('train_new.csv', table('lost.png,x'));
    await expect(place.import(empty, { replace: true })).rejects.toMatchObject({ code: 'bad-input' });
    expect(captionsOf(place, 'train')).toHaveLength(3);
  });

  test('because another was faster says so', async () => {
    const place = await withCaptions();
    const slow = new DatasetDraft(join(place.home, 'datasets/set'), 'set');
    await place.import(place.write('val.csv', table('a.png,x')));
    expect(() => slow.publish(slow.previous!)).toThrow(expect.objectContaining({ code: 'already-exists' }));
    slow.discard();
    expect(captionsOf(place, 'val')).toEqual(['x']);
    expect(filesOf(place)).toEqual(['dataset.json', index]);
  });

  test('by being killed leaves files that the next start removes; those of a process that lives stay', async () => {
    const place = await withCaptions();
    const folder = join(place.home, 'datasets/set');
    const gone = 2 ** 22 + 1; // above any process id
    const [left, living] = [gone, process.ppid].map((id) => `index-0123456789ab.${id}.sqlite`) as [string, string];
    for (const name of [left, living]) writeFileSync(join(folder, name), 'renamed, not published yet');
    const info = join(folder, 'dataset.json');
    const [, published] = /"(index-[^"]+)"/.exec(readFileSync(info, 'utf8'))!;
    removeUnpublished(folder);
    expect(filesOf(place)).toEqual(['dataset.json', ...[living, published!].sort()]);
    renameSync(join(folder, living), join(folder, left)); // as if it had been published before that process ended
    writeFileSync(info, readFileSync(info, 'utf8').replace(published!, left));
    removeUnpublished(folder);
    expect(filesOf(place)).toContain(left);
  });

  test('by being killed leaves files that the next import removes', async () => {
    const place = await withCaptions();
    const folder = join(place.home, 'datasets/set');
    const gone = 2 ** 22 + 1; // above any process id
    writeFileSync(join(folder, `index-0123456789ab.sqlite.${gone}.tmp`), 'half');
    writeFileSync(join(folder, 'index-0123456789ab.sqlite'), 'renamed, never published');
    expect(captionsOf(place, 'train')).toHaveLength(3);
    await place.import(place.write('val.csv', table('a.png,x')));
    expect(filesOf(place)).toEqual(['dataset.json', index]);
  });

  test('for want of an image folder or a proper name says so', async () => {
    const place = new Workplace();
    const file = place.write('train.csv', table('a.png,x'));
    const failed = { code: 'not-found', details: { path: place.path('nowhere') } };
    await expect(place.import(file, { images: place.path('nowhere') })).rejects.toMatchObject(failed);
    await expect(place.import(file, { name: '../up' })).rejects.toMatchObject({ code: 'bad-input' });
    await expect(place.import(file, { split: 'a/b' })).rejects.toMatchObject({ code: 'bad-input' });
  });
});

describe('reading', () => {
  test('by position and in order agree, in several splits at once', async () => {
    const place = new Workplace();
    const rows = Array.from({ length: 60 }, (_, i) => `${i % 7}.png,${i},${i % 3 === 0 ? 'val' : 'train'}`);
    place.images(...Array.from({ length: 7 }, (_, i) => `images/${i}.png`));
    await place.import(place.write('set.csv', ['image,caption,split', ...rows].join('\n')));
    using dataset = openDataset(place.home, 'set');
    for (const split of ['train', 'val']) {
      const inOrder = [...dataset.captions(split)];
      expect(inOrder).toHaveLength(dataset.captionCount(split));
      expect(inOrder.map((_, i) => dataset.captionAt(split, i))).toEqual(inOrder);
    }
    const interleaved: string[] = [];
    for (const { caption: a } of dataset.captions('val')) {
      for (const { caption: b } of dataset.captions('val')) if (a === b) interleaved.push(a);
    }
    expect(interleaved).toHaveLength(20);
    for (const i of [-1, 20, 0.5]) expect(() => dataset.captionAt('val', i)).toThrow('has no item');
  });

  test('what is not there is named', async () => {
    const place = await withCaptions();
    using dataset = openDataset(place.home, 'set');
    const error = { code: 'not-found', details: { expected: 'train', got: 'val' } };
    expect(() => dataset.questionCount('val')).toThrow(expect.objectContaining(error));
    expect(() => [...dataset.images('val')]).toThrow(expect.objectContaining(error));
    for (const id of ['train/none.png', 'val/a.png', 'nonsense']) {
      expect(() => dataset.image(id)).toThrow(expect.objectContaining({ code: 'not-found' }));
    }
    expect(() => openDataset(place.home, 'other')).toThrow(
      expect.objectContaining({ code: 'not-found', details: expect.objectContaining({ expected: 'set' }) }),
    );
  });
});

test('the fingerprint follows the content, not the place or the order of imports', async () => {
  const build = async (order: readonly string[], caption = 'x') => {
    const place = new Workplace();
    place.images('images/a.png');
    for (const split of order) await place.import(place.write(`${split}.csv`, table(`a.png,${caption}`)));
    return listDatasets(place.home).datasets[0]!.fingerprint;
  };
  const fingerprint = await build(['train', 'val']);
  expect(fingerprint).toMatch(/^[0-9a-f]{64}$/);
  expect(await build(['val', 'train'])).toBe(fingerprint);
  expect(await build(['train', 'val'], 'y')).not.toBe(fingerprint);
  expect(await build(['train'])).not.toBe(fingerprint);
});

test('a dataset is called as its folder is', async () => {
  const place = await withCaptions();
  renameSync(join(place.home, 'datasets/set'), join(place.home, 'datasets/renamed'));
  expect(listDatasets(place.home).datasets.map(({ name }) => name)).toEqual(['renamed']);
  using dataset = openDataset(place.home, 'renamed');
  expect(dataset.info.name).toBe('renamed');
});

test('an index that is damaged is named', async () => {
  const place = await withCaptions();
  const folder = join(place.home, 'datasets/set');
  const path = join(folder, filesOf(place).find((name) => name.endsWith('.sqlite'))!);
  const bytes = readFileSync(path);
  writeFileSync(path, bytes.fill(0xa5, 4096 * 2));
  const named = { code: 'bad-file', details: { path, remedy: expect.stringContaining('import it again') } };
  using dataset = openDataset(place.home, 'set');
  expect(() => [...dataset.captions('train')]).toThrow(
    expect.objectContaining({ ...named, details: expect.objectContaining(named.details) }),
  );
  const more = place.write('val.csv', table('a.png,x'));
  await expect(place.import(more)).rejects.toMatchObject(named);
  writeFileSync(path, ''); // to SQLite an empty file is a new database
  await expect(place.import(more)).rejects.toMatchObject(named);
  expect(filesOf(place)).toEqual(['dataset.json', index]);
});

test('datasets are listed and removed; a lost index is named', async () => {
  const place = await withCaptions();
  await place.import(place.path('train.csv'), { name: 'also' });
  expect(listDatasets(place.home).datasets.map(({ name }) => name)).toEqual(['also', 'set']);
  await removeDataset(place.home, 'also');
  expect(listDatasets(place.home).datasets.map(({ name }) => name)).toEqual(['set']);
  await expect(removeDataset(place.home, 'also')).rejects.toThrow('no dataset "also"');

  const folder = join(place.home, 'datasets/set');
  for (const name of readdirSync(folder)) if (name.endsWith('.sqlite')) rmSync(join(folder, name));
  expect(() => openDataset(place.home, 'set')).toThrow(expect.objectContaining({ code: 'bad-file' }));
  const more = place.import(place.write('val.csv', table('a.png,x')));
  await expect(more).rejects.toMatchObject({ code: 'bad-file', details: { remedy: /import it again/ } });
});

test('a home is without datasets until the first is whole, and not again where all were removed', async () => {
  const place = new Workplace();
  expect(isWithoutDatasets(place.home)).toBe(true);
  place.write('home/datasets/set/index-killed.sqlite.1.tmp', '');
  expect(isWithoutDatasets(place.home)).toBe(true);
  place.images('images/a.png');
  await place.import(place.write('train.csv', table('a.png,a red circle')));
  expect(isWithoutDatasets(place.home)).toBe(false);
  await removeDataset(place.home, 'set');
  expect(isWithoutDatasets(place.home)).toBe(false);
});
