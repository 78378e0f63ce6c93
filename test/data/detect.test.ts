import { describe, expect, test } from 'vitest';
import { chooseSplit, detectSources } from '../../engine/data/detect.ts';
import { guessSplit, normaliseSplit } from '../../engine/data/splits.ts';
import { Workplace } from './fixtures.ts';

const questions = { questions: [{ question_id: 1, image_id: 1, question: 'q' }] };
const annotations = { annotations: [{ question_id: 1, answers: [{ answer: 'a' }] }] };
const captions = { images: [{ id: 1 }], annotations: [{ image_id: 1, caption: 'c' }] };
const instances = { images: [{ id: 1 }], annotations: [{ image_id: 1, bbox: [] }] };
const karpathy = { images: [{ filename: 'a', sentences: [] }] };

/** `format split: files` of each source. */
async function detect(
  place: Workplace,
  names: string | string[],
  format: Parameters<typeof detectSources>[1] = 'auto',
) {
  const { sources, ignored } = await detectSources(
    [names].flat().map((name) => place.path(name)),
    format,
  );
  const short = (path: string): string => path.slice(place.folder.length + 1);
  return {
    sources: sources.map((source) => `${source.format} ${source.split}: ${source.files.map(short).join(' + ')}`),
    ignored: ignored.map(({ path, reason }) => `${short(path)}: ${reason}`),
  };
}

test.each([
  ['a/captions_train2014.json', 'train'],
  ['v2_OpenEnded_mscoco_val2014_questions.json', 'val'],
  ['test-dev2015_questions.json', 'test-dev'],
  ['validation/metadata.csv', 'val'],
  ['train/test.jsonl', 'test'],
  ['contrast.json', undefined],
  ['train/deeper/questions.json', undefined],
])('%s speaks of the split %s', (path, split) => {
  expect(guessSplit(path)).toBe(split);
});

test('the three usual splits have one spelling', () => {
  const spellings = ['Train', 'training', ' valid ', 'dev', 'validation', 'testing', 'test-dev', 'no/slash', ''];
  expect(spellings.map(normaliseSplit)).toEqual([
    ...['train', 'train', 'val', 'val', 'val', 'test', 'test-dev'],
    undefined,
    undefined,
  ]);
});

describe('in a folder', () => {
  test('questions meet the annotations of their split; other files are named', async () => {
    const place = new Workplace();
    for (const split of ['train', 'val']) {
      place.write(`d/v2_${split}2014_questions.json`, questions);
      place.write(`d/v2_${split}2014_annotations.json`, annotations);
    }
    place.write('d/v2_test2015_questions.json', questions);
    place.write('d/instances_val2014.json', instances);
    place.write('d/broken.json', '{"questions": oops');
    place.write('d/readme.txt', 'hello');
    expect(await detect(place, 'd')).toEqual({
      sources: [
        'vqa-v2 test: d/v2_test2015_questions.json',
        'vqa-v2 train: d/v2_train2014_questions.json + d/v2_train2014_annotations.json',
        'vqa-v2 val: d/v2_val2014_questions.json + d/v2_val2014_annotations.json',
      ],
      ignored: [
        expect.stringContaining('d/broken.json: Not valid JSON'),
        'd/instances_val2014.json: not a dataset: "annotations" with image_id, bbox',
      ],
    });
  });

  test('subfolders count where the folder itself has no files', async () => {
    const place = new Workplace();
    for (const split of ['test', 'train']) {
      place.write(`d/${split}/questions.json`, questions);
      place.write(`d/${split}/annotations.json`, annotations);
    }
    expect((await detect(place, 'd')).sources).toEqual([
      'vqa-v2 test: d/test/questions.json + d/test/annotations.json',
      'vqa-v2 train: d/train/questions.json + d/train/annotations.json',
    ]);
  });

  test('two kinds of dataset need a choice', async () => {
    const place = new Workplace();
    place.write('d/captions_val.json', captions);
    place.write('d/dataset_coco.json', karpathy);
    await expect(detect(place, 'd')).rejects.toMatchObject({
      code: 'bad-input',
      message: 'Several kinds of dataset lie together: coco-captions, karpathy',
      details: { got: expect.stringMatching(/captions_val.json: coco-captions; .*dataset_coco.json: karpathy/) },
    });
    expect(await detect(place, 'd', 'karpathy')).toEqual({
      sources: ['karpathy train: d/dataset_coco.json'],
      ignored: ['d/captions_val.json: coco-captions, not karpathy'],
    });
  });

  test('no dataset is an error that lists what was seen', async () => {
    const place = new Workplace();
    place.write('d/package.json', { name: 'x' });
    place.write('d/annotations.json', annotations);
    await expect(detect(place, 'd')).rejects.toMatchObject({
      code: 'bad-input',
      details: {
        got: expect.stringMatching(
          /^.*package.json: not a dataset: no records; .*annotations.json: annotations without a questions file/,
        ),
      },
    });
  });

  test('rivals for one split are an error that names them', async () => {
    const place = new Workplace();
    place.write('d/OpenEnded_train_questions.json', questions);
    place.write('d/MultipleChoice_train_questions.json', questions);
    await expect(detect(place, 'd')).rejects.toMatchObject({ code: 'bad-input', message: /split "train"/ });
  });
});

describe('named files', () => {
  test('go by their content, in any order; a single pair needs no names', async () => {
    const place = new Workplace();
    place.write('x.json', annotations);
    place.write('y_val.json', questions);
    expect((await detect(place, ['x.json', 'y_val.json'])).sources).toEqual(['vqa-v2 val: y_val.json + x.json']);
  });

  test.each([
    ['missing.json', undefined, 'not-found'],
    ['data.zip', 'PK', 'bad-file'],
    ['other.json', '{"a": 1}', 'bad-file'],
    ['cut.json', '{"a": 1', 'bad-file'],
  ])('%s is refused', async (name, content, code) => {
    const place = new Workplace();
    if (content !== undefined) place.write(name, content);
    await expect(detect(place, name)).rejects.toMatchObject({ code });
  });

  test('must be of the format asked for', async () => {
    const place = new Workplace();
    place.write('captions.json', captions);
    const failure = detect(place, 'captions.json', 'vqa-v2');
    await expect(failure).rejects.toMatchObject({ code: 'bad-file', details: { expected: 'vqa-v2' } });
    place.write('table.txt', 'image,caption\n');
    expect((await detect(place, 'table.txt', 'csv')).sources).toEqual(['csv train: table.txt']);
  });
});

test('a split names a single source, or chooses among several', () => {
  const source = (split: string) => ({ format: 'csv', files: [`${split}.csv`], split }) as const;
  expect(chooseSplit([source('train')], 'val')).toEqual([{ ...source('train'), split: 'val' }]);
  expect(chooseSplit([source('train'), source('val')], 'val')).toEqual([source('val')]);
  expect(() => chooseSplit([source('train'), source('val')], 'test')).toThrow('None of the files');
});
