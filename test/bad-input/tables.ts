/** Dataset files as they come from broken disks, other programs and strangers: what is refused, and that the rest comes in. */
import { symlinkSync } from 'node:fs';
import type { RefusalCode } from '../../engine/data/source.ts';
import { answers } from '../data/fixtures.ts';
import { aFolder, type ExpectedError, type Make, namedPipe } from './expected.ts';

interface BadTableBase {
  readonly name: string;
  /** The first is what is imported. */
  readonly files: Readonly<Record<string, Make | string | Uint8Array | object>>;
  readonly format?: 'csv' | 'jsonl' | 'vqa-v2' | 'coco-captions' | 'karpathy' | 'vlt5-vqa';
}

/** Beside pictures `images/1.png` to `images/3.png`. */
export type BadTable = BadTableBase &
  (
    | { readonly error: ExpectedError }
    | {
        /** Items that come in all the same. */
        readonly taken: number;
        readonly refused: readonly (readonly [item: RegExp, line: number, code: RefusalCode, reason: RegExp])[];
      }
  );

const utf16 = (text: string): Buffer => Buffer.from(`\ufeff${text}`, 'utf16le');
const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1');
const lines = (...rows: readonly (string | object)[]): string =>
  rows.map((row) => `${typeof row === 'string' ? row : JSON.stringify(row)}\n`).join('');
const good = { image: '1.png', caption: 'good' };
const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
const long = 'x'.repeat(10 * 2 ** 20);

const questions = {
  questions: [
    { question_id: 1, image_id: 1, question: 'what?' },
    { question_id: 2, image_id: 2, question: 'why?' },
  ],
};
const annotations = {
  annotations: [
    { question_id: 1, answers: answers('red') },
    { question_id: 2, answers: answers('blue') },
  ],
};
const captions = {
  images: [
    { id: 1, file_name: '1.png' },
    { id: 2, file_name: '2.png' },
  ],
  annotations: [
    { id: 1, image_id: 1, caption: 'one' },
    { id: 2, image_id: 2, caption: 'two' },
  ],
};
const karpathy = {
  images: [1, 2].map((id) => ({
    filename: `${id}.png`,
    cocoid: id,
    split: 'train',
    sentences: [{ raw: 'one', sentid: id }],
  })),
};
const vlt5 = [1, 2].map((id) => ({ question_id: id, img_id: String(id), sent: 'what?', answers: answers('red') }));

/** Written as far as its middle. */
const half = (value: object): string => {
  const text = JSON.stringify(value);
  return text.slice(0, Math.floor(text.length * 0.7));
};

const notUtf8: ExpectedError = { code: 'bad-file', message: /not UTF-8 text/, got: /UTF-16/, remedy: /again as UTF-8/ };
const halfWritten = (inside: RegExp): ExpectedError => ({ code: 'bad-file', message: inside, remedy: /cut short/ });
const notAFile = (got: RegExp): ExpectedError => ({ code: 'bad-file', message: /not a file/, got });

