/** Penn Treebank tokens against the tokenizer the COCO evaluation runs. */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ptbTokenize } from '../../engine/metrics/ptb.ts';
import { haveOracles, readOracle } from './oracles.ts';

const joined = (lines: readonly (readonly string[])[]): string[] => lines.map((line) => line.join(' '));

/** One caption with its tokens: alone before a newline, alone at the end of the text, and among all cases, one a line. */
interface EdgeCase {
  readonly input: string;
  readonly ptbNewline: string;
  readonly ptbAtEof: string;
  readonly ptbInFile: string;
}

describe.skipIf(!haveOracles)('edge cases (needs ../shared)', () => {
  const cases = haveOracles ? readOracle<EdgeCase[]>('ptb_edge_cases.json') : [];

  test('all 254 alone, before a newline', () => {
    expect(cases).toHaveLength(254);
    expect(cases.map(({ input }) => joined(ptbTokenize(`${input}\n`)))).toEqual(
      cases.map(({ ptbNewline }) => [ptbNewline, '']),
    );
  });

  test('all 254 alone, at the end of the text', () => {
    expect(cases.map(({ input }) => joined(ptbTokenize(input)))).toEqual(cases.map(({ ptbAtEof }) => [ptbAtEof]));
  });

  test('all 254 as lines of one text', () => {
    const text = cases.map(({ input }) => input).join('\n');
    expect(joined(ptbTokenize(text))).toEqual(cases.map(({ ptbInFile }) => ptbInFile));
  });
});

test('434 more captions, lines of one text', () => {
  const golden = new URL('../golden/ptb.json', import.meta.url);
  const cases = JSON.parse(readFileSync(golden, 'utf8')) as [caption: string, tokens: string][];
  expect(cases).toHaveLength(434);
  const text = cases.map(([caption]) => `${caption}\n`).join('');
  expect(joined(ptbTokenize(text))).toEqual([...cases.map(([, tokens]) => tokens), '']);
});

test('a period counts twice where an abbreviation ends a sentence, and the line below decides', () => {
  expect(joined(ptbTokenize('dogs, cats etc.\nA bird'))).toEqual(['dogs , cats etc. .', 'a bird']);
  expect(joined(ptbTokenize('dogs, cats etc.\na bird'))).toEqual(['dogs , cats etc.', 'a bird']);
});

test('characters beyond U+FFFF are left out, and part words', () => {
  expect(joined(ptbTokenize('a😀b 𝒜 c'))).toEqual(['a b c']);
});

test('plain words come back in lower case, whatever their number and blanks', () => {
  const runTogether = /^(?:cannot|gimme|gonna|gotta|lemme|wanna)$/i;
  const word = fc.stringMatching(/^[A-Za-z]{1,12}$/).filter((candidate) => !runTogether.test(candidate));
  fc.assert(
    fc.property(fc.array(word), fc.constantFrom(' ', '  ', '\t'), (words, blank) => {
      expect(ptbTokenize(words.join(blank))).toEqual([words.map((each) => each.toLowerCase())]);
    }),
  );
});

test('any text has as many lines of tokens as it has lines', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(ptbTokenize(text)).toHaveLength(text.split('\n').length);
    }),
  );
});
