/** Datasets as the pages get them: listed with the broken ones, shown, browsed, held open, previewed, removed. */
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import {
  browseQuerySchema,
  browseResultSchema,
  datasetDetailsSchema,
  datasetListSchema,
  detectionSchema,
  detectQuerySchema,
  importFormats,
  importParamsSchema,
  itemDetailsSchema,
  refusedPageSchema,
} from '../../engine/contract/datasets.ts';
import { FORMATS } from '../../engine/data/source.ts';
import { DatasetShelf } from '../../engine/service/dataset-shelf.ts';
import {
  browseDataset,
  countAnswers,
  importIntoLibrary,
  listAllDatasets,
  listRefused,
  removeFromDatasets,
  showDataset,
  showItem,
} from '../../engine/service/datasets.ts';
import { detectDataset } from '../../engine/service/detection.ts';
import { answers, Workplace } from '../data/fixtures.ts';

/** Two pictures with questions of ten and two answers, one question without its picture; a caption. */
async function filled() {
  const place = new Workplace();
  place.images('images/1.png', 'images/2.png');
  const given = [...Array(7).fill('red'), 'Red', 'dark red', 'dark red'];
  const questions = place.write('v/questions_train.json', {
    questions: [1, 2, 3].map((id) => ({ question_id: id, image_id: id, question: `Question ${id}?` })),
  });
  place.write('v/annotations_train.json', {
    annotations: [given, ['yes', 'no'], ['yes']].map((texts, i) => {
      const types = { answer_type: i === 0 ? 'other' : 'yes/no', question_type: 'question' };
      return { question_id: i + 1, ...types, answers: answers(...texts) };
    }),
  });
  const captions = place.write('captions_train.csv', 'image_id,image,caption\n1,1.png,A first one\n');
  const folder = join(questions, '..');
  await place.import(folder, { images: place.path('images') });
  await place.import(captions);
  return place;
}

describe('the list', () => {
  test('has counts, sources and what a dataset is for; a damaged one does not hide the others', async () => {
    const place = await filled();
    place.images('alone/a.png');
    await place.import(place.path('alone'), { name: 'pictures' });
    place.write('home/datasets/bad/dataset.json', '{"formatVersion": 9}');
    const list = datasetListSchema.parse(listAllDatasets(place.home));
    expect(list.datasets).toMatchObject([
      { name: 'pictures', tasks: [], images: 1, captions: 0, questions: 0, sources: [place.path('alone')] },
      {
        name: 'set',
        tasks: ['vqa', 'caption'],
        splits: [{ name: 'train', images: 2, captions: 1, questions: 2, answered: 2 }],
        images: 2,
        isSample: false,
      },
    ]);
    expect(Date.now() - Date.parse(list.datasets[0]!.imported)).toBeLessThan(60_000);
    expect(list.datasets[0]!.indexBytes).toBeGreaterThan(1000);
    expect(list.broken).toMatchObject([{ name: 'bad', error: { code: 'bad-file' } }]);
  });

  test('of an empty home is empty', () => {
    expect(listAllDatasets(new Workplace().home)).toEqual({ datasets: [], broken: [] });
  });
});

