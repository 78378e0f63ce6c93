/** Where a text stops being UTF-8. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { countLines, decodeText, foreignByte } from '../../engine/common/files.ts';
import { refusal } from './refusal.ts';

const text = fc.string({ unit: fc.oneof(fc.constantFrom('\ufffd', '\n', 'a', '\u00e4', '\u{1f642}'), fc.string()) });

test('the first foreign byte is found, whatever stands before and behind it, and none where there is none', () => {
  fc.assert(
    fc.property(fc.nat(70_000), text, fc.constantFrom(0xe9, 0xff, 0x80), text, (many, before, byte, after) => {
      const start = Buffer.from('\u20ac'.repeat(many) + before);
      expect(foreignByte(start)).toBeUndefined();
      const found = foreignByte(Buffer.concat([start, Buffer.from([byte]), Buffer.from(after)]));
      expect(found).toMatchObject({ at: start.length, words: expect.stringContaining(`0x${byte.toString(16)}`) });
    }),
    { numRuns: 200, seed: 5 },
  );
});

test('a text that is not UTF-8 is refused with the line', () => {
  const error = refusal(() => decodeText(Buffer.from('{\n"a": "caf\xe9"}', 'latin1'), 'x.json'));
  expect(error.details.got).toBe('on line 2 the byte 0xe9, of another encoding such as Latin-1');
  expect([countLines(Buffer.from('')), countLines(Buffer.from('a\n\nb')), countLines(Buffer.from('a\n'))]).toEqual([
    1, 3, 2,
  ]);
});
