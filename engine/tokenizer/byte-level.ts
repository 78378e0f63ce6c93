/** GPT-2's alphabet: each byte of a text's UTF-8 as one printable character. */

/** Bytes that stand for themselves; the others are written, in order, with the characters from U+0100 on. */
const isPrintable = (byte: number): boolean =>
  (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae;

const bytes = Array.from({ length: 256 }, (_, byte) => byte);
const hidden = bytes.filter((byte) => !isPrintable(byte));
/** By byte. */
export const byteChars: readonly string[] = bytes.map((byte) =>
  String.fromCharCode(isPrintable(byte) ? byte : 0x100 + hidden.indexOf(byte)),
);
const byteOf = new Map(byteChars.map((char, byte) => [char, byte]));

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

export function toByteChars(text: string): string {
  return Array.from(encoder.encode(text), (byte) => byteChars[byte]).join('');
}

/** A piece with another character in it, such as an added token, stands for itself. Bytes that are not UTF-8 become U+FFFD. */
export function fromByteChars(pieces: readonly string[]): string {
  const all = pieces.flatMap((piece) => {
    const own = Array.from(piece, (char) => byteOf.get(char));
    return own.includes(undefined) ? [...encoder.encode(piece)] : (own as number[]);
  });
  return decoder.decode(Uint8Array.from(all));
}