describe('one dataset', () => {
  test('is shown with its parts, types and refusals', async () => {
    const place = await filled();
    using shelf = new DatasetShelf(place.home);
    const details = datasetDetailsSchema.parse(await showDataset(shelf, 'set'));
    expect(details).toMatchObject({
      parts: [
        { task: 'vqa', split: 'train', format: 'vqa-v2', items: 2 },
        { task: 'caption', split: 'train', format: 'csv', items: 1 },
      ],
      imageFolders: [place.path('images')],
      refused: { total: 1, byCode: { 'missing-image': 1 }, examples: [{ item: 'question 3', code: 'missing-image' }] },
      answerTypes: [
        { value: 'other', count: 1 },
        { value: 'yes/no', count: 1 },
      ],
      questionTypes: [{ value: 'question', count: 2 }],
    });
    const page = refusedPageSchema.parse(await listRefused(shelf, { dataset: 'set', offset: 0, limit: 5 }));
    expect(page).toMatchObject({ total: 1, refused: [{ item: 'question 3' }] });
    expect(await listRefused(shelf, { dataset: 'set', offset: 1, limit: 5 })).toEqual({ total: 1, refused: [] });
    expect(await countAnswers(shelf, { dataset: 'set', answerType: 'other', limit: 1 })).toEqual({
      total: 10,
      distinct: 3,
      top: [{ value: 'red', count: 7 }],
    });
  });

  test('pages refusals in their order', async () => {
    const place = new Workplace();
    place.images('a.png');
    const rows = Array.from({ length: 30 }, (_, i) => `lost${i}.png,x`);
    await place.import(place.write('train.csv', ['image,caption', 'a.png,x', ...rows].join('\n')));
    using shelf = new DatasetShelf(place.home);
    const { total, refused } = await listRefused(shelf, { dataset: 'set', offset: 25, limit: 3 });
    expect(total).toBe(30);
    expect(refused.map(({ line }) => line)).toEqual([28, 29, 30]);
    expect((await showDataset(shelf, 'set')).refused.examples).toHaveLength(20);
  });

  test('browses pages, and shows a picture with all its answers', async () => {
    const place = await filled();
    using shelf = new DatasetShelf(place.home);
    const query = browseQuerySchema.parse({ dataset: 'set', answer: 'dark red' });
    const result = browseResultSchema.parse(await browseDataset(shelf, query));
    expect(result).toEqual({
      total: 1,
      images: [
        {
          id: 'train/1',
          key: '1',
          split: 'train',
          width: 3,
          height: 2,
          label: 'A first one',
          captions: 1,
          questions: 1,
        },
      ],
    });
    const item = itemDetailsSchema.parse(await showItem(shelf, { dataset: 'set', image: 'train/1' }));
    expect(item.image).toEqual({ id: 'train/1', key: '1', split: 'train', width: 3, height: 2, fileName: '1.png' });
    expect(item.captions).toEqual(['A first one']);
    expect(item.questions).toHaveLength(1);
    expect(item.questions[0]!.answers).toHaveLength(10);
    expect(item.questions[0]!.counts).toEqual([
      { value: 'red', count: 7 },
      { value: 'dark red', count: 2 },
      { value: 'Red', count: 1 },
    ]);
    for (const image of ['train/../1', '../../etc/passwd', '/etc/passwd', 'train/1\0', 'train/', 'val/1', '']) {
      await expect(showItem(shelf, { dataset: 'set', image }), image).rejects.toMatchObject({ code: 'not-found' });
    }
    for (const dataset of ['../set', '/etc', 'a\0b', '..', 'set/']) {
      await expect(showDataset(shelf, dataset), dataset).rejects.toMatchObject({ code: 'bad-input' });
    }
  });

  test('is read anew when an import has changed it, and while it changes', async () => {
    const place = await filled();
    using shelf = new DatasetShelf(place.home);
    const count = async () => (await browseDataset(shelf, { dataset: 'set', limit: 1, offset: 0 })).total;
    expect(await count()).toBe(2);
    const before = shelf.use('set', async (browser) => {
      await place.import(place.write('val.csv', 'image,caption\n1.png,again\n'));
      expect(await count()).toBe(3);
      return browser.browse({ limit: 1 }); // still open, with what it held
    });
    expect((await before).total).toBe(2);
    expect(await count()).toBe(3);
  });

  test('more than a few take turns in staying open', async () => {
    const place = new Workplace();
    place.images('a.png');
    const names = ['a', 'b', 'c', 'd', 'e', 'f'];
    for (const name of names) await place.import(place.path('.'), { name, format: 'images' });
    using shelf = new DatasetShelf(place.home);
    const browsers = await Promise.all(names.map((name) => shelf.use(name, (browser) => browser)));
    expect(await shelf.use('f', (browser) => browser)).toBe(browsers[5]);
    expect(await shelf.use('a', (browser) => browser)).not.toBe(browsers[0]);
    expect(() => browsers[0]!.types('answer')).toThrow(/not open/);
    for (const name of names) expect((await showDataset(shelf, name)).name).toBe(name);
  });

  test('is removed with its thumbnails and features, and nothing else', async () => {
    const place = await filled();
    await place.import(place.path('captions_train.csv'), { name: 'other' });
    for (const name of ['set', 'other']) mkdirSync(join(place.home, 'features/abc', name), { recursive: true });
    mkdirSync(join(place.home, 'datasets/set/thumbs/00'), { recursive: true });
    writeFileSync(join(place.home, 'features/abc/set/x.safetensors'), 'x');
    using shelf = new DatasetShelf(place.home);
    await showDataset(shelf, 'set');
    await removeFromDatasets(shelf, 'set');
    expect(readdirSync(join(place.home, 'datasets'))).toEqual(['other']);
    expect(readdirSync(join(place.home, 'features/abc'))).toEqual(['other']);
    expect(existsSync(place.path('images/1.png'))).toBe(true);
    await expect(showDataset(shelf, 'set')).rejects.toMatchObject({ code: 'not-found' });
    await expect(removeFromDatasets(shelf, 'set')).rejects.toMatchObject({ code: 'not-found' });
    await place.import(place.path('captions_train.csv'));
    expect((await showDataset(shelf, 'set')).captions).toBe(1);
  });
});

