/** Writes zip archives byte for byte as torch does: stored entries at multiples of 64, sizes behind each entry, a 64-bit directory. */
import { crc32 } from 'node:zlib';

export interface StoredEntry {
  readonly name: string;
  readonly data: Uint8Array;
}

const ALIGNMENT = 64;
const LOCAL_HEADER_BYTES = 30;
/** What pads the local header: an extra field of torch's own, "FB", its length, then as many Zs as are needed. */
const PADDING_HEADER_BYTES = 4;
/** Sizes follow the data; names are UTF-8. */
const FLAGS = 0x0808;

/** A record of 2-, 4- and 8-byte numbers, little-endian. */
function record(...fields: readonly (readonly [bytes: 2 | 4 | 8, ...values: number[]])[]): Buffer {
  const parts = fields.flatMap(([bytes, ...values]) =>
    values.map((value) => {
      const part = Buffer.alloc(bytes);
      if (bytes === 8) part.writeBigUInt64LE(BigInt(value));
      else part.writeUIntLE(value, 0, bytes);
      return part;
    }),
  );
  return Buffer.concat(parts);
}

/** The file in pieces. All of it must be below 4 GB, which is for the caller to see to. */
export function storedZip(entries: readonly StoredEntry[]): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  const append = (...parts: readonly Uint8Array[]): void => {
    for (const part of parts) at += part.byteLength;
    pieces.push(...parts);
  };
  for (const { name, data } of entries) {
    const text = Buffer.from(name);
    const sum = crc32(data);
    const size = data.byteLength;
    const start = at + LOCAL_HEADER_BYTES + text.length + PADDING_HEADER_BYTES;
    const padding = (ALIGNMENT - (start % ALIGNMENT)) % ALIGNMENT;
    directory.push(
      record(
        [4, 0x02014b50],
        [2, 0, 0, FLAGS, 0, 0, 0],
        [4, sum, size, size],
        [2, text.length, 0, 0, 0, 0],
        [4, 0, at],
      ),
      text,
    );
    append(
      record([4, 0x04034b50], [2, 0, FLAGS, 0, 0, 0], [4, 0, 0, 0], [2, text.length, PADDING_HEADER_BYTES + padding]),
      text,
      record([2, 0x4246, padding]),
      Buffer.alloc(padding, 'Z'),
      data,
      record([4, 0x08074b50, sum, size, size]),
    );
  }
  const offset = at;
  const count = entries.length;
  append(...directory);
  const length = at - offset;
  const directoryEnd = at;
  append(
    record([4, 0x06064b50], [8, 44], [2, 0x031e, 45], [4, 0, 0], [8, count, count, length, offset]),
    record([4, 0x07064b50, 0], [8, directoryEnd], [4, 1]),
    record([4, 0x06054b50], [2, 0, 0, count, count], [4, length, offset], [2, 0]),
  );
  return pieces;
}
