import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { bundledWords, writeClipTokenizer, writeT5Tokenizer } from '../../assets/pretraining/build-tokenizers.ts';
import { clipTokenizerFiles } from '../../assets/pretraining/clip-tokenizer.ts';
import { t5TokenizerFiles } from '../../assets/pretraining/t5-tokenizer.ts';
import { DeptError } from '../../engine/common/errors.ts';
import { loadTokenizer, type Tokenizer } from '../../engine/tokenizer/tokenizer.ts';

const WORDS =
  'a the is red circle blue square of left right what color there in image two shape shapes circles caption vqa running walking'.split(
    ' ',
  );
const scratch = mkdtempSync(join(tmpdir(), 'dept-tokenizers-'));
afterAll(() => rmSync(scratch, { recursive: true }));

function load(files: Record<string, unknown>): Tokenizer {
  const folder = mkdtempSync(join(scratch, 'model-'));
  for (const [name, content] of Object.entries(files)) {
    writeFileSync(join(folder, name), typeof content === 'string' ? content : JSON.stringify(content));
  }
  return loadTokenizer(folder);
}

const pieces = (tokenizer: Tokenizer, text: string): string =>
  tokenizer
    .encode(text)
    .map((id) => tokenizer.pieceOf(id))
    .join(' ');

const printable = String.fromCharCode(...Array.from({ length: 95 }, (_, i) => 32 + i));

describe('T5 tokenizer from a list of words', () => {
  const t5 = load(t5TokenizerFiles(WORDS, 280));

  test("ids are laid out like T5's", () => {
    expect(t5).toMatchObject({ vocabularySize: 280, padId: 0, eosId: 1, unkId: 2, bosId: undefined });
    expect([0, 1, 2, 3, 4, 5].map((id) => t5.pieceOf(id))).toEqual(['<pad>', '</s>', '<unk>', '▁', '▁a', '▁the']);
    expect([248, 279].map((id) => t5.pieceOf(id))).toEqual(['<extra_id_31>', '<extra_id_0>']);
  });

  test.each([
    ['vqa: what color is the circle?', '▁vqa : ▁what ▁color ▁is ▁the ▁circle ? </s>'],
    ['two circles <extra_id_0> left', '▁two ▁circles <extra_id_0> ▁left </s>'],
    ['standing', '▁s t a n d ing </s>'],
    ['RED', '▁red </s>'],
    ['a café’s “image” – left', `▁a ▁c a f e ' s ▁" i mage " ▁- ▁left </s>`],
    ['a 猫', '▁a ▁ <unk> </s>'],
  ])('%s', (text, expected) => {
    expect(pieces(t5, text)).toBe(expected);
  });

  test('any ASCII text comes back, in lower case', () => {
    expect(t5.encode(printable)).not.toContain(t5.unkId);
    const text = `What is "THE" (left) shape? It's #2 & 100% red.`;
    expect(t5.decode(t5.encode(text))).toBe(text.toLowerCase());
  });

  test('says by how much the size is too small', () => {
    expect(() => t5TokenizerFiles(WORDS, 200)).toThrow(DeptError);
  });

  test('is the same every time', () => {
    expect(t5TokenizerFiles(WORDS, 280)).toEqual(t5TokenizerFiles([...WORDS], 280));
  });
});

describe('CLIP tokenizer from a list of words', () => {
  const clip = load(clipTokenizerFiles(WORDS, 600, 32));

  test("ids are laid out like CLIP's", () => {
    const size = clip.vocabularySize;
    expect(clip).toMatchObject({ bosId: size - 2, eosId: size - 1, padId: size - 1, unkId: size - 1 });
    expect(clip.pieceOf(0)).toBe('!');
    expect(clip.pieceOf(255)).toBe('Ń');
    expect(clip.pieceOf(256)).toBe('!</w>');
    expect(size).toBeLessThanOrEqual(600);
  });

  test.each([
    ['A Red  circle?', '<|startoftext|> a</w> red</w> circle</w> ?</w> <|endoftext|>'],
    ["what's 42", "<|startoftext|> what</w> ' s</w> 4</w> 2</w> <|endoftext|>"],
    ['é', '<|startoftext|> Ã ©</w> <|endoftext|>'],
  ])('%s', (text, expected) => {
    expect(pieces(clip, text)).toBe(expected);
  });

  test('every listed word is one piece when there is room for it', () => {
    for (const word of WORDS) expect(clip.encode(word)).toHaveLength(3);
  });

  test('truncation keeps both special tokens', () => {
    const ids = clip.encode('the red circle left of the blue square', { maxLength: 5 });
    expect(ids).toHaveLength(5);
    expect(ids[0]).toBe(clip.bosId);
    expect(ids.at(-1)).toBe(clip.eosId);
  });

  test('any text comes back, in lower case', () => {
    expect(clip.decode(clip.encode('A red circle 猫 é'))).toBe('a red circle 猫 é');
    expect(clip.encode(printable, { addSpecialTokens: false })).not.toContain(clip.unkId);
  });
});

describe('tokenizers of the bundled models', () => {
  const words = bundledWords();
  const question = 'vqa: is there a red circle left of the blue square?';

  test('T5: every word of the lists is one piece', () => {
    const folder = join(scratch, 't5');
    writeT5Tokenizer(folder, words);
    const t5 = loadTokenizer(folder);
    expect(t5.vocabularySize).toBe(2048);
    expect(words.filter((word) => t5.encode(word).length !== 2)).toEqual([]);
    expect(t5.decode(t5.encode(question))).toBe(question);
  });

  test("CLIP: the generator's most frequent words are one piece", () => {
    const folder = join(scratch, 'clip');
    writeClipTokenizer(folder, words);
    const clip = loadTokenizer(folder);
    expect(clip.vocabularySize).toBe(2048);
    const frequent = words.slice(2, 150).filter((word) => /^[a-z]+$/.test(word));
    expect(frequent.filter((word) => clip.encode(word).length !== 3)).toEqual([]);
    expect(readdirSync(folder).sort()).toEqual([
      'merges.txt',
      'special_tokens_map.json',
      'tokenizer.json',
      'tokenizer_config.json',
      'vocab.json',
    ]);
  });
});
