/** A T5's spiece.model in the place of its tokenizer.json: the same tokenizer. */
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { loadTokenizer } from '../../engine/tokenizer/tokenizer.ts';
import { readTokenizerFiles } from '../../engine/tokenizer/tokenizer-files.ts';
import { missingFiles } from '../../engine/weights/model-info.ts';
import { refusal } from '../common/refusal.ts';
import { haveT5, publishedT5 } from './reference.ts';
import { sentencePieceParts, smallSentencePiece } from './small-sentencepiece.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'dept-spiece-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const path = () => join(folder, 'spiece.model');

describe.skipIf(!haveT5)('the published one (needs ../shared)', () => {
  beforeEach(() => cpSync(join(publishedT5, 'spiece.model'), path()));

  test('gives the pieces, scores, rules and special tokens of the published tokenizer.json', () => {
    const [own, published] = [readTokenizerFiles(folder), readTokenizerFiles(publishedT5)];
    const { model, pre_tokenizer, decoder, normalizer, added_tokens } = own.tokenizer;
    const scored = (vocab: unknown) =>
      (vocab as [string, number][]).map(([piece, score]) => [piece, Math.fround(score)]);
    expect(scored(model.vocab)).toEqual(scored(published.tokenizer.model.vocab));
    expect({ ...model, vocab: 0 }).toEqual({ ...published.tokenizer.model, vocab: 0 });
    expect({ pre_tokenizer, decoder, normalizer, added_tokens }).toEqual({
      pre_tokenizer: published.tokenizer.pre_tokenizer,
      decoder: published.tokenizer.decoder,
      normalizer: published.tokenizer.normalizer,
      added_tokens: published.tokenizer.added_tokens,
    });
    expect(own.specialTokens).toEqual(published.specialTokens);
  });

  test('ids and texts', () => {
    const [own, published] = [loadTokenizer(folder), loadTokenizer(publishedT5)];
    expect(own.encode('vqa: what color is the cat?')).toEqual([3, 208, 1824, 9, 10, 125, 945, 19, 8, 1712, 58, 1]);
    expect(own.encode('caption:')).toEqual([25012, 10, 1]);
    expect(own.vocabularySize).toBe(32_100);
    for (const text of ['', ' two  words ', 'Ünïcödé ﬁne', '<extra_id_7> and </s>', '日本語 and emoji 🙂']) {
      expect(own.encode(text), text).toEqual(published.encode(text));
      expect(own.decode(own.encode(text))).toBe(published.decode(published.encode(text)));
    }
  });

  test('a folder that has both goes by tokenizer.json, and one with either is complete', () => {
    writeFileSync(join(folder, 'config.json'), '{"model_type":"t5"}');
    expect(missingFiles(folder)).toEqual(['model.safetensors']);
    writeFileSync(join(folder, 'tokenizer.json'), '{');
    expect(refusal(() => loadTokenizer(folder)).code).toBe('bad-file');
  });
});

test('so many extra tokens as tokenizer_config.json says', () => {
  writeFileSync(path(), smallSentencePiece());
  writeFileSync(join(folder, 'tokenizer_config.json'), '{"extra_ids": 2}');
  const tokenizer = loadTokenizer(folder);
  expect([4, 5].map((id) => tokenizer.pieceOf(id))).toEqual(['<extra_id_1>', '<extra_id_0>']);
  expect(tokenizer.encode('a b')).toEqual([3, 2, 1]);
});

test.each([
  ['one cut short', smallSentencePiece().subarray(0, -1), 'bad-file', /Not a valid sentencepiece model/],
  ['one of byte pairs', Buffer.concat(sentencePieceParts(2)), 'unsupported', /not one of a T5/],
  ['one without an end of text', Buffer.concat(sentencePieceParts().toSpliced(1, 1)), 'unsupported', /not one of a T5/],
  ['an empty one', Buffer.alloc(0), 'unsupported', /not one of a T5/],
] as const)('refuses %s', (_what, bytes, code, message) => {
  writeFileSync(path(), bytes);
  const error = refusal(() => loadTokenizer(folder));
  expect(error).toMatchObject({ code, message: expect.stringMatching(message), details: { path: path() } });
});
