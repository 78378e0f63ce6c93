/** The small CLIP's tokenizer: CLIP's own form (lower-cased byte-pair encoding), with merges learnt from a list of words. */
import { byteChars } from '../../engine/tokenizer/byte-level.ts';

const WORD_END = '</w>';
const START = '<|startoftext|>';
const END = '<|endoftext|>';
/** How CLIP cuts text before merging. */
const WORD_PATTERN = String.raw`'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+`;

/**
 * The folder's files by name. Ids: 256 bytes, 256 bytes at the end of a word, one per merge, `<|startoftext|>`,
 * `<|endoftext|>` (also the padding and the unknown token), as in CLIP.
 *
 * @param words most frequent first
 * @param size number of ids at most; fewer when every word is one piece before that
 */
export function clipTokenizerFiles(words: readonly string[], size: number, maxLength: number): Record<string, unknown> {
  const bytes = byteChars.toSorted(); // bytes that stand for themselves first, as in CLIP's ids
  const single = [...bytes, ...bytes.map((byte) => byte + WORD_END)];
  const merges = learnMerges(countWords(words), size - single.length - 2);
  const pieces = [...single, ...merges.map((pair) => pair.join('')), START, END];
  const ids = Object.fromEntries(pieces.map((piece, id) => [piece, id]));
  const mergeLines = merges.map((pair) => pair.join(' '));
  const specialTokens = { bos_token: START, eos_token: END, unk_token: END, pad_token: END };
  return {
    'tokenizer.json': {
      version: '1.0',
      truncation: null,
      padding: null,
      added_tokens: [START, END].map((content) => ({
        id: ids[content],
        content,
        single_word: false,
        lstrip: false,
        rstrip: false,
        normalized: false,
        special: true,
      })),
      normalizer: {
        type: 'Sequence',
        normalizers: [
          { type: 'NFC' },
          { type: 'Replace', pattern: { Regex: String.raw`\s+` }, content: ' ' },
          { type: 'Lowercase' },
        ],
      },
      pre_tokenizer: {
        type: 'Sequence',
        pretokenizers: [
          { type: 'Split', pattern: { Regex: WORD_PATTERN }, behavior: 'Removed', invert: true },
          { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true },
        ],
      },
      post_processor: {
        type: 'RobertaProcessing',
        sep: [END, ids[END]],
        cls: [START, ids[START]],
        trim_offsets: false,
        add_prefix_space: false,
      },
      decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true },
      model: {
        type: 'BPE',
        dropout: null,
        unk_token: END,
        continuing_subword_prefix: '',
        end_of_word_suffix: WORD_END,
        fuse_unk: false,
        vocab: ids,
        merges: mergeLines,
      },
    },
    'tokenizer_config.json': {
      ...specialTokens,
      add_prefix_space: false,
      clean_up_tokenization_spaces: false,
      do_lower_case: true,
      errors: 'replace',
      model_max_length: maxLength,
      tokenizer_class: 'CLIPTokenizer',
    },
    'special_tokens_map.json': specialTokens,
    'vocab.json': ids,
    'merges.txt': `#version: 0.2\n${mergeLines.map((line) => `${line}\n`).join('')}`,
  };
}

interface Word {
  symbols: string[];
  readonly count: number;
}

/** Words as CLIP cuts them, with counts after Zipf's law: a million over the rank. */
function countWords(words: readonly string[]): Word[] {
  const counts = new Map<string, number>();
  words.forEach((word, rank) => {
    for (const [part] of word.toLowerCase().matchAll(new RegExp(WORD_PATTERN, 'gu'))) {
      counts.set(part, (counts.get(part) ?? 0) + Math.ceil(1e6 / (rank + 1)));
    }
  });
  return [...counts].map(([part, count]) => ({ symbols: [...part.slice(0, -1), part.slice(-1) + WORD_END], count }));
}

type Pair = readonly [left: string, right: string];

/**
 * Byte-pair encoding (Sennrich et al. 2016): joins the most frequent pair of neighbours, again and again. Equal counts
 * go by the alphabet. Changes `words`, which must be ASCII (a character is a byte then).
 */
function learnMerges(words: readonly Word[], count: number): Pair[] {
  const merges: Pair[] = [];
  while (merges.length < count) {
    const best = mostFrequentPair(words);
    if (best === undefined) break;
    merges.push(best);
    for (const word of words) word.symbols = join(word.symbols, best);
  }
  return merges;
}

function mostFrequentPair(words: readonly Word[]): Pair | undefined {
  const counts = new Map<string, number>();
  for (const { symbols, count } of words) {
    for (let i = 1; i < symbols.length; i += 1) {
      const pair = `${symbols[i - 1]} ${symbols[i]}`;
      counts.set(pair, (counts.get(pair) ?? 0) + count);
    }
  }
  let best: string | undefined;
  let bestCount = 0;
  for (const [pair, count] of counts) {
    if (count > bestCount || (count === bestCount && pair < best!)) [best, bestCount] = [pair, count];
  }
  return best?.split(' ') as Pair | undefined;
}

function join(symbols: string[], [left, right]: Pair): string[] {
  const joined: string[] = [];
  for (const symbol of symbols) {
    if (symbol === right && joined.at(-1) === left) joined[joined.length - 1] = left + right;
    else joined.push(symbol);
  }
  return joined;
}
