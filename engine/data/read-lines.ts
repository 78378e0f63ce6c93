/** A text file's lines, one at a time. */
import { isUtf8 } from 'node:buffer';
import { DeptError } from '../common/errors.ts';
import { type ReadOptions, readBlocks } from './read-file.ts';

export interface Line {
  /** Counted from 1. */
  readonly number: number;
  /** Without its line end; undefined where the bytes are not UTF-8. */
  readonly text: string | undefined;
}

const NEWLINE = 0x0a;
/** A longer line means that this is no file of lines. */
const MAX_LINE_BYTES = 64 << 20;

/** Yields the lines of a UTF-8 file, empty ones too; a byte order mark is dropped. Throws `not-found`, `bad-file`, `cancelled`. */
export async function* readLines(path: string, options: ReadOptions = {}): AsyncGenerator<Line> {
  let number = 0;
  let pieces: Buffer[] = [];
  let pieceBytes = 0;
  const lineOf = (bytes: Buffer): Line => {
    number += 1;
    if (!isUtf8(bytes)) return { number, text: undefined };
    const text = bytes.toString('utf8');
    return { number, text: number === 1 && text.startsWith('\ufeff') ? text.slice(1) : text };
  };
  for await (const block of readBlocks(path, options)) {
    let start = 0;
    for (let end = block.indexOf(NEWLINE); end !== -1; end = block.indexOf(NEWLINE, start)) {
      const rest = block.subarray(start, end);
      yield lineOf(pieces.length === 0 ? rest : Buffer.concat([...pieces, rest]));
      pieces = [];
      pieceBytes = 0;
      start = end + 1;
    }
    if (start < block.length) pieces.push(block.subarray(start));
    pieceBytes += block.length - start;
    if (pieceBytes > MAX_LINE_BYTES) {
      throw new DeptError('bad-file', `Line ${number + 1} is longer than 64 MiB`, {
        path,
        expected: 'a file of lines',
      });
    }
  }
  if (pieces.length > 0) yield lineOf(Buffer.concat(pieces));
}
