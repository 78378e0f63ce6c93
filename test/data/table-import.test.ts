import { describe, expect, test } from 'vitest';
import { openDataset } from '../../engine/data/dataset.ts';
import { Workplace } from './fixtures.ts';

function contentsOf(place: Workplace) {
  using dataset = openDataset(place.home, 'set');
  return dataset.splits().map((split) => ({
    split,
    captions: [...dataset.captions(split)].map(({ imageId, caption }) => `${imageId}: ${caption}`),
    questions: [...dataset.questions(split)].map(
      ({ id, imageId, question, answers }) => `${id} ${imageId}: ${question} ${answers.join('|')}`,
    ),
  }));
}

describe('CSV', () => {
  test('with several captions per image, in quotes, over lines, header in any case', async () => {
    const place = new Workplace();
    place.images('images/a.png', 'images/deep/b.png');
    const csv =
      '\ufeffImage,CAPTION\r\na.png,"a cat, asleep"\r\na.png,"two\r\nlines"\r\ndeep/b.png,"a ""big"" dog"\r\n';
    const report = await place.import(place.write('captions.csv', csv));
    expect(report.sources[0]!.format).toBe('csv');
    expect(contentsOf(place)).toEqual([
      {
        split: 'train',
        captions: ['train/a.png: a cat, asleep', 'train/a.png: two\r\nlines', 'train/deep/b.png: a "big" dog'],
        questions: [],
      },
    ]);
  });

  test('with questions, repeated and numbered answers, lists in cells, ids, types and splits', async () => {
    const place = new Workplace();
    place.images('images/1.png', 'images/2.png');
    const header = 'id;image_id;question;answer;answer;answer_3;question_type;answer_type;split';
    const rows = [
      'q1;1;what?;red;dark red;;what;other;train',
      'q2;2;how many?;"[""2"", ""two""]";;3;how many;number;Validation',
      'q3;2;why?;;;;;;test',
    ];
    await place.import(place.write('table.csv', [header, ...rows, ''].join('\n')));
    expect(contentsOf(place).map(({ split, questions }) => [split, ...questions])).toEqual([
      ['train', 'q1 train/1: what? red|dark red'],
      ['val', 'q2 val/2: how many? 2|two|3'],
      ['test', 'q3 test/2: why? '],
    ]);
    using dataset = openDataset(place.home, 'set');
    expect(dataset.questionAt('val', 0)).toMatchObject({ questionType: 'how many', answerType: 'number' });
    expect(dataset.questionAt('test', 0)).not.toHaveProperty('questionType');
    expect(dataset.info.splits.test).toMatchObject({ questions: 1, answered: 0 });
  });

  test('rows that cannot be used are refused by line', async () => {
    const place = new Workplace();
    place.images('images/a.png');
    const rows = [
      'image,caption,split',
      'a.png,good,train',
      'a.png,a comma, not quoted,train',
      'a.png',
      'a.png,,train',
      ',whose,train',
      'lost.png,lost,train',
      '..\\a.png,sly,train',
      'a.png,good,no/split',
    ];
    await place.import(place.write('captions.csv', rows.join('\n')));
    expect(place.refused()).toEqual([
      'row on line 3: malformed',
      'row on line 4: malformed',
      'row on line 5: empty-caption',
      'row on line 6: malformed',
      'caption on line 7 of image lost.png: missing-image',
      'caption on line 8 of image ..\\a.png: unsafe-path',
      'caption on line 9 of image a.png: malformed',
    ]);
  });

  test.each([
    ['an empty file', '', 'bad-file', /empty/],
    ['other columns', 'name,age\nx,3\n', 'bad-file', /columns/],
    ['a header only', 'image,caption\n', 'bad-input', /nothing that can be used/],
    ['a quote that never ends', 'image,caption\na.png,"never closed\nb.png,x\n', 'bad-file', /Quote Not Closed/],
    ['Latin-1', Buffer.from('image,caption\na.png,caf\xe9\n', 'latin1'), 'bad-file', /UTF-8/],
  ])('%s is an error of the whole', async (_name, content, code, message) => {
    const place = new Workplace();
    place.images('images/a.png');
    const failure = place.import(place.write('captions.csv', content));
    await expect(failure).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
  });
});

describe('JSONL', () => {
  test('with captions and questions, alone or in lists', async () => {
    const place = new Workplace();
    place.images('a.png', 'b.jpg');
    const rows = [
      { image: 'a.png', caption: 'one' },
      { Image: 'b', captions: ['two', 'zwei'] },
      { image: 'a.png', image_id: 7, question: 'how many?', answers: ['2', { answer: 'two' }, 2] },
      { image: 'b.jpg', question: 'which?', answer: 'this', id: 'q', text: 'not a caption' },
    ];
    await place.import(place.write('rows.jsonl', rows.map((row) => `${JSON.stringify(row)}\n\n`).join('')));
    expect(contentsOf(place)).toEqual([
      {
        split: 'train',
        captions: ['train/a.png: one', 'train/b: two', 'train/b: zwei'],
        questions: ['5 train/7: how many? 2|two|2', 'q train/b.jpg: which? this'],
      },
    ]);
  });

  test('a Hugging Face image folder', async () => {
    const place = new Workplace();
    place.images('photos/train/a.png', 'photos/validation/a.png');
    place.write('photos/train/metadata.jsonl', '{"file_name": "a.png", "text": "seen in training"}\n');
    place.write('photos/validation/metadata.csv', 'file_name,text\na.png,held back\n');
    await place.import(place.path('photos'), { format: 'jsonl' });
    await place.import(place.path('photos'), { format: 'csv' });
    expect(contentsOf(place).map(({ split, captions }) => [split, ...captions])).toEqual([
      ['train', 'train/a.png: seen in training'],
      ['val', 'val/a.png: held back'],
    ]);
  });

  test('a JSON list of the same rows', async () => {
    const place = new Workplace();
    place.images('a.png');
    const report = await place.import(place.write('rows.json', [{ image: 'a.png', caption: 'one' }, 5]));
    expect(report.sources[0]!.format).toBe('jsonl');
    expect(place.refused()).toEqual(['row on line 1: malformed']);
  });

  test('lines that cannot be used are refused, the others taken', async () => {
    const place = new Workplace();
    place.images('a.png');
    const lines = [
      '{"image": "a.png", "caption": "good"}',
      '{"image": "a.png", "caption": ',
      '[1, 2]',
      'null',
      '{"picture": "a.png", "caption": "x"}',
      '{"image": "a.png"}',
      '{"image": "a.png", "caption": {"text": "x"}}',
      '{"image": "a.png", "question": ""}',
      '{"image": "a.png", "question": "q", "answer": true}',
      '{"image": null, "caption": "x"}',
      '{"image": "a.png", "caption": []}',
    ];
    const latin1 = Buffer.from('{"image": "a.png", "caption": "caf\xe9"}', 'latin1');
    const report = await place.import(
      place.write('rows.jsonl', Buffer.concat([Buffer.from(`${lines.join('\n')}\n`), latin1])),
    );
    expect(report.parts).toEqual([{ task: 'caption', split: 'train', items: 1 }]);
    const codes = report.refused.examples.map(({ line, code }) => `${line} ${code}`);
    expect(codes).toEqual([
      '2 malformed',
      '3 malformed',
      '4 malformed',
      '5 malformed',
      '6 malformed',
      '7 malformed',
      '8 empty-question',
      '9 malformed',
      '10 malformed',
      '11 empty-caption',
      '12 malformed',
    ]);
  });
});
