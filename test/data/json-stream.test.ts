import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DeptError } from '../../engine/common/errors.ts';
import { JsonArrayScanner, ROOT_ARRAY, readJsonArrays } from '../../engine/data/json-stream.ts';
import { refusal } from '../common/refusal.ts';
import { Workplace } from './fixtures.ts';

/** Scans a text cut into blocks at the given places. */
function scan(bytes: Buffer, arrays: readonly string[], cuts: readonly number[] = []) {
  const scanner = new JsonArrayScanner(arrays, 'test.json');
  const edges = [0, ...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
  const found = edges.slice(1).flatMap((edge, i) => scanner.push(bytes.subarray(edges[i], edge)));
  scanner.end();
  return found;
}

const valuesOf = (found: ReturnType<typeof scan>, array: string): unknown[] =>
  found.filter((element) => element.array === array).map((element) => element.value);

const cuts = fc.array(fc.nat(), { maxLength: 30 });
const json = fc.jsonValue({ maxDepth: 3 });
const documents = fc.record({
  before: json,
  questions: fc.array(json),
  'be"tween\\': json,
  annotations: fc.array(json),
  after: json,
});

describe('a scan', () => {
  test('gives what JSON.parse gives, wherever the blocks are cut', () => {
    fc.assert(
      fc.property(documents, cuts, fc.constantFrom(undefined, 1, '\t'), (document, places, indent) => {
        const found = scan(Buffer.from(JSON.stringify(document, null, indent)), ['questions', 'annotations'], places);
        expect(valuesOf(found, 'questions')).toEqual(JSON.parse(JSON.stringify(document.questions)));
        expect(valuesOf(found, 'annotations')).toEqual(JSON.parse(JSON.stringify(document.annotations)));
      }),
    );
  });

  test('reads a file that is one list', () => {
    fc.assert(
      fc.property(fc.array(json), cuts, (list, places) => {
        const found = scan(Buffer.from(` \r\n${JSON.stringify(list)}\n`), [ROOT_ARRAY], places);
        expect(valuesOf(found, ROOT_ARRAY)).toEqual(JSON.parse(JSON.stringify(list)));
      }),
    );
  });

  test('never takes a part of a file for the whole', () => {
    fc.assert(
      fc.property(documents, fc.nat(), (document, place) => {
        const bytes = Buffer.from(JSON.stringify(document));
        const part = bytes.subarray(0, place % bytes.length);
        expect(() => scan(part, ['questions', 'annotations'])).toThrow(DeptError);
      }),
    );
  });

  test('of damaged bytes ends, with values or with a bad-file error', () => {
    fc.assert(
      fc.property(documents, fc.array(fc.tuple(fc.nat(), fc.nat(255))), (document, damage) => {
        const bytes = Buffer.from(JSON.stringify(document));
        for (const [place, byte] of damage) bytes[place % bytes.length] = byte;
        try {
          scan(bytes, ['questions', 'annotations']);
        } catch (error) {
          expect(error).toMatchObject({ name: 'DeptError', code: 'bad-file' });
        }
      }),
    );
  });

  test('knows the line of every element', () => {
    const text = '{\n "a": [\n  {"x":\n 1},\n\n  {"x": 2}, 7]\n}';
    expect(scan(Buffer.from(text), ['a'], [9, 15]).map(({ line }) => line)).toEqual([3, 6, 6]);
    expect(scan(Buffer.from('{"skipped": "\n", "a": [7]}'), ['a']).map(({ line }) => line)).toEqual([2]);
  });

  test('passes over a byte order mark, escaped keys and arrays of other names', () => {
    const text = '\ufeff{"b": [1], "\\u0061": [2, "]"], "c": {"a": [3]}}';
    expect(scan(Buffer.from(text), ['a']).map(({ value }) => value)).toEqual([2, ']']);
  });
});

const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1');
const broken: readonly [name: string, text: string | Buffer, message: RegExp, details?: object][] = [
  ['nothing', '', /empty/],
  ['no JSON', 'hello', /line 1, column 1\)/, { got: '"h"' }],
  ['a list where an object belongs', '[1]', /column 1\)/, { expected: '"{"', got: '"["' }],
  ['an object where a list belongs', '{"a": {}}', /column 7\)/, { expected: 'a list after "a"' }],
  ['a broken element', '{"a": [1,\n {"x": tru}]}', /line 2, column 2\)/],
  ['a comma too many in an element', '{"a": [1,\n {"x": 1,}]}', /Expected double-quoted .*name \(line 2, column 10\)/],
  [
    'no comma in an element',
    '{"a": [\n {"x": 1,\n"y":"\u00e4" "z": 2}]}',
    /'}' after property value \(line 3, column 10\)/,
  ],
  ['two commas', '{"a": [1,,2]}', /column 10\)/],
  ['a comma at the end', '{"a": [1,]}', /column 10\)/],
  ['no comma', '{"a": [1 2]}', /column 10\)/, { expected: '"," or "]"' }],
  ['a key without quotes', '{a: [1]}', /column 2\)/, { expected: 'a key in quotes' }],
  ['something behind the end', '{"a": [1]}\n\n x', /line 3, column 2\)/, { expected: 'nothing more' }],
  [
    'the middle of a list',
    '{"a": [{"x": 1}, {"x',
    /middle of "a"/,
    { got: 'a record without an end (line 1, column 18)' },
  ],
  ['the end of a list', '{"a": [1]', /middle of the file/],
  ['a bracket too few', '{"a": [\n{"x": [1}, {"x": 2}]}', /']' after array element \(line 2, column 9\)/],
  ['a quote too few', '{"a": [{"x": "y},\n{"x": "y"}]}', /a line ends inside a text \(line 1, column 18\)/],
  ['Latin-1', latin1('{"a": ["caf\xe9"]}'), /not UTF-8 \(line 1, column 12\)/, { got: /0xe9, .*Latin-1/ }],
  ['Latin-1 behind UTF-8', latin1('{"a": [{\n"x": "\xc3\xa4\xef\xbf\xbd\xe9t"}]}'), /not UTF-8 \(line 2, column 12\)/],
];

