import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { attendedWord, wordsOfIds } from '../../engine/decoding/attention-words.ts';
import { loadTokenizer } from '../../engine/tokenizer/tokenizer.ts';
import { bundledModelsFolder } from '../../engine/weights/bundled.ts';

const tokenizer = loadTokenizer(join(bundledModelsFolder(), 'scenes-t5'));
const idOf = (piece: string): number => tokenizer.idOf(piece)!;

describe('words of ids', () => {
  test.each([
    'a red square left of a blue circle',
    'a photograph of two zebras, grazing; (maybe three?)',
    'yes',
    'a  b',
    '',
  ])('%o', (text) => {
    const ids = tokenizer.encode(text);
    const words = wordsOfIds(tokenizer, ids);
    expect(words.map((word) => word.text).join(' ')).toBe(tokenizer.decode(ids).trim());
    // every id but the end id is of one word, in order
    expect(words.flatMap(({ places }) => places)).toEqual(Array.from({ length: ids.length - 1 }, (_, i) => i));
    for (const { text: word, places } of words) {
      expect(tokenizer.decode(places.map((place) => ids[place]!)).trim()).toBe(word);
    }
  });

  test('a lone mark is of the word that it opens, and at the end of none', () => {
    const [a, mark, q, x] = ['▁a', '▁', 'q', 'x'].map(idOf) as [number, number, number, number];
    expect(wordsOfIds(tokenizer, [mark, q, x, a, mark, x, mark])).toEqual([
      { text: 'qx', places: [0, 1, 2] },
      { text: 'a', places: [3] },
      { text: 'x', places: [4, 5] },
    ]);
  });

  test('a letter that has no piece leaves its mark to the next word', () => {
    const ids = tokenizer.encode('日 a');
    expect(ids.map((id) => tokenizer.pieceOf(id))).toEqual(['▁', '<unk>', '▁a', '</s>']);
    expect(wordsOfIds(tokenizer, ids)).toEqual([{ text: 'a', places: [0, 2] }]);
  });

  test('special tokens and ids without a piece are of no word', () => {
    const [a, spare] = [idOf('▁a'), tokenizer.vocabularySize + 5];
    const ids = [tokenizer.padId, a, spare, tokenizer.eosId!, a];
    expect(wordsOfIds(tokenizer, ids)).toEqual([
      { text: 'a', places: [1] },
      { text: 'a', places: [4] },
    ]);
    expect(wordsOfIds(tokenizer, [tokenizer.eosId!])).toEqual([]);
  });
});

describe('attention of a word', () => {
  const rows = [
    [0.5, 0.25, 0.25, 0],
    [0, 0.5, 0.125, 0.375],
    [1, 0, 0, 0],
  ].map((row) => Float32Array.from(row));

  test('the mean of its tokens over the last places, of sum 1, with its share of the whole', () => {
    expect(attendedWord({ text: 'ab', places: [0, 1] }, rows, 2)).toEqual({
      text: 'ab',
      attention: [0.375 / 0.75, 0.375 / 0.75],
      share: 0.375,
    });
    expect(attendedWord({ text: 'b', places: [1] }, rows, 3).attention).toEqual([0.5, 0.125, 0.375]);
  });

  test('none on the picture', () => {
    expect(attendedWord({ text: 'c', places: [2] }, rows, 2)).toEqual({ text: 'c', attention: [0, 0], share: 0 });
  });
});
