import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, test } from 'vitest';
import { openDataset } from '../../engine/data/dataset.ts';
import { type BrowseRequest, type DatasetBrowser, openBrowser } from '../../engine/data/dataset-browser.ts';
import { idListOf, keep, unite, within } from '../../engine/data/id-lists.ts';
import { answers, Workplace } from './fixtures.ts';

/** Pictures 1 to 6 in `train`: captions on 1 to 3, questions on 2 to 5, nothing on 6; in `val` picture 7 with a caption. */
async function filled() {
  const place = new Workplace();
  place.images(...[1, 2, 3, 4, 5, 6, 7].map((id) => `images/${id}.png`));
  const captions = ['Ein Café am See', 'a red circle', 'a blue square'];
  await place.import(
    place.write('captions_train.json', {
      images: [1, 2, 3, 4, 5, 6].map((id) => ({ id, file_name: `${id}.png` })),
      annotations: captions.map((caption, i) => ({ id: i, image_id: i + 1, caption })),
    }),
  );
  const asked = [
    [1, 2, 'What color is the circle?', 'what', 'other', ['red', 'red', 'Red']],
    [2, 3, 'Is it blue?', 'is it', 'yes/no', ['yes', 'yes', 'no']],
    [3, 4, 'How many circles?', 'how many', 'number', ['2', '2', '2']],
    [4, 5, 'Is it a circle?', 'is it', 'yes/no', ['no', 'no', 'red']],
    [5, 4, 'What color?', 'what', 'other', ['blue', 'red', 'blue']],
  ] as const;
  await place.import([
    place.write('questions_train.json', {
      questions: asked.map(([id, image, question]) => ({ question_id: id, image_id: image, question })),
    }),
    place.write('annotations_train.json', {
      annotations: asked.map(([id, , , question_type, answer_type, given]) => {
        return { question_id: id, question_type, answer_type, answers: answers(...given) };
      }),
    }),
  ]);
  await place.import(place.write('val.csv', 'image,caption\n7.png,ein roter Kreis\n'));
  return place;
}

async function keys(browser: DatasetBrowser, request: Partial<BrowseRequest>): Promise<string> {
  const { total, images } = await browser.browse({ limit: 100, ...request });
  expect(images).toHaveLength(total);
  return images.map(({ key }) => key.replace('.png', '')).join(' ');
}

describe('pictures', () => {
  test('come in order, page by page, with what they have', async () => {
    const place = await filled();
    using browser = await openBrowser(place.home, 'set');
    expect(await keys(browser, {})).toBe('1 2 3 4 5 6 7');
    expect(await keys(browser, { split: 'val' })).toBe('7');
    const page = await browser.browse({ split: 'train', limit: 2, offset: 3 });
    expect(page).toEqual({
      total: 6,
      images: [
        {
          id: 'train/4',
          key: '4',
          split: 'train',
          width: 3,
          height: 2,
          label: 'How many circles?',
          captions: 0,
          questions: 2,
        },
        {
          id: 'train/5',
          key: '5',
          split: 'train',
          width: 3,
          height: 2,
          label: 'Is it a circle?',
          captions: 0,
          questions: 1,
        },
      ],
    });
    expect((await browser.browse({ limit: 1, offset: 1 })).images[0]).toMatchObject({
      label: 'a red circle',
      captions: 1,
    });
    expect((await browser.browse({ limit: 1, offset: 5 })).images[0]).not.toHaveProperty('label');
    expect(await browser.browse({ limit: 5, offset: 70 })).toEqual({ total: 7, images: [] });
    const unknown = browser.browse({ split: 'test', limit: 1 });
    await expect(unknown).rejects.toMatchObject({
      code: 'not-found',
      details: { expected: 'train, val', got: 'test' },
    });
  });

  test.each<[Partial<BrowseRequest>, string]>([
    [{ text: 'red' }, '2 4 5'],
    [{ text: 'SQUARE blue' }, '3'],
    [{ text: 'red square' }, ''], // in two captions, but in none together
    [{ text: 'colo blue' }, '4'], // beginnings; question and answer together
    [{ text: 'ein' }, '1 7'],
    [{ text: 'cafe' }, '1'],
    [{ text: 'Cafe\u0301' }, '1'], // the accent as a character of its own
    [{ text: 'ein', split: 'val' }, '7'],
    [{ text: '" OR *)' }, ''],
    [{ text: '?!' }, '1 2 3 4 5 6 7'],
    [{ answerType: 'yes/no' }, '3 5'],
    [{ questionType: 'what' }, '2 4'],
    [{ questionType: 'what', answerType: 'number' }, ''], // picture 4 has both, in two questions
    [{ answer: 'red' }, '2 4 5'],
    [{ answer: 'Red' }, '2'],
    [{ answer: "'; DROP TABLE images; --" }, ''],
    [{ answer: 'red', answerType: 'yes/no' }, '5'],
    [{ text: 'circle', answerType: 'other' }, '2'],
    [{ text: 'circle', has: 'captions' }, '2'],
    [{ has: 'captions' }, '1 2 3 7'],
    [{ has: 'questions' }, '2 3 4 5'],
    [{ has: 'nothing' }, '6'],
    [{ has: 'nothing', split: 'val' }, ''],
  ])('%o finds %s', async (request, expected) => {
    const place = await filled();
    using browser = await openBrowser(place.home, 'set');
    expect(await keys(browser, request)).toBe(expected);
    expect(await keys(browser, request)).toBe(expected); // as kept
  });
});

