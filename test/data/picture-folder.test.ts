/** Folders of pictures: without annotations, and with the table of a Hugging Face image folder. */
import { describe, expect, test } from 'vitest';
import { openDataset } from '../../engine/data/dataset.ts';
import { detectSources } from '../../engine/data/detect.ts';
import { Workplace } from './fixtures.ts';

const keysOf = (place: Workplace, split: string): string[] => {
  using dataset = openDataset(place.home, 'set');
  return [...dataset.images(split)].map(({ key }) => key);
};

describe('a folder of pictures alone', () => {
  test('comes in whole, as people count, without hidden files and other kinds', async () => {
    const place = new Workplace();
    place.images('p/10.png', 'p/2.PNG', 'p/deep/er/1.png', 'p/.hidden.png', 'p/.git/1.png');
    place.write('p/notes.txt', 'x');
    place.write('p/broken.jpg', 'x');
    const report = await place.import(place.path('p'));
    expect(report.sources).toEqual([{ format: 'images', files: [place.path('p')], split: 'train' }]);
    expect(report.dataset.splits).toEqual({ train: { images: 3, captions: 0, questions: 0, answered: 0 } });
    expect(keysOf(place, 'train')).toEqual(['2.PNG', '10.png', 'deep/er/1.png']);
    expect(place.refused()).toEqual(['image broken.jpg: unreadable-image']);
    using dataset = openDataset(place.home, 'set');
    expect(dataset.image('train/deep/er/1.png')).toMatchObject({
      path: place.path('p/deep/er/1.png'),
      width: 3,
      height: 2,
    });
  });

  test('with subfolders named like splits is read split by split, unless one is not', async () => {
    const place = new Workplace();
    place.images('p/train/a.png', 'p/Validation/a.png');
    place.write('p/docs/readme.txt', 'x');
    await place.import(place.path('p'));
    expect([keysOf(place, 'train'), keysOf(place, 'val')]).toEqual([['a.png'], ['a.png']]);
    place.images('p/cats/a.png');
    await place.import(place.path('p'), { replace: true, split: 'test' });
    expect(keysOf(place, 'test')).toEqual(['cats/a.png', 'train/a.png', 'Validation/a.png']);
  });

  test('can be captioned later', async () => {
    const place = new Workplace();
    place.images('p/a.png', 'p/b.png');
    await place.import(place.path('p'));
    const captions = place.write('p/captions.csv', 'image,caption\na.png,one\n');
    await expect(place.import(captions)).rejects.toMatchObject({ code: 'already-exists' });
    const { dataset } = await place.import(captions, { replace: true });
    expect(dataset.splits.train).toMatchObject({ images: 1, captions: 1 });
  });

  test('is not what is taken where a file beside the pictures may be their annotations', async () => {
    const place = new Workplace();
    place.images('p/a.png');
    place.write('p/captions.json', '{"images": [oops');
    await expect(place.import(place.path('p'))).rejects.toMatchObject({
      code: 'bad-input',
      details: {
        got: expect.stringContaining('captions.json: The file ends in the middle'),
        remedy: /format "images"/,
      },
    });
    await place.import(place.path('p'), { format: 'images' });
    expect(keysOf(place, 'train')).toEqual(['a.png']);
  });

  test('is named as a folder, and must hold pictures', async () => {
    const place = new Workplace();
    place.images('p/a.png');
    const remedy = 'Name the folder that holds the pictures.';
    for (const format of ['auto', 'images'] as const) {
      const failure = detectSources([place.path('p/a.png')], format);
      await expect(failure).rejects.toMatchObject({ details: { remedy } });
    }
    place.write('empty/readme.txt', 'x');
    await expect(detectSources([place.path('empty')], 'images')).rejects.toMatchObject({
      message: 'No dataset was found',
    });
    place.images('q/r/a.png');
    const aborted = detectSources([place.path('q')], 'auto', AbortSignal.abort());
    await expect(aborted).rejects.toMatchObject({ code: 'cancelled' });
  });

  test('an abort while it is read leaves nothing', async () => {
    const place = new Workplace();
    place.images('p/a.png', 'p/b.png');
    const abort = new AbortController();
    const failure = place.import(place.path('p'), { signal: abort.signal, onProgress: () => abort.abort() });
    await expect(failure).rejects.toMatchObject({ code: 'cancelled' });
    expect(() => openDataset(place.home, 'set')).toThrow(expect.objectContaining({ code: 'not-found' }));
  });
});

test.each([
  ['metadata.csv', 'file_name,text\n0001.png,A red one\nsub/0002.png,"A blue, round one"\n'],
  [
    'metadata.jsonl',
    '{"file_name": "0001.png", "text": "A red one"}\n{"file_name": "sub/0002.png", "caption": "A blue, round one"}\n',
  ],
])('a Hugging Face image folder with %s in each split', async (name, content) => {
  const place = new Workplace();
  for (const split of ['train', 'validation']) {
    place.images(`p/${split}/0001.png`, `p/${split}/sub/0002.png`);
    place.write(`p/${split}/${name}`, content);
  }
  const { dataset, refused } = await place.import(place.path('p'));
  expect(refused.total).toBe(0);
  expect(dataset.splits).toMatchObject({ train: { images: 2, captions: 2 }, val: { images: 2, captions: 2 } });
  using opened = openDataset(place.home, 'set');
  expect(opened.captionsOf('val/sub/0002.png')).toEqual(['A blue, round one']);
  expect(opened.image('val/sub/0002.png').path).toBe(place.path('p/validation/sub/0002.png'));
});
