/** The small T5's tokenizer: T5's own form (Unigram over "▁word" pieces), with pieces from a list of words. */
import { DeptError } from '../../engine/common/errors.ts';

const SPACE = '▁';
const SENTINELS = 32;
const SPECIAL = ['<pad>', '</s>', '<unk>'];
const PRINTABLE_ASCII = Array.from({ length: 94 }, (_, i) => String.fromCharCode(33 + i));

/**
 * The folder's files by name. Unlike T5's, the text is lower-cased: a small vocabulary has no room for
 * two of each word. Accents and typographic quotes become ASCII, all of which has pieces, so that Latin text has no
 * unknown piece.
 *
 * Ids: `<pad>` 0, `</s>` 1, `<unk>` 2, `▁` 3, then words, parts of words, characters, and the sentinels
 * `<extra_id_31>` ... `<extra_id_0>` at the end, as in T5.
 *
 * @param words most frequent first; each gets a piece of its own
 * @param size number of ids; what the words leave free goes to parts of words
 */
export function t5TokenizerFiles(words: readonly string[], size: number): Record<string, unknown> {
  const sentinels = Array.from({ length: SENTINELS }, (_, i) => `<extra_id_${i}>`);
  const specialTokens = {
    eos_token: '</s>',
    pad_token: '<pad>',
    unk_token: '<unk>',
    additional_special_tokens: sentinels,
  };
  const pieces = choosePieces(words, size - SPECIAL.length - 1 - SENTINELS);
  const scored = (piece: string): [string, number] => [piece, 0];
  const vocabulary: [string, number][] = [
    ...SPECIAL.map(scored),
    [SPACE, zipfScore(pieces.length)],
    ...pieces.map((piece, rank): [string, number] => [piece, zipfScore(rank)]),
    ...sentinels.toReversed().map(scored),
  ];
  const special = new Set([...SPECIAL, ...sentinels]);
  return {
    'tokenizer.json': {
      version: '1.0',
      truncation: null,
      padding: null,
      added_tokens: vocabulary.flatMap(([content], id) => (special.has(content) ? [addedToken(id, content)] : [])),
      normalizer: {
        type: 'Sequence',
        normalizers: [
          { type: 'NFKD' },
          { type: 'StripAccents' },
          { type: 'Lowercase' },
          { type: 'Replace', pattern: { Regex: '[‘’]' }, content: "'" },
          { type: 'Replace', pattern: { Regex: '[“”]' }, content: '"' },
          { type: 'Replace', pattern: { Regex: '[–—]' }, content: '-' },
        ],
      },
      pre_tokenizer: {
        type: 'Sequence',
        pretokenizers: [{ type: 'WhitespaceSplit' }, { type: 'Metaspace', replacement: SPACE, add_prefix_space: true }],
      },
      post_processor: {
        type: 'TemplateProcessing',
        single: [sequence('A'), endOfText],
        pair: [sequence('A'), endOfText, sequence('B'), endOfText],
        special_tokens: { '</s>': { id: '</s>', ids: [1], tokens: ['</s>'] } },
      },
      decoder: { type: 'Metaspace', replacement: SPACE, add_prefix_space: true },
      model: { type: 'Unigram', unk_id: 2, vocab: vocabulary },
    },
    'tokenizer_config.json': {
      ...specialTokens,
      clean_up_tokenization_spaces: true,
      extra_ids: SENTINELS,
      model_max_length: 512,
      // not T5Tokenizer: since transformers 5 that class puts a fixed normalizer in the place of the file's
      tokenizer_class: 'PreTrainedTokenizerFast',
    },
    'special_tokens_map.json': specialTokens,
  };
}

const sequence = (id: string) => ({ Sequence: { id, type_id: 0 } });
const endOfText = { SpecialToken: { id: '</s>', type_id: 0 } };

function addedToken(id: number, content: string) {
  return { id, content, single_word: false, lstrip: false, rstrip: false, normalized: false, special: true };
}

/**
 * Zipf's law in place of a log-probability: -ln(rank + 2). Words stand before everything else, so that a listed word
 * always scores better than its parts.
 */
function zipfScore(rank: number): number {
  return -Number(Math.log(rank + 2).toFixed(6)); // rounded: the last bit of a logarithm depends on the platform
}

/** `count` different pieces: words, then parts of words, then single characters. */
function choosePieces(words: readonly string[], count: number): string[] {
  const whole = new Set(words.map((word) => SPACE + word));
  const characters = PRINTABLE_ASCII.flatMap((character) => [SPACE + character, character]);
  const rest = characters.filter((piece) => !whole.has(piece));
  const room = count - whole.size - rest.length;
  if (room < 0) {
    throw new DeptError('bad-input', 'The vocabulary is too small for the words', {
      expected: `at least ${-room} pieces more`,
      got: `room for ${count} pieces, ${whole.size} words and ${rest.length} single characters`,
    });
  }
  return [...whole, ...partsOfWords(words, whole, room), ...rest];
}

/**
 * The `count` most useful beginnings (`▁un`) and ends (`ing`) of words, 2 to 5 characters long. Use is the number of
 * words with that part times the pieces it saves in each against single characters.
 */
function partsOfWords(words: readonly string[], whole: ReadonlySet<string>, count: number): string[] {
  const use = new Map<string, number>();
  const see = (part: string, saved: number): void => {
    if (!whole.has(part)) use.set(part, (use.get(part) ?? 0) + saved);
  };
  for (const word of new Set(words)) {
    for (let length = 2; length <= 5 && length < word.length; length += 1) {
      see(SPACE + word.slice(0, length), length - 1);
      see(word.slice(-length), length - 1);
    }
  }
  const ranked = [...use].sort(([a, useOfA], [b, useOfB]) => useOfB - useOfA || (a < b ? -1 : 1));
  return ranked.slice(0, count).map(([part]) => part);
}
