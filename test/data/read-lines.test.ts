import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readLines } from '../../engine/data/read-lines.ts';
import { Workplace } from './fixtures.ts';

async function linesOf(content: string | Uint8Array) {
  const path = new Workplace().write('lines.txt', content);
  const texts: (string | undefined)[] = [];
  for await (const { text } of readLines(path)) texts.push(text);
  return texts;
}

test('lines come out as they went in, with or without a newline at the end', async () => {
  const line = fc.string({ unit: 'grapheme' }).filter((text) => !/[\n\ufeff]/.test(text));
  await fc.assert(
    fc.asyncProperty(fc.array(line, { minLength: 1 }), async (lines) => {
      expect(await linesOf(`${lines.join('\n')}\n`)).toEqual(lines);
    }),
    { numRuns: 30 },
  );
  expect(await linesOf('one\n\ntwo')).toEqual(['one', '', 'two']);
  expect(await linesOf('')).toEqual([]);
});

test('lines longer than a block are put together', async () => {
  const long = 'x'.repeat(600_000);
  expect(await linesOf(`${long}\nshort\n${long}`)).toEqual([long, 'short', long]);
});

test('a byte order mark goes, bytes that are no UTF-8 give no text', async () => {
  expect(await linesOf('\ufeffone\ntwo')).toEqual(['one', 'two']);
  expect(await linesOf(Buffer.from('one\ncaf\xe9\n', 'latin1'))).toEqual(['one', undefined]);
});
