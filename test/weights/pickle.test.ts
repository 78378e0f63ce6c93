/** The pickle reader: the values of protocol 2, and refusals of whatever is not known. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DeptError } from '../../engine/common/errors.ts';
import { KnownName, type PickleVocabulary, unpickle } from '../../engine/weights/pickle.ts';
import { name, pickleOf, raw } from './torch-zip.ts';

const vocabulary: PickleVocabulary = {
  names: new Map([
    ['made.up', new KnownName((args) => ({ made: args }))],
    ['only.named', new KnownName()],
  ]),
  persistent: (identifier) => ({ persistent: identifier }),
};
const load = (bytes: Buffer) => unpickle(bytes, vocabulary, 'some.pkl').value;
const codes = (text: string) => load(raw(`\x80\x02${text}`));

test.each([
  ['N.', null],
  ['\x88.', true],
  ['\x89.', false],
  ['K\xff.', 255],
  ['G\x3f\xe0\0\0\0\0\0\0.', 0.5],
  ['M\xff\xff.', 65_535],
  ['J\xff\xff\xff\xff.', -1],
  ['\x8a\x00.', 0],
  ['\x8a\x01\xff.', -1],
  ['\x8a\x05\x00\x00\x00\x00\x01.', 2 ** 32],
  ['\x8a\x07\xff\xff\xff\xff\xff\xff\x1f.', Number.MAX_SAFE_INTEGER],
  ['X\x05\0\0\0caf\xc3\xa9.', 'café'],
  [').', []],
  ['K\x01\x85.', [1]],
  ['K\x01K\x02\x86.', [1, 2]],
  ['K\x01K\x02K\x03\x87.', [1, 2, 3]],
  ['(K\x01(K\x02tt.', [1, [2]]],
  ['](K\x01K\x02eK\x03a.', [1, 2, 3]],
  ['}.', new Map()],
  [
    '}(K\x01K\x02K\x03NuK\x04\x88s.',
    new Map<unknown, unknown>([
      [1, 2],
      [3, null],
      [4, true],
    ]),
  ],
  ['}q\x01h\x01\x86.', [new Map(), new Map()]],
  ['K\x07r\x00\x01\x00\x00j\x00\x01\x00\x00\x86.', [7, 7]],
  ['K\x05Q.', { persistent: 5 }],
  ['cmade\nup\nK\x05\x85R.', { made: [5] }],
])('%j', (text, expected) => {
  expect(codes(text)).toEqual(expected);
});

test('attributes of a dict are left aside', () => {
  expect(codes('}}b.')).toEqual(new Map());
});

describe('refuses by name', () => {
  test.each([
    ['os', 'system'],
    ['builtins', 'eval'],
    ['posix', 'system'],
    ['__builtin__', 'exec'],
    ['torch', 'load'],
    ['made', 'up.__class__'],
    ['only', 'toString'],
    ['', 'constructor'],
  ])('%s.%s', (module, own) => {
    const attack = pickleOf(name(module, own), ['echo'], raw('R'));
    expect(() => load(attack)).toThrow(expect.objectContaining({ code: 'unsupported' }));
  });

  test('a call of a name that is only named, of a value, or with no tuple', () => {
    for (const text of ['conly\nnamed\n)R.', 'K\x01)R.', '})R.', 'cmade\nup\nK\x01R.']) {
      expect(() => codes(text)).toThrow(expect.objectContaining({ code: 'bad-file' }));
    }
  });

  test.each([
    ['\x80\x04N.', 'bad-file'],
    ['\x80\x02', 'bad-file'],
    ['(lp0\n.', 'bad-file'],
    ['\x80\x02i', 'unsupported'],
    ['\x80\x02o.', 'unsupported'],
    ['\x80\x02\x81.', 'bad-file'],
    ['\x80\x02cmade\nup\n)\x81.', 'unsupported'],
    ['\x80\x02\x93.', 'unsupported'],
    ['\x80\x02P1\n.', 'unsupported'],
    ['\x80\x02\x82\x01.', 'unsupported'],
    ['\x80\x02I1\n.', 'unsupported'],
  ])('%j', (text, code) => {
    expect(() => load(raw(text))).toThrow(expect.objectContaining({ code }));
  });

  test.each([
    '.',
    't.',
    '(.',
    '(q\x01.',
    'h\x00.',
    'K\x01K\x02s.',
    'NK\x01a.',
    '(K\x01u.',
    '}(K\x01u.',
    'Q.',
    '}N}b.',
    'X\xff\xff\xff\xffa.',
    '\x8a\x09\0\0\0\0\0\0\0\0\0.',
    '\x8a\x08\xff\xff\xff\xff\xff\xff\xff\x7f.',
    'cmade',
    'cmade\nup',
  ])('%j, which is broken', (text) => {
    expect(() => codes(text)).toThrow(expect.objectContaining({ code: 'bad-file' }));
  });
});

test('any bytes at all give a value or a refusal', () => {
  const opcode = fc.constantFrom(...'(NJKMX)]}t\x85\x86\x87chjQRqrsuaeb.\x88\x89\x8a'.split(''));
  const byte = fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code));
  const bodies = fc.array(fc.oneof({ weight: 4, arbitrary: opcode }, byte), { maxLength: 40 });
  fc.assert(
    fc.property(bodies, (body) => {
      try {
        codes(body.join(''));
      } catch (error) {
        expect(error).toBeInstanceOf(DeptError);
      }
    }),
    { numRuns: 2000, seed: 8 },
  );
});
