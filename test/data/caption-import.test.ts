import { describe, expect, test } from 'vitest';
import { openDataset } from '../../engine/data/dataset.ts';
import { Workplace } from './fixtures.ts';

const captionsOf = (place: Workplace, split: string) => {
  using dataset = openDataset(place.home, 'set');
  return [...dataset.captionGroups(split)].map(({ image, captions }) => [image.key, ...captions]);
};

describe('COCO captions', () => {
  test('are grouped by image, wherever the file has its images', async () => {
    const place = new Workplace();
    place.images('train2014/COCO_train2014_000000000001.jpg', 'train2014/two.png', 'train2014/3.png');
    const file = place.write('annotations/captions_train2014.json', {
      annotations: [
        { image_id: 1, id: 100, caption: 'a cat ' },
        { image_id: 2, id: 101, caption: 'a dog' },
        { image_id: 1, id: 102, caption: 'the cat' },
      ],
      images: [
        { id: 1, file_name: 'COCO_train2014_000000000001.jpg', width: 640, height: 480 },
        { id: 2, file_name: 'two.png' },
        { id: 3, file_name: '3.png', width: 9, height: 9 },
      ],
    });
    const report = await place.import(place.path('annotations'), { checkImages: false });
    expect(report.sources).toEqual([{ format: 'coco-captions', files: [file], split: 'train' }]);
    expect(report.dataset).toMatchObject({
      tasks: ['caption'],
      roots: [place.path('train2014')],
      splits: { train: { images: 3, captions: 3, questions: 0, answered: 0 } },
    });
    expect(captionsOf(place, 'train')).toEqual([
      ['1', 'a cat', 'the cat'],
      ['2', 'a dog'],
    ]);
    using dataset = openDataset(place.home, 'set');
    expect(dataset.captionAt('train', 1)).toEqual({ imageId: 'train/2', caption: 'a dog' });
    expect(dataset.image('train/1')).toMatchObject({ width: 640, height: 480 });
    expect(dataset.captionsOf('train/3')).toEqual([]);
  });

  test('that cannot be used are refused by name', async () => {
    const place = new Workplace();
    place.images('images/1.png', 'images/other.png');
    const file = place.write('captions.json', {
      images: [
        { id: 1, file_name: '1.png' },
        { id: 1, file_name: 'other.png' },
        { id: 2, file_name: 'lost.png' },
        { id: 3, file_name: '../escaped.png' },
        { id: 4, file_name: '/etc/passwd.png' },
        { file_name: 'no-id.png' },
        { id: 5, file_name: 'file:///1.png' },
      ],
      annotations: [
        { image_id: 1, id: 10, caption: 'good' },
        { image_id: 1, id: 10, caption: 'same id' },
        { image_id: 1, caption: 'no id is fine' },
        { image_id: 1, id: 11, caption: '\n' },
        { image_id: 2, id: 12, caption: 'its image is lost' },
        { image_id: 3, id: 13, caption: 'its image is elsewhere' },
        { id: 14, caption: 'whose?' },
      ],
    });
    const report = await place.import(file);
    expect(place.refused()).toEqual([
      'image 1: duplicate-id',
      'image 2: missing-image',
      'image 3: unsafe-path',
      'image 4: unsafe-path',
      'image on line 1: malformed',
      'image 5: unsafe-path',
      'caption 10 of image 1: duplicate-id',
      'caption 11 of image 1: empty-caption',
      'caption 12 of image 2: missing-image',
      'caption 13 of image 3: unsafe-path',
      'caption 14: malformed',
    ]);
    expect(report.parts).toEqual([{ task: 'caption', split: 'train', items: 2 }]);
  });

  test('may be missing: a list of images is a dataset to predict on', async () => {
    const place = new Workplace();
    place.images('images/a.png', 'images/b.png');
    const images = ['a', 'b'].map((name, id) => ({ id, file_name: `${name}.png` }));
    const report = await place.import(place.write('image_info_test2014.json', { images }));
    expect(report.dataset.splits).toEqual({ test: { images: 2, captions: 0, questions: 0, answered: 0 } });
  });
});

describe("Karpathy's split", () => {
  const image = (cocoid: number, split: string, ...raws: string[]) => ({
    filepath: 'val2014',
    filename: `COCO_val2014_${String(cocoid).padStart(12, '0')}.jpg`,
    cocoid,
    imgid: cocoid + 1000,
    split,
    sentences: raws.map((raw, i) => ({ raw, tokens: raw.split(' '), sentid: cocoid * 10 + i })),
  });
  const makeCoco = (place: Workplace) => {
    place.images(...[1, 2, 3, 4].map((id) => `val2014/COCO_val2014_00000000000${id}.jpg`));
    return place.write('dataset_coco.json', {
      images: [
        image(1, 'train', 'one'),
        image(2, 'restval', 'two', 'zwei'),
        image(3, 'test', 'three'),
        image(4, 'val', 'four', ''),
        image(5, 'val', 'five'),
        { ...image(6, 'val'), sentences: 'none' },
      ],
      dataset: 'coco',
    });
  };

  test('fills all splits at once, restval joins train', async () => {
    const place = new Workplace();
    const report = await place.import(makeCoco(place));
    expect(report.sources[0]!.format).toBe('karpathy');
    expect(Object.keys(report.dataset.splits)).toEqual(['train', 'val', 'test']);
    expect(captionsOf(place, 'train')).toEqual([
      ['1', 'one'],
      ['2', 'two', 'zwei'],
    ]);
    expect(captionsOf(place, 'val')).toEqual([['4', 'four']]);
    expect(place.refused()).toEqual([
      'caption 41 of image 4: empty-caption',
      'caption 50 of image 5: missing-image',
      'image COCO_val2014_000000000006.jpg: malformed',
    ]);
  });

  test('can be imported one split at a time', async () => {
    const place = new Workplace();
    const file = makeCoco(place);
    expect(await place.import(file, { split: 'test' })).toMatchObject({ parts: [{ split: 'test', items: 1 }] });
    expect(await place.import(file, { split: 'train' })).toMatchObject({ parts: [{ split: 'train', items: 3 }] });
    expect(captionsOf(place, 'test')).toEqual([['3', 'three']]);
  });
});
