/** Penn Treebank tokens against the tokenizer the COCO evaluation runs. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ptbTokenize } from '../../engine/metrics/ptb.ts';
import { compared } from '../fidelity/compared.ts';
import { haveOracles, readOracle } from './oracles.ts';
import { glosses } from './wordnet-texts.ts';

const joined = (lines: readonly (readonly string[])[]): string[] => lines.map((line) => line.join(' '));

/** One caption with its tokens: alone before a newline, alone at the end of the text, and among all cases, one a line. */
interface EdgeCase {
  readonly input: string;
  readonly ptbNewline: string;
  readonly ptbAtEof: string;
  readonly ptbInFile: string;
}

const row = { area: 'Caption metrics', against: 'Stanford CoreNLP 3.4.1', measure: 'identical', allowed: 0 } as const;

compared(
  { ...row, what: 'PTB tokens: 254 edge cases: alone, at the end of a text, among others', skip: !haveOracles },
  (differences) => {
    const cases = readOracle<EdgeCase[]>('ptb_edge_cases.json');
    const inFile = joined(ptbTokenize(cases.map(({ input }) => input).join('\n')));
    cases.forEach(({ input, ptbNewline, ptbAtEof, ptbInFile }, i) => {
      differences.same(joined(ptbTokenize(`${input}\n`)), [ptbNewline, ''], input);
      differences.same(joined(ptbTokenize(input)), [ptbAtEof], input);
      differences.same(inFile[i], ptbInFile, input);
    });
  },
);

compared({ ...row, what: 'PTB tokens: 434 captions' }, (differences) => {
  const golden = new URL('../golden/ptb.json', import.meta.url);
  const cases = JSON.parse(readFileSync(golden, 'utf8')) as [caption: string, tokens: string][];
  const lines = joined(ptbTokenize(cases.map(([caption]) => `${caption}\n`).join('')));
  cases.forEach(([caption, tokens], i) => {
    differences.same(lines[i], tokens, caption);
  });
});

compared({ ...row, what: 'PTB tokens: 11,766 glosses of WordNet' }, (differences) => {
  const golden = new URL('../golden/ptb-wordnet.json', import.meta.url);
  const digests = (JSON.parse(readFileSync(golden, 'utf8')) as string[]).join('').match(/.{6}/g)!;
  const texts = glosses();
  expect(digests).toHaveLength(texts.length);
  const lines = joined(ptbTokenize(texts.map((text) => `${text}\n`).join('')));
  texts.forEach((text, i) => {
    differences.same(createHash('sha256').update(lines[i]!).digest('hex').slice(0, 6), digests[i], text);
  });
});

test('marks that Unicode added late are left out, as after an emoji; older ones stay', () => {
  expect(joined(ptbTokenize('I \u2764\uFE0F cafe\u0301s'))).toEqual(['i \u2764 cafe\u0301s']);
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
