import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DeptError } from '../../engine/common/errors.ts';
import { loadTokenizer, type Tokenizer } from '../../engine/tokenizer/tokenizer.ts';
import { refusal } from '../common/refusal.ts';
import { compared } from '../fidelity/compared.ts';
import { haveT5, publishedT5 } from './reference.ts';

const scratch = mkdtempSync(join(tmpdir(), 'dept-tokenizer-'));
afterAll(() => rmSync(scratch, { recursive: true }));

interface Case {
  text: string;
  ids: number[];
  decoded: string;
}

const readJson = <T>(name: string): T => JSON.parse(readFileSync(join(publishedT5, name), 'utf8')) as T;
const cases = Object.entries(haveT5 ? readJson<Record<string, Record<string, Case>>>('expected-ids.json') : {}).flatMap(
  ([model, entries]) => Object.entries(entries).map(([name, entry]) => ({ model, name, ...entry })),
);

describe.skipIf(!haveT5)('T5 as published (needs ../shared)', () => {
  /** The same pieces with other rules, as two more entries of the file were made. */
  const variant = (change: (tokenizer: Record<string, unknown>) => object): Tokenizer => {
    const folder = mkdtempSync(join(scratch, 'variant-'));
    const published = readJson<Record<string, unknown>>('tokenizer.json');
    writeFileSync(join(folder, 'tokenizer.json'), JSON.stringify({ ...published, ...change(published) }));
    return loadTokenizer(folder);
  };
  const joinSpaces = { type: 'Replace', pattern: { Regex: ' {2,}' }, content: '▁' };
  const metaspace = { type: 'Metaspace', replacement: '▁', add_prefix_space: true };
  let t5: Tokenizer;
  let tokenizers: Record<string, Tokenizer>;
  beforeAll(() => {
    t5 = loadTokenizer(publishedT5);
    tokenizers = {
      'google-t5/t5-small': t5,
      'Xenova/t5-small': t5,
      'Xenova/t5-tokenizer-new': variant(({ normalizer }) => ({
        normalizer: { type: 'Sequence', normalizers: [normalizer, joinSpaces] },
        pre_tokenizer: { ...metaspace, prepend_scheme: 'first' },
      })),
      'Xenova/LaMini-Flan-T5-783M': variant(() => ({ pre_tokenizer: metaspace })),
    };
  });

  /** Its texts were cleaned up, as transformers 4 did unless told otherwise. */
  compared(
    {
      area: 'Tokenizers',
      what: 'T5 and Flan, ids and decoded texts of transformers.js',
      against: 'expected-ids.json',
      measure: 'identical',
      allowed: 0,
      skip: !haveT5,
    },
    (differences) => {
      for (const { model, name, text, ids, decoded } of cases) {
        const tokenizer = tokenizers[model]!;
        differences.same(tokenizer.encode(text), ids, `${model} ${name}`);
        const back = tokenizer.decode(ids, { skipSpecialTokens: false, cleanUp: true });
        differences.same(back, decoded, `${model} ${name}, decoded`);
      }
    },
  );

  test.each([
    ['Classify this text is postive or not:', [4501, 4921, 48, 1499, 19, 442, 757, 42, 59, 10, 1]],
    ['0', [3, 632, 1]],
    ['1', [209, 1]],
    ['2', [204, 1]],
    ['3.8', [3, 26195, 1]],
    ['caption:', [25012, 10, 1]],
    ['vqa: what color is the cat?', [3, 208, 1824, 9, 10, 125, 945, 19, 8, 1712, 58, 1]],
    ['yes', [4273, 1]],
    ['', [1]],
  ])('spec.md 1.3 and 1.13: %j', (text, ids) => {
    expect(t5.encode(text)).toEqual(ids);
    expect(t5.encode(text)).toEqual(ids); // from the word cache
  });

  test('special ids and size', () => {
    expect(t5).toMatchObject({ padId: 0, eosId: 1, unkId: 2, bosId: undefined, vocabularySize: 32_100 });
    expect(t5.idOf('<extra_id_0>')).toBe(32_099);
    expect(t5.pieceOf(4273)).toBe('▁yes');
    expect(t5.idOf('no such piece')).toBeUndefined();
    expect(t5.pieceOf(32_100)).toBeUndefined();
  });

  test('truncation keeps EOS as the last id', () => {
    expect(t5.encode('vqa: what color is the cat?', { maxLength: 5 })).toEqual([3, 208, 1824, 9, 1]);
    expect(t5.encode('vqa: what color is the cat?', { maxLength: 12 })).toHaveLength(12);
    expect(t5.encode('yes', { maxLength: 1 })).toEqual([1]);
    expect(t5.encode('yes no', { addSpecialTokens: false, maxLength: 1 })).toEqual([4273]);
    expect(() => t5.encode('yes', { maxLength: 0 })).toThrow(DeptError);
  });

  test("decoding takes typed arrays and leaves out padding and the embedding's spare rows", () => {
    expect(t5.decode(Int32Array.of(0, 4273, 1, 0, 0))).toBe('yes');
    expect(t5.decode([4273, 32_127])).toBe('yes');
    expect(t5.decode([])).toBe('');
    expect(t5.decode([1, 0])).toBe('');
  });

  test('tokenizer.json alone is enough', () => {
    writeFileSync(join(scratch, 'tokenizer.json'), readFileSync(join(publishedT5, 'tokenizer.json')));
    expect(loadTokenizer(scratch)).toMatchObject({ padId: 0, eosId: 1, unkId: 2, bosId: undefined });
  });
});

