/** Captions as the COCO evaluation compares them. */
import { describe, expect, test } from 'vitest';
import { captionTokens, withoutPunctuation } from '../../engine/metrics/caption-tokens.ts';
import { haveOracles, readOracle } from './oracles.ts';

interface EdgeCase {
  readonly input: string;
  readonly ptbNewline: string;
  readonly filteredNewline: string;
  readonly filteredAtEof: string;
  readonly filteredInFile: string;
}

const written = (captions: readonly string[]): string[] => captionTokens(captions).map((tokens) => tokens.join(' '));

describe.skipIf(!haveOracles)('edge cases (needs ../shared)', () => {
  const cases = haveOracles ? readOracle<EdgeCase[]>('ptb_edge_cases.json') : [];

  test('punctuation goes', () => {
    for (const { ptbNewline, filteredNewline } of cases) {
      expect(withoutPunctuation(ptbNewline.split(' ')).join(' ')).toBe(filteredNewline);
    }
  });

  test('as the only and so last caption of a file, and all in one file', () => {
    expect(cases.map(({ input }) => written([input]))).toEqual(cases.map(({ filteredAtEof }) => [filteredAtEof]));
    expect(written(cases.map(({ input }) => input))).toEqual(cases.map(({ filteredInFile }) => filteredInFile));
  });
});

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
