/**
 * SentencePiece's compiled normalisation rules (`precompiled_charsmap`): a double-array trie from UTF-8 bytes to replacement
 * strings. The layout is darts-clone's, as SentencePiece writes it; the way it is applied is that of the tokenizers library, which
 * replaces a whole grapheme of fewer than 6 bytes by its shortest prefix with a rule, so that some marks vanish with their letter.
 */
import { z } from 'zod';

const GRAPHEME_BYTES = 6;
const MEMORY = 50_000;

const schema = z.object({ precompiled_charsmap: z.base64() });
const utf8 = new TextEncoder();
const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });
/** What may share a grapheme with a character outside printable ASCII; between two printable ASCII characters there is a boundary. */
const nonAscii = /[ -~]?(?:[^ -~]+[ -~]?)+/gu;

export function charsmapNormalizer(config: unknown): (text: string) => string {
  const replacement = openCharsmap(Buffer.from(schema.parse(config).precompiled_charsmap, 'base64'));
  const memory = new Map<string, string>();
  const ofGrapheme = (grapheme: string): string => {
    const whole = utf8.encode(grapheme).length < GRAPHEME_BYTES ? replacement(grapheme) : undefined;
    return whole ?? Array.from(grapheme, (char) => replacement(char) ?? char).join('');
  };
  const remembered = (grapheme: string): string => {
    let text = memory.get(grapheme);
    if (text === undefined) {
      text = ofGrapheme(grapheme);
      if (memory.size >= MEMORY) memory.clear();
      memory.set(grapheme, text);
    }
    return text;
  };
  const inGraphemes = (text: string): string =>
    Array.from(graphemes.segment(text), ({ segment }) => remembered(segment)).join('');
  const asciiStays = Array.from({ length: 95 }, (_, i) => String.fromCharCode(32 + i)).every(
    (char) => replacement(char) === undefined,
  );
  return asciiStays ? (text) => text.replace(nonAscii, inGraphemes) : inGraphemes;
}

/** The rule of a text's shortest prefix that has one. */
function openCharsmap(blob: Buffer): (text: string) => string | undefined {
  const size = blob.length < 4 ? 0 : blob.readUInt32LE(0);
  if (size === 0 || size % 4 !== 0 || 4 + size > blob.length) throw new Error('a charsmap of the wrong size');
  const units = Uint32Array.from({ length: size / 4 }, (_, i) => blob.readUInt32LE(4 + 4 * i));
  const strings = blob.subarray(4 + size);
  const offset = (unit: number): number => (unit >>> 10) << ((unit & 0x200) >>> 6);
  return (text) => {
    let node = offset(units[0]!);
    for (const byte of utf8.encode(text)) {
      node ^= byte;
      const unit = units[node];
      if (byte === 0 || unit === undefined || (unit & 0x8000_00ff) !== byte) return undefined;
      node ^= offset(unit);
      if ((unit & 0x100) !== 0) {
        const start = units[node]! & 0x7fff_ffff;
        return strings.toString('utf8', start, strings.indexOf(0, start));
      }
    }
    return undefined;
  };
}