describe('folders that cannot be used', () => {
  const whole = {
    added_tokens: [{ id: 0, content: '<pad>', special: true }],
    normalizer: null,
    pre_tokenizer: { type: 'WhitespaceSplit' },
    model: {
      type: 'Unigram',
      unk_id: 1,
      vocab: [
        ['<pad>', 0],
        ['<unk>', 0],
      ],
    },
    post_processor: null,
    decoder: null,
  };
  const bpe = { type: 'BPE', vocab: { a: 0, b: 1, ab: 2 }, merges: ['a b'] };
  const refused = (files: Record<string, unknown>): DeptError => {
    const folder = mkdtempSync(join(scratch, 'broken-'));
    for (const [name, content] of Object.entries(files)) {
      writeFileSync(join(folder, name), typeof content === 'string' ? content : JSON.stringify(content));
    }
    return refusal(() => loadTokenizer(folder));
  };

  const replacing = (pattern: string) => ({
    normalizer: { type: 'Replace', pattern: { Regex: pattern }, content: '' },
  });
  const changed = (parts: Record<string, unknown>) => ({ 'tokenizer.json': { ...whole, ...parts } });

  test.each<[string, Record<string, unknown>, string, RegExp]>([
    ['no tokenizer.json', {}, 'not-found', /no tokenizer\.json/],
    ['not JSON', { 'tokenizer.json': '{"model":' }, 'bad-file', /not valid JSON/],
    ['no model', { 'tokenizer.json': { ...whole, model: undefined } }, 'bad-file', /expected fields/],
    ['unknown model type', changed({ model: { type: 'Odd', vocab: [] } }), 'bad-file', /cannot be built/],
    ['no padding token', { 'tokenizer.json': { ...whole, added_tokens: [] } }, 'bad-file', /no padding token/],
    [
      'a special token outside the vocabulary',
      { 'tokenizer.json': whole, 'tokenizer_config.json': { eos_token: '[END]' } },
      'bad-file',
      /eos_token is not in the vocabulary/,
    ],
    ['broken settings', { 'tokenizer.json': whole, 'tokenizer_config.json': '[]' }, 'bad-file', /expected fields/],
  ])('%s', (_, files, code, message) => {
    const error = refused(files);
    expect(error.code).toBe(code);
    expect(error.message).toMatch(message);
    expect(error.details.path).toContain(scratch);
  });

  test.each<[string, Record<string, unknown>, RegExp]>([
    ['model', { model: { type: 'WordPiece', vocab: {} } }, /the model "WordPiece" \(known: Unigram, BPE\)/],
    ['normalizer', { normalizer: { type: 'Nmt' } }, /the normalizer "Nmt" \(known: Sequence, /],
    ['nested', { normalizer: { type: 'Sequence', normalizers: [{ type: 'toString' }] } }, /the normalizer "toString"/],
    ['pre-tokenizer', { pre_tokenizer: { type: 'Digits' } }, /the pre-tokenizer "Digits"/],
    ['decoder', { decoder: { type: 'CTC' } }, /the decoder "CTC"/],
    ['post-processor', { post_processor: { type: 'Odd' } }, /the post-processor "Odd"/],
    ['no scores', { model: { type: 'Unigram', unk_id: 0, vocab: ['a'] } }, /expected tuple.*\n.*vocab\[0\]/],
    ['unknown piece outside', { model: { ...whole.model, unk_id: 2 } }, /unk_id 2 outside the vocabulary/],
    ['pieces of bytes', { model: { ...bpe, byte_fallback: true } }, /byte_fallback/],
    ['dropout', { model: { ...bpe, dropout: 0.1 } }, /dropout/],
    ['a merge without its piece', { model: { ...bpe, merges: ['b a'] } }, /"ba" of the merges/],
    ['a merge of three', { model: { ...bpe, merges: ['a b a'] } }, /merges\[0\]/],
    ['a pattern of another engine', replacing('a\\b'), /the Regex a\\b: "\\b" is not known\n.*at pattern/],
    ['a pattern without end', replacing(`${'a|'.repeat(100)}a`), /the Regex (a\|)+a?\.\.\.: expected/],
    ['a pattern that is none', replacing('\\p{Foo}'), /the Regex \\p\{Foo\}: Invalid/],
    [
      'an end that has no piece',
      { post_processor: { type: 'BertProcessing', cls: ['a', 0], sep: ['b', 2] } },
      /the id 2 of the post-processor outside the vocabulary/,
    ],
    ['a short charsmap', { normalizer: { type: 'Precompiled', precompiled_charsmap: 'AAAA' } }, /charsmap/],
  ])('says what it cannot honour: %s', (_, parts, got) => {
    expect(refused(changed(parts)).details.got).toMatch(got);
  });

  /** Any of these takes longer than anybody lives on some text, or is read differently by JavaScript. */
  test.each([
    '(a+)+b',
    '(a|a)*',
    '(?:a*)*',
    '(?=(a+))b',
    '(?<=a*)b',
    'a*a*a*a*b',
    'a?a?a?aaa',
    'a+b',
    'a|a+b',
    'a++',
    'a{2,}{3,}',
    'a{1000}',
    '[ab]+[bc]+d',
    '\\s+$',
    '^a',
    'a.',
    '[a&&b]',
    '[a[b]]',
    '[^]',
    'a|',
    '',
  ])('a pattern is refused unless what repeats is the end of an alternative: %s', (pattern) => {
    expect(refused(changed(replacing(pattern))).details.got).toMatch(/only the last of each may repeat\n.*at pattern/);
    const split = { type: 'Split', pattern: { Regex: pattern }, behavior: 'Removed' };
    expect(refused(changed({ pre_tokenizer: split })).details.got).toMatch(/only the last of each may repeat/);
  });

  test('a kind of model with a name that every object has is another kind', () => {
    const folder = mkdtempSync(join(scratch, 'named-'));
    writeFileSync(join(folder, 'tokenizer.json'), JSON.stringify(whole));
    writeFileSync(join(folder, 'config.json'), '{"model_type":"__proto__"}');
    expect(loadTokenizer(folder).padId).toBe(0);
  });
});