test.each(broken)(
  'a file with %s is refused with the place, wherever the blocks are cut',
  (_, text, message, details) => {
    const bytes = Buffer.from(text);
    const error = refusal(() => scan(bytes, ['a']));
    expect(error.code).toBe('bad-file');
    expect(error.message).toMatch(message);
    const wanted = Object.entries<unknown>({ path: 'test.json', ...details }).map(([name, value]) => [
      name,
      value instanceof RegExp ? expect.stringMatching(value) : value,
    ]);
    expect(error.details).toMatchObject(Object.fromEntries(wanted));
    const everywhere = Array.from(bytes, (_, i) => i);
    expect(refusal(() => scan(bytes, ['a'], everywhere)).toRecord()).toEqual(error.toRecord());
  },
);

describe('a file', () => {
  test('larger than a block is read whole', async () => {
    const list = Array.from({ length: 20_000 }, (_, i) => ({ id: i, text: `question number ${i} – ü` }));
    const path = new Workplace().write('big.json', { info: list.slice(0, 5000), list });
    const found: unknown[] = [];
    let bytes = 0;
    const onRead = (count: number): void => {
      bytes += count;
    };
    for await (const { value } of readJsonArrays(path, ['list'], { onRead })) found.push(value);
    expect(found).toEqual(list);
    expect(bytes).toBe(Buffer.byteLength(JSON.stringify({ info: list.slice(0, 5000), list })));
  });

  test('that is missing is not found, and a cancelled reading ends', async () => {
    const place = new Workplace();
    const first = (path: string, signal?: AbortSignal) => readJsonArrays(path, ['a'], { signal }).next();
    await expect(first(place.path('none.json'))).rejects.toMatchObject({ code: 'not-found' });
    const path = place.write('a.json', { a: [1] });
    await expect(first(path, AbortSignal.abort())).rejects.toMatchObject({ code: 'cancelled' });
  });
});
