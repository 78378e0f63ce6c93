/** The decoders of tokenizer.json: pieces to text. */
import { z } from 'zod';
import { fromByteChars } from './byte-level.ts';
import { type Builders, build } from './component.ts';
import { metaspaceOptions } from './metaspace.ts';

export type Decoder = (pieces: readonly string[]) => string;

const words = z.object({ end_of_word_suffix: z.string() });

/** White space at the ends, to Python. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: Python counts these four
const edges = /^[\p{White_Space}\x1c-\x1f]+|[\p{White_Space}\x1c-\x1f]+$/gu;

const builders: Builders<Decoder> = {
  Metaspace: (config) => {
    const { replacement, prepend } = metaspaceOptions(config);
    return (pieces) =>
      pieces.map((piece, i) => piece.replaceAll(replacement, i === 0 && prepend !== 'never' ? '' : ' ')).join('');
  },
  ByteLevel: () => fromByteChars,
  /** Not in files: what transformers' CLIPTokenizer puts around the decoder. Its `strip` is Python's. */
  ByteLevelWords: (config) => {
    const suffix = words.parse(config).end_of_word_suffix;
    return (pieces) => fromByteChars(pieces).replaceAll(suffix, ' ').replace(edges, '');
  },
};

export function buildDecoder(config: unknown): Decoder {
  return config === null ? (pieces) => pieces.join(' ') : build('decoder', builders, config);
}

/** transformers' `clean_up_tokenization`: in this order, each everywhere. */
const CLEAN_UP: readonly (readonly [from: string, to: string])[] = [
  [' .', '.'],
  [' ?', '?'],
  [' !', '!'],
  [' ,', ','],
  [" ' ", "'"],
  [" n't", "n't"],
  [" 'm", "'m"],
  [" 's", "'s"],
  [" 've", "'ve"],
  [" 're", "'re"],
];

/** Takes out the spaces that splitting put before English punctuation and contractions. */
export function cleanUpSpaces(text: string): string {
  return CLEAN_UP.reduce((current, [from, to]) => current.replaceAll(from, to), text);
}
