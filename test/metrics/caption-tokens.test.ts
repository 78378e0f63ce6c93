/** Captions as the COCO evaluation compares them. */
import { expect, test } from 'vitest';
import { captionTokens, withoutPunctuation } from '../../engine/metrics/caption-tokens.ts';
import { compared } from '../fidelity/compared.ts';
import { haveOracles, readOracle } from './oracles.ts';

interface EdgeCase {
  readonly input: string;
  readonly ptbNewline: string;
  readonly filteredNewline: string;
  readonly filteredAtEof: string;
  readonly filteredInFile: string;
}

const written = (captions: readonly string[]): string[] => captionTokens(captions).map((tokens) => tokens.join(' '));

compared(
  {
    area: 'Caption metrics',
    what: 'PTB tokens: 254 edge cases without punctuation: alone, last, among others',
    against: 'pycocoevalcap 1.2',
    measure: 'identical',
    allowed: 0,
    skip: !haveOracles,
  },
  (differences) => {
    const cases = readOracle<EdgeCase[]>('ptb_edge_cases.json');
    const inFile = written(cases.map(({ input }) => input));
    cases.forEach(({ input, ptbNewline, filteredNewline, filteredAtEof, filteredInFile }, i) => {
      differences.same(withoutPunctuation(ptbNewline.split(' ')).join(' '), filteredNewline, input);
      differences.same(written([input]), [filteredAtEof], input);
      differences.same(inFile[i], filteredInFile, input);
    });
  },
);

test('brackets and doubled marks stay, single marks and quotes go', () => {
  expect(written(['A (red) "bus", really!! Yes!', 'x'])).toEqual(['a -lrb- red -rrb- bus really !! yes', 'x']);
});

test('only the last caption of a file loses its clitic', () => {
  expect(written(["I'll", "I'll"])).toEqual(["i 'll", 'i ll']);
});

test('a line break inside a caption is a blank', () => {
  expect(written(['a\nred\r\nbus\u2028stops', 'x'])).toEqual(['a red bus stops', 'x']);
});

test('no captions, no tokens; an empty caption keeps its place', () => {
  expect(captionTokens([])).toEqual([]);
  expect(captionTokens(['', 'a', ''])).toEqual([[], ['a'], []]);
});