describe('a look before the import', () => {
  const detect = async (place: Workplace, query: object) => {
    return detectionSchema.parse(await detectDataset(place.home, detectQuerySchema.parse(query)));
  };

  test('names sources, first items with pictures, and what would be refused; it writes nothing', async () => {
    const place = await filled();
    place.write('v/readme.json', { a: 1 });
    const found = await detect(place, { paths: [place.path('v')], images: place.path('images') });
    const files = ['v/questions_train.json', 'v/annotations_train.json'].map((name) => place.path(name));
    expect(found.sources).toMatchObject([{ format: 'vqa-v2', files, split: 'train', bytes: expect.any(Number) }]);
    expect(found.ignored).toMatchObject([{ path: place.path('v/readme.json') }]);
    expect(found.suggestedName).toBe('v');
    const { items, problems, ...counts } = found.preview;
    expect(counts).toEqual({ sampled: 3, refused: 1, imagesFound: 2, imagesMissing: 1 });
    expect(items.map(({ kind, text, image, found }) => [kind, text, image, found])).toEqual([
      ['question', 'Question 1?', '1', true],
      ['question', 'Question 2?', '2', true],
      ['question', 'Question 3?', '3', false],
    ]);
    expect(items[0]!.answers).toEqual([
      { value: 'red', count: 7 },
      { value: 'dark red', count: 2 },
      { value: 'Red', count: 1 },
    ]);
    expect(items[2]).not.toHaveProperty('thumbnail');
    const data = items[0]!.thumbnail!.replace('data:image/webp;base64,', '');
    expect(await sharp(Buffer.from(data, 'base64')).metadata()).toMatchObject({ format: 'webp', width: 3, height: 2 });
    expect(problems).toMatchObject([
      { item: 'question 3', code: 'missing-image', reason: expect.stringMatching(/"3"/) },
    ]);
    expect(readdirSync(join(place.home, 'datasets'))).toEqual(['set']);
  });

  test('of a large COCO file finds the pictures that its first captions are of', async () => {
    const place = new Workplace();
    const ids = Array.from({ length: 600 }, (_, i) => i + 1);
    place.images(...[599, 600].map((id) => `images/photo-${id}.png`));
    const file = place.write('captions_train.json', {
      images: ids.map((id) => ({ id, file_name: `photo-${id}.png` })),
      annotations: [...ids].reverse().map((id) => ({ id, image_id: id, caption: `caption ${id}` })),
    });
    const { preview } = await detect(place, { paths: [file] });
    expect(preview.sampled).toBe(500);
    expect(preview).toMatchObject({ imagesFound: 2, imagesMissing: 248, refused: 248 + 248 });
    expect(preview.items).toHaveLength(12);
    expect(preview.items.slice(0, 3)).toMatchObject([
      { kind: 'caption', text: 'caption 600', found: true },
      { kind: 'caption', text: 'caption 599', found: true },
      { kind: 'caption', text: 'caption 598', found: false },
    ]);
  });

  test('of questions finds their annotations wherever they stand', async () => {
    const place = new Workplace();
    place.images('images/1.png');
    const ids = Array.from({ length: 600 }, (_, i) => i + 1);
    const files = [
      place.write('q.json', { questions: ids.map((id) => ({ question_id: id, image_id: 1, question: `q${id}` })) }),
      place.write('a.json', {
        annotations: [...ids].reverse().map((id) => ({ question_id: id, answers: answers(`a${id}`) })),
      }),
    ];
    const { preview } = await detect(place, { paths: files });
    expect(preview).toMatchObject({ sampled: 250, refused: 0, imagesFound: 1 });
    expect(preview.items[0]).toMatchObject({ text: 'q1', answers: [{ value: 'a1', count: 1 }] });
  });

  test('takes the samples of several splits in turn, or of one', async () => {
    const place = new Workplace();
    place.images('a.png');
    for (const split of ['train', 'val']) {
      place.write(`${split}.csv`, ['image,caption', ...Array(20).fill(`a.png,${split}`)].join('\n'));
    }
    const splitsOf = async (query: object) => {
      return (await detect(place, { paths: [place.path('.')], ...query })).preview.items.map(({ split }) => split);
    };
    expect((await splitsOf({})).slice(0, 4)).toEqual(['train', 'val', 'train', 'val']);
    expect(new Set(await splitsOf({ split: 'val' }))).toEqual(new Set(['val']));
  });

  test('of a folder of pictures counts them; a damaged one is named', async () => {
    const place = new Workplace();
    place.images('My pictures!/2.png', 'My pictures!/10.png');
    place.write('My pictures!/bad.jpg', 'no picture');
    const found = await detect(place, { paths: [place.path('My pictures!')] });
    expect(found.sources).toEqual([
      { format: 'images', files: [place.path('My pictures!')], split: 'train', pictures: 3 },
    ]);
    expect(found.suggestedName).toBe('My-pictures');
    expect(found.preview).toMatchObject({
      items: [
        { kind: 'image', text: '', image: '2.png', found: true },
        { kind: 'image', image: '10.png', found: true },
        { kind: 'image', image: 'bad.jpg', found: false },
      ],
      problems: [{ item: 'image bad.jpg', code: 'unreadable-image' }],
      imagesFound: 2,
      imagesMissing: 1,
    });
  });

  test('suggests a name that is free', async () => {
    const place = await filled();
    place.images('set/a.png', 'flowers/train/a.png');
    place.write('flowers/train/metadata.csv', 'file_name,text\na.png,x\n');
    const suggested = async (name: string) => (await detect(place, { paths: [place.path(name)] })).suggestedName;
    expect(await suggested('set')).toBe('set-2');
    expect(await suggested('flowers')).toBe('flowers');
    expect(await suggested('flowers/train')).toBe('flowers');
  });

  test('hears an abort, and passes errors on', async () => {
    const place = await filled();
    const query = detectQuerySchema.parse({ paths: [place.path('v')] });
    await expect(detectDataset(place.home, query, AbortSignal.abort())).rejects.toMatchObject({ code: 'cancelled' });
    const cut = place.write(
      'cut_train.json',
      '{"questions": [{"question_id": 1, "image_id": 1, "question": "q"}, oops',
    );
    await expect(detect(place, { paths: [cut] })).rejects.toMatchObject({ code: 'bad-file' });
  });
});

test('importing tells how far it is, in bytes or pictures', async () => {
  const place = new Workplace();
  place.images('p/a.png', 'p/b.png');
  const told: [number, number | undefined, string][] = [];
  const progress = (p: { done: number; total?: number; unit: string }) => told.push([p.done, p.total, p.unit]);
  const params = importParamsSchema.parse({ name: 'p', paths: [place.path('p')] });
  expect((await importIntoLibrary(place.home, params, { progress })).dataset.splits.train!.images).toBe(2);
  expect(told.at(-1)).toEqual([2, 2, 'pictures']);
  const file = place.write('p/x.csv', 'image,caption\na.png,x\n');
  await importIntoLibrary(place.home, { ...params, name: 'x', paths: [file] }, { progress });
  expect(told.at(-1)).toEqual([22, 22, 'bytes']);
});

test('the contract knows the formats of the importers', () => {
  expect(importFormats).toEqual(FORMATS);
});