const wholes: readonly BadTable[] = [
  {
    name: 'half-written VQA v2 questions',
    format: 'vqa-v2',
    files: { 'questions.json': half(questions), 'annotations.json': annotations },
    error: {
      ...halfWritten(/middle of "questions" \(line 1, column \d+\)/),
      got: /without an end \(line 1, column \d+/,
    },
  },
  {
    name: 'half-written VQA v2 annotations',
    format: 'vqa-v2',
    files: { 'annotations.json': half(annotations), 'questions.json': questions },
    error: halfWritten(/middle of "annotations"/),
  },
  {
    name: 'half-written COCO captions',
    format: 'coco-captions',
    files: { 'captions.json': half(captions) },
    error: halfWritten(/middle of "annotations"/),
  },
  {
    name: 'a half-written split of Karpathy',
    format: 'karpathy',
    files: { 'dataset.json': half(karpathy) },
    error: halfWritten(/middle of "images"/),
  },
  {
    name: 'half-written questions of VL-T5',
    format: 'vlt5-vqa',
    files: { 'test.json': half(vlt5) },
    error: halfWritten(/middle of the list/),
  },
  ...Object.entries({
    json: captions,
    jsonl: good,
    csv: 'image,caption\n1.png,x\n',
    tsv: 'image\tcaption\n1.png\tx\n',
  }).flatMap(([ending, content]): BadTable[] => {
    const text = typeof content === 'string' ? content : JSON.stringify(content);
    return [
      { name: `UTF-16 with its mark, .${ending}`, files: { [`t.${ending}`]: utf16(text) }, error: notUtf8 },
      {
        name: `UTF-16 without a mark, .${ending}`,
        files: { [`t.${ending}`]: Buffer.from(text, 'utf16le') },
        error: notUtf8,
      },
      {
        name: `an empty file, .${ending}`,
        files: { [`t.${ending}`]: '' },
        error: { code: 'bad-file', message: /is empty/ },
      },
      { name: `a named pipe, .${ending}`, files: { [`t.${ending}`]: namedPipe }, error: notAFile(/a named pipe/) },
      {
        name: `a device, .${ending}`,
        files: { [`t.${ending}`]: (path) => symlinkSync('/dev/zero', path) as undefined },
        error: notAFile(/a device/),
      },
    ];
  }),
  {
    name: 'Latin-1 in JSON',
    files: { 't.json': latin1('{"images":[{"id":1}],"annotations":[{"image_id":1,"caption":"caf\xe9"}]}') },
    error: { code: 'bad-file', message: /not UTF-8 \(line 1, column 65\)/, got: /0xe9.*Latin-1/, remedy: /as UTF-8/ },
  },
  {
    name: 'Latin-1 in a table',
    files: { 't.csv': latin1('image,caption\n1.png,caf\xe9\n') },
    error: { code: 'bad-file', message: /table is not UTF-8/, got: /Latin-1, on line 2$/, remedy: /CSV UTF-8/ },
  },
  {
    name: 'a table without rows',
    files: { 't.csv': 'image,caption\n' },
    error: { code: 'bad-input', message: /hold nothing that can be used/, got: /^no records$/ },
  },
  {
    name: 'a web page in place of the file',
    files: { 't.json': '<!doctype html><html>Sign in</html>' },
    error: { code: 'bad-file', message: /Not valid JSON \(line 1, column 1\)/, expected: /"\{" or "\["/, got: /"<"/ },
  },
  {
    name: 'NaN, as Python writes it',
    format: 'coco-captions',
    files: { 't.json': '{"images":[\n{"id":1,"width":NaN}],"annotations":[]}' },
    error: { code: 'bad-file', message: /Not valid JSON: .*NaN.* \(line 2, column 1\)/, remedy: /^Mend it there/ },
  },
  {
    name: 'a comma too few, COCO',
    files: { 't.json': `{"images":[{"id":1}],\n"annotations":[\n{"id":1,"image_id":1,\n"caption":"one" "x":2}]}` },
    error: {
      code: 'bad-file',
      message: /Not valid JSON: Expected ',' or '}' .* \(line 4, column 17\)/,
      got: /"caption":"one" "x":2}$/,
      remedy: /Mend it there/,
    },
  },
  {
    name: 'a comma too few between the records of a list',
    files: { 't.json': `[${JSON.stringify(good)}\n${JSON.stringify(good)}]` },
    error: {
      code: 'bad-file',
      message: /\(line 2, column 1\)/,
      expected: /"," or "]"/,
      got: /"{"/,
      remedy: /Mend it there/,
    },
  },
  {
    name: 'a quote too few in a list',
    files: { 't.json': '[{"image":"1.png","caption":"one},\n{"image":"2.png","caption":"two"}]' },
    error: {
      code: 'bad-file',
      message: /a line ends inside a text \(line 1, column 35\)/,
      expected: /at the end of each text/,
      remedy: /Mend it there/,
    },
  },
  {
    name: 'a bracket too few in a list',
    files: { 't.json': '[{"image":"1.png","caption":"one"},\n{"image":"2.png","caption":"two",\n{"image":"3.png"}]' },
    error: {
      code: 'bad-file',
      message: /property name \(line 3, column 1\)/,
      got: /"two",\n\{"image"/,
      remedy: /Mend it there/,
    },
  },
  {
    name: 'a record nested without end',
    files: { 't.json': `[${deep}]` },
    error: { code: 'bad-file', message: /nested too deeply \(line 1/, expected: /at most 100/ },
  },
  {
    name: 'a value that is no list',
    format: 'coco-captions',
    files: { 't.json': { images: {}, annotations: [] } },
    error: { code: 'bad-file', message: /Not valid JSON/, expected: /a list after "images"/ },
  },
  {
    name: 'records that are none',
    files: { 't.json': [1, 2, 3] },
    error: { code: 'bad-file', message: /not of a kind that can be imported/, got: /a list of records with/ },
  },
  {
    name: 'a quote that is never closed',
    files: { 't.csv': `image,caption\n1.png,"open\n${'2.png,x\n'.repeat(10)}` },
    error: { code: 'bad-file', message: /Quote Not Closed/ },
  },
  {
    name: 'a folder that is called a table',
    format: 'csv',
    files: { 't.csv': aFolder },
    error: { code: 'bad-input', message: /No dataset was found/ },
  },
];

const records: readonly BadTable[] = [
  {
    name: 'rows that break a line each',
    files: {
      't.jsonl': lines(
        good,
        `{"image":"1.png","caption":${deep}}`,
        { image: '1.png', caption: [[...Array(300_000).fill('a')]] },
        { image: '1.png', caption: long },
        { image: '1.png', question: long, answers: ['a'] },
        { image: '1.png', question: 'q', answers: Array(1_000_000).fill('yes') },
        { image: '1.png', question: 'q', answers: [long] },
        { image: long, caption: 'x' },
        { image: '1.png', caption: 'x', id: long },
        { image: '1.png', caption: 'x', split: long },
        '{"image":"1.png","caption":"cut',
        { image: '2.png', caption: 'good' },
      ),
    },
    taken: 2,
    refused: [
      [/^row on line 2$/, 2, 'malformed', /not valid JSON: .*nested more than 100/],
      [/^row on line 3$/, 3, 'malformed', /^The row has 300000 captions; expected at most 1000$/],
      [/^caption on line 4/, 4, 'malformed', /^The caption has 10485760 characters; expected at most 10000$/],
      [/^question on line 5$/, 5, 'malformed', /^The question has 10485760 characters/],
      [/^question on line 6$/, 6, 'malformed', /^The question has 1000000 answers; expected at most 1000$/],
      [/^question on line 7$/, 7, 'malformed', /^The answer has 10485760 characters/],
      [
        /^caption on line 8 of image x{50,200}\.\.\.$/,
        8,
        'malformed',
        /^The id of the image has 10485760 characters; expected at most 500$/,
      ],
      [/^caption x{50,200}\.\.\.$/, 9, 'malformed', /^The id has 10485760 characters/],
      [/^caption on line 10/, 10, 'malformed', /^"x{50,1000}\.\.\.$/],
      [/^row on line 11$/, 11, 'malformed', /not valid JSON/],
    ],
  },
  {
    name: 'texts with zeros in them',
    files: {
      't.jsonl': lines(
        { image: '1.png', caption: 'a\0b' },
        { image: '1.png', question: 'q', answers: ['a\0b'], id: 'x' },
        { image: '1.png', question: 'q', answers: ['a'], id: 'x\0y' },
        { image: '1.png\0.txt', caption: 'x' },
        { image: '1.png', question: 'q', answers: ['a'], id: 'x' },
      ),
    },
    taken: 1,
    refused: [
      [/^caption on line 1/, 1, 'malformed', /caption holds a character of code zero/],
      [/^question x$/, 2, 'malformed', /answer holds a character of code zero/],
      [/^question x/, 3, 'malformed', /id holds a character of code zero/],
      [/^caption on line 4/, 4, 'unsafe-path', /leads out of the image folder/],
    ],
  },
  {
    name: 'names that lead elsewhere',
    files: {
      't.jsonl': lines(
        good,
        ...[
          '../1.png',
          '/etc/passwd.png',
          'C:\\1.png',
          '..\\1.png',
          'a/../../1.png',
          'file:///1.png',
          'https://foreign.test/1.png',
        ].map((image) => ({ image, caption: 'x' })),
        { image: '1.png', image_id: '../../1', caption: 'x' },
      ),
    },
    taken: 1,
    refused: Array.from(
      { length: 8 },
      (_, i) =>
        [/^caption on line/, i + 2, 'unsafe-path', /leads out of the image folder; name images relative/] as const,
    ),
  },
  {
    name: 'ids that are missing or come twice, VQA v2',
    format: 'vqa-v2',
    files: {
      'questions.json': `{"questions":[\n${[
        { question_id: 1, image_id: 1, question: 'what?' },
        { question_id: 1, image_id: 2, question: 'again?' },
        { image_id: 1, question: 'which?' },
        { question_id: '', image_id: 1, question: 'empty?' },
        { question_id: 1.5, image_id: 1, question: 'half?' },
        { question_id: 2, image_id: null, question: 'where?' },
        { question_id: 3, image_id: 1, question: 3 },
        { question_id: 4, image_id: 9, question: 'lost?' },
        { question_id: 5, image_id: 1, question: 'unanswered?' },
        { question_id: 2 ** 60, image_id: 1, question: 'rounded?' },
      ]
        .map((question) => JSON.stringify(question))
        .join(',\n')}\n]}`,
      'annotations.json': { annotations: [1, 2, 3, 4].map((id) => ({ question_id: id, answers: answers('a') })) },
    },
    taken: 1,
    refused: [
      [/^question 1$/, 3, 'duplicate-id', /same id came before/],
      [/^question on line 4$/, 4, 'malformed', /question_id: expected a whole number/],
      [/^question $/, 5, 'malformed', /question_id: expected a whole number/],
      [/^question 1.5$/, 6, 'malformed', /question_id: expected/],
      [/^question 2$/, 7, 'malformed', /image_id: expected/],
      [/^question 3$/, 8, 'malformed', /question: Invalid input: expected string/],
      [/^question 4$/, 9, 'missing-image', /No image file for "9"/],
      [/^question 5$/, 10, 'no-annotation', /No usable annotation/],
      [/^question 1152921504606847000$/, 11, 'malformed', /question_id: expected/],
      [/^annotation 2$/, 1, 'no-question', /No question has this id/],
      [/^annotation 3$/, 1, 'no-question', /No question has this id/],
    ],
  },
  {
    name: 'quotes in the middle of cells, and cells too many',
    files: { 't.csv': 'image,caption\n1.png,She said "hi"\n2.png,a, b\n3.png,"whole, in quotes"\n' },
    taken: 2,
    refused: [[/^row on line 3$/, 3, 'malformed', /expected 2 cells, got 3; .* needs quotes/]],
  },
  {
    name: 'columns without number',
    files: {
      't.csv': `image,question,${Array(100_000).fill('answer').join()}\n1.png,q,a${','.repeat(99_999)}\n2.png,q,${'a,'.repeat(99_999)}a\n`,
    },
    taken: 1,
    refused: [[/^question on line 3$/, 3, 'malformed', /has 100000 answers/]],
  },
  {
    name: 'lines of another encoding',
    files: { 't.jsonl': latin1(lines(good, { image: '1.png', caption: 'caf\xe9' })) },
    taken: 1,
    refused: [[/^row on line 2$/, 2, 'malformed', /not UTF-8 .* such as Latin-1/]],
  },
  {
    name: 'half a surrogate pair',
    files: {
      't.jsonl':
        '{"image":"1.png","caption":"\\ud83d half"}\n{"image":"1.png","question":"q","answer":"a","id":"\\ud800"}\n{"image":"1.png","question":"q","answer":"a","id":"\\ud801"}\n',
    },
    taken: 2,
    refused: [[/^question/, 3, 'duplicate-id', /same id came before/]],
  },
];

export const badTables: readonly BadTable[] = [...wholes, ...records];