test('answers are counted by split and type, as they were given', async () => {
  const place = await filled();
  await place.import(place.write('q_val.csv', 'image,question,answer1,answer2\n7.png,red?,no,No\n'), {
    images: place.path('images'),
  });
  using browser = await openBrowser(place.home, 'set');
  expect(browser.answers({ limit: 3 })).toEqual({
    total: 17,
    distinct: 7,
    top: [
      { value: 'red', count: 4 },
      { value: 'no', count: 4 },
      { value: '2', count: 3 },
    ],
  });
  expect(browser.answers({ split: 'val', limit: 9 })).toMatchObject({ total: 2, distinct: 2 });
  expect(browser.answers({ split: 'train', answerType: 'yes/no', limit: 2 })).toEqual({
    total: 6,
    distinct: 3,
    top: [
      { value: 'no', count: 3 },
      { value: 'yes', count: 2 },
    ],
  });
  expect(browser.answers({ answerType: 'none', limit: 2 })).toEqual({ total: 0, distinct: 0, top: [] });
  expect(browser.types('answer')).toEqual([
    { value: 'other', count: 2 },
    { value: 'yes/no', count: 2 },
    { value: 'number', count: 1 },
  ]);
  expect(browser.types('question').map(({ value }) => value)).toEqual(['is it', 'what', 'how many']);
});

test('counts and search follow what is replaced', async () => {
  const place = await filled();
  const less = [
    place.write('less/questions_train.json', { questions: [{ question_id: 9, image_id: 6, question: 'Green?' }] }),
    place.write('less/annotations_train.json', { annotations: [{ question_id: 9, answers: answers('red', 'maybe') }] }),
  ];
  await place.import(less, { replace: true, images: place.path('images') });
  using browser = await openBrowser(place.home, 'set');
  expect(browser.answers({ limit: 9 })).toMatchObject({ total: 2, distinct: 2 });
  expect(browser.types('answer')).toEqual([]);
  expect(await keys(browser, { answer: 'red' })).toBe('6');
  expect(await keys(browser, { text: 'circle' })).toBe('2');
});

test('an index of an earlier version is brought up to date, with the refusals it had', async () => {
  const place = await filled();
  await place.import(place.write('test.csv', 'image,caption\n1.png,fine\nlost.png,x\n'), {
    images: place.path('images'),
  });
  const { info } = openDataset(place.home, 'set');
  const folder = join(place.home, 'datasets/set');
  const refused = place.refused();
  const old = new DatabaseSync(join(folder, info.index));
  old.exec(
    'PRAGMA user_version = 0; DROP TABLE answers; DROP TABLE answered; DROP TABLE answer_counts; DROP TABLE type_counts',
  );
  old.exec('DROP TABLE question_words; DROP INDEX questions_by_answer_type');
  old.close();
  using browser = await openBrowser(place.home, 'set');
  expect(await keys(browser, { answer: 'Red' })).toBe('2');
  expect(browser.answers({ limit: 1 }).total).toBe(15);
  expect(browser.info).toEqual({ ...info, index: browser.info.index, refused: browser.info.refused });
  expect(browser.info.index).not.toBe(info.index);
  expect(existsSync(join(folder, info.index))).toBe(false);
  expect(readdirSync(folder)).toHaveLength(3);
  expect(place.refused()).toEqual(refused);
});

test('lists of ids keep their order and hold nothing twice', () => {
  const a = idListOf([5, 1, 2 ** 33, 5, 3]);
  const b = idListOf([4, 3, 1]);
  expect([...a]).toEqual([1, 3, 5, 2 ** 33]);
  expect([...keep(a, b, true)]).toEqual([1, 3]);
  expect([...keep(a, b, false)]).toEqual([5, 2 ** 33]);
  expect([...keep(b, a, false)]).toEqual([4]);
  expect([...unite(a, b)]).toEqual([1, 3, 4, 5, 2 ** 33]);
  expect([...within(a, 3, 2 ** 33)]).toEqual([3, 5]);
  expect([...within(a, 6, 6)]).toEqual([]);
  expect([...idListOf([])]).toEqual([]);
});
