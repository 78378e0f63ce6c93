/**
 * Reads the elements of chosen arrays of a JSON file one at a time: the file is scanned as bytes, only one element is ever
 * parsed, and everything else is skipped unread. Memory is one block plus one element, whatever the file's size.
 */
import { DeptError, type ErrorDetails } from '../common/errors.ts';
import { countLines, foreignByte } from '../common/files.ts';
import { MAX_NESTING } from '../common/json-text.ts';
import { type ReadOptions, readBlocks } from './read-file.ts';

export interface JsonElement {
  /** The array's key in the file's outermost object, or `ROOT_ARRAY`. */
  readonly array: string;
  readonly value: unknown;
  /** Counted from 1. */
  readonly line: number;
}

/** The name of the array that a file consists of as a whole. */
export const ROOT_ARRAY = '';

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const BACKSLASH = 0x5c;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const NEWLINE = 0x0a;
const isSpace = (byte: number): boolean => byte === 0x20 || byte === NEWLINE || byte === 0x0d || byte === 0x09;

/** No sensible record is longer; a file that is one huge value must not be gathered in memory. */
const MAX_ELEMENT_BYTES = 64 << 20;

/** Characters before and behind a mistake that are shown of it. */
const SHOWN = 30;
const MEND = 'Mend it there, or have the file written again: behind a mistake nothing of a JSON file can be trusted.';

/** What the scanner looks for next, between values. */
type Expecting =
  | 'root'
  | 'first-key'
  | 'key'
  | 'colon'
  | 'value'
  | 'comma-or-end'
  | 'first-element'
  | 'element'
  | 'nothing';
/** What becomes of the value that is being scanned. */
type Purpose = 'key' | 'skip' | 'element';

/** A push scanner: feed it bytes in blocks of any size, take the elements that became complete. */
export class JsonArrayScanner {
  readonly #wanted: ReadonlySet<string>;
  readonly #path: string;
  #expecting: Expecting = 'root';
  #key = ''; // of the outermost object, the last that came
  #array: string | undefined; // the wanted array that we are inside of
  #line = 1;
  #lineStart = 0; // offset in the file
  #blockStart = 0; // offset of the current block in the file

  // The value that is being scanned, if any.
  #purpose: Purpose | undefined;
  #depth = 0;
  #inString = false;
  #escaped = false;
  #valueLine = 1;
  #valueColumn = 1;
  #pieces: Buffer[] = []; // what earlier blocks held of it
  #pieceBytes = 0;

  constructor(arrays: readonly string[], path: string) {
    this.#wanted = new Set(arrays);
    this.#path = path;
  }

  /** The elements completed by this block, in file order. Throws `bad-file` naming line and column, counted in bytes from 1. */
  push(block: Buffer): JsonElement[] {
    const found: JsonElement[] = [];
    let at = this.#blockStart === 0 && block[0] === 0xef && block[1] === 0xbb && block[2] === 0xbf ? 3 : 0; // byte order mark
    let start = at;
    while (at < block.length) {
      if (this.#purpose === undefined) {
        const byte = block[at]!;
        if (isSpace(byte)) {
          at += 1;
          if (byte === NEWLINE) this.#newLine(at);
          continue;
        }
        start = at;
        if (this.#structural(byte, this.#blockStart + at)) at += 1;
        continue;
      }
      const end = this.#scanValue(block, at);
      if (end === -1) break;
      at = end;
      this.#finishValue(block.subarray(start, end), found);
    }
    if (this.#purpose !== undefined && this.#purpose !== 'skip') this.#keepPiece(block.subarray(start));
    this.#blockStart += block.length;
    return found;
  }

  /** To be called after the last block. Throws `bad-file` when the file stopped short. */
  end(): void {
    if (this.#purpose === undefined && this.#expecting === 'nothing') return;
    const isOpen = this.#purpose === 'element' && this.#depth > 0;
    const inside =
      this.#array === undefined ? 'the file' : this.#array === ROOT_ARRAY ? 'the list' : `"${this.#array}"`;
    const what = this.#blockStart === 0 ? 'The file is empty' : `The file ends in the middle of ${inside}`;
    throw this.#error(what, this.#line, this.#columnOf(this.#blockStart), {
      ...(isOpen && { got: `a record without an end (line ${this.#valueLine}, column ${this.#valueColumn})` }),
      remedy: 'The file was probably cut short: copy or download it again. Else a quote or a bracket is missing in it.',
    });
  }

  /** Handles the first byte of whatever comes next; true when the byte is used up, false when it begins a value. */
  #structural(byte: number, offset: number): boolean {
    switch (this.#expecting) {
      case 'root':
        if (byte === OPEN_OBJECT) this.#expecting = 'first-key';
        else if (byte === OPEN_ARRAY && this.#wanted.has(ROOT_ARRAY)) this.#enterArray(ROOT_ARRAY);
        else throw this.#unexpected(this.#wanted.has(ROOT_ARRAY) ? '"{" or "["' : '"{"', byte, offset);
        return true;
      case 'first-key':
      case 'key':
        if (byte === CLOSE_OBJECT && this.#expecting === 'first-key') {
          this.#expecting = 'nothing';
          return true;
        }
        if (byte !== QUOTE) throw this.#unexpected('a key in quotes', byte, offset);
        this.#beginValue('key', offset);
        return false;
      case 'colon':
        if (byte !== COLON) throw this.#unexpected('":"', byte, offset);
        this.#expecting = 'value';
        return true;
      case 'value': {
        const key = this.#key;
        if (!this.#wanted.has(key)) {
          this.#beginValue('skip', offset);
          return false;
        }
        if (byte !== OPEN_ARRAY) throw this.#unexpected(`a list after "${key}"`, byte, offset);
        this.#enterArray(key);
        return true;
      }
      case 'first-element':
      case 'element':
        if (byte === CLOSE_ARRAY && this.#expecting === 'first-element') {
          this.#leaveArray();
          return true;
        }
        this.#beginValue('element', offset);
        return false;
      case 'comma-or-end': {
        const inArray = this.#array !== undefined;
        if (byte === COMMA) this.#expecting = inArray ? 'element' : 'key';
        else if (inArray && byte === CLOSE_ARRAY) this.#leaveArray();
        else if (!inArray && byte === CLOSE_OBJECT) this.#expecting = 'nothing';
        else throw this.#unexpected(inArray ? '"," or "]"' : '"," or "}"', byte, offset);
        return true;
      }
      case 'nothing':
        throw this.#unexpected('nothing more', byte, offset);
    }
  }

  #enterArray(name: string): void {
    this.#array = name;
    this.#expecting = 'first-element';
  }

  #leaveArray(): void {
    this.#expecting = this.#array === ROOT_ARRAY ? 'nothing' : 'comma-or-end';
    this.#array = undefined;
  }

  #beginValue(purpose: Purpose, offset: number): void {
    this.#purpose = purpose;
    this.#valueLine = this.#line;
    this.#valueColumn = this.#columnOf(offset);
    this.#depth = 0;
    this.#inString = false;
    this.#escaped = false;
  }

  /** Index just behind the value that is being scanned, or -1 when the block ends first. The one loop that must be fast. */
  #scanValue(block: Buffer, from: number): number {
    const length = block.length;
    let at = from;
    let depth = this.#depth;
    let inString = this.#inString;
    while (at < length) {
      if (inString) {
        if (this.#escaped) {
          this.#escaped = false;
          at += 1;
          continue;
        }
        while (at < length && block[at] !== QUOTE && block[at] !== BACKSLASH && block[at] !== NEWLINE) at += 1;
        if (at === length) break;
        if (block[at] === BACKSLASH) {
          this.#escaped = true;
        } else if (block[at] === NEWLINE) {
          if (this.#purpose !== 'skip') throw this.#openText(this.#blockStart + at);
          this.#newLine(at + 1);
        } else {
          inString = false;
          if (depth === 0) return at + 1;
        }
        at += 1;
        continue;
      }
      const byte = block[at]!;
      if (byte === QUOTE) {
        inString = true;
      } else if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) {
        depth += 1;
        if (depth > MAX_NESTING && this.#purpose !== 'skip') throw this.#tooDeep();
      } else if (byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) {
        if (depth === 0) return at; // a number or word ends where its container does
        depth -= 1;
        if (depth === 0) return at + 1;
      } else if (depth === 0 && (byte === COMMA || isSpace(byte))) {
        return at;
      } else if (byte === NEWLINE) {
        this.#newLine(at + 1);
      }
      at += 1;
    }
    this.#depth = depth;
    this.#inString = inString;
    return -1;
  }

  /** `rest` is what the current block holds of the value. */
  #finishValue(rest: Buffer, found: JsonElement[]): void {
    const purpose = this.#purpose!;
    this.#purpose = undefined;
    if (purpose === 'skip') {
      this.#expecting = 'comma-or-end';
      return;
    }
    const bytes = this.#pieces.length === 0 ? rest : Buffer.concat([...this.#pieces, rest]);
    this.#pieces = [];
    this.#pieceBytes = 0;
    const value = this.#parse(bytes);
    if (purpose === 'key') {
      this.#key = value as string;
      this.#expecting = 'colon';
    } else {
      found.push({ array: this.#array!, value, line: this.#valueLine });
      this.#expecting = 'comma-or-end';
    }
  }

  #keepPiece(piece: Buffer): void {
    this.#pieceBytes += piece.length;
    if (this.#pieceBytes > MAX_ELEMENT_BYTES) {
      const remedy = 'This is no dataset file, or a quote or a bracket is missing in it.';
      throw this.#valueError('A record is longer than 64 MiB', { remedy });
    }
    if (piece.length > 0) this.#pieces.push(piece);
  }

  #tooDeep(): DeptError {
    const expected = `at most ${MAX_NESTING} lists and objects in one another`;
    return this.#valueError('A record is nested too deeply', { expected });
  }

  #parse(bytes: Buffer): unknown {
    const foreign = foreignByte(bytes);
    if (foreign !== undefined) {
      const details = { got: foreign.words, remedy: 'Save the file again as UTF-8.' };
      throw this.#errorInValue('The text is not UTF-8', bytes.subarray(0, foreign.at), details);
    }
    const text = bytes.toString('utf8');
    try {
      return JSON.parse(text);
    } catch (cause) {
      const { message } = cause as Error;
      const found = /^(?<what>.+?)(?: in JSON)? at position (?<at>\d+)/s.exec(message)?.groups;
      if (found === undefined) throw this.#valueError(`Not valid JSON: ${message}`, { cause, remedy: MEND });
      const at = Number(found.at);
      const got = text.slice(Math.max(0, at - SHOWN), at + SHOWN).toWellFormed();
      const before = Buffer.from(text.slice(0, at));
      throw this.#errorInValue(`Not valid JSON: ${found.what}`, before, { cause, got, remedy: MEND });
    }
  }

  /** `next` is where in the block the line begins. */
  #newLine(next: number): void {
    this.#line += 1;
    this.#lineStart = this.#blockStart + next;
  }

  #columnOf(offset: number): number {
    return offset - this.#lineStart + 1;
  }

  #openText(offset: number): DeptError {
    return this.#error('Not valid JSON: a line ends inside a text', this.#line, this.#columnOf(offset), {
      expected: '""" at the end of each text',
      remedy: MEND,
    });
  }

  #unexpected(expected: string, byte: number, offset: number): DeptError {
    const got = byte > 0x20 && byte < 0x7f ? `"${String.fromCharCode(byte)}"` : `the byte 0x${byte.toString(16)}`;
    const way = this.#expecting === 'root' ? {} : { remedy: MEND };
    return this.#error('Not valid JSON', this.#line, this.#columnOf(offset), { expected, got, ...way });
  }

  /** `before` is what the value begins with, up to where the mistake is. */
  #errorInValue(message: string, before: Buffer, details: ErrorDetails): DeptError {
    const line = this.#valueLine + countLines(before) - 1;
    const start = before.lastIndexOf(NEWLINE); // of the line, where it is not the value's first
    const column = start === -1 ? this.#valueColumn + before.length : before.length - start;
    return this.#error(message, line, column, details);
  }

  #valueError(message: string, details: ErrorDetails): DeptError {
    return this.#error(message, this.#valueLine, this.#valueColumn, details);
  }

  #error(message: string, line: number, column: number, details: ErrorDetails): DeptError {
    return new DeptError('bad-file', `${message} (line ${line}, column ${column})`, { path: this.#path, ...details });
  }
}

/**
 * Yields the elements of the named top-level arrays, in file order; other keys and absent arrays are passed over.
 * `ROOT_ARRAY` stands for a file that is one list. Throws `not-found`, `bad-file` (with line and column) or `cancelled`.
 */
export async function* readJsonArrays(
  path: string,
  arrays: readonly string[],
  options: ReadOptions = {},
): AsyncGenerator<JsonElement> {
  const scanner = new JsonArrayScanner(arrays, path);
  for await (const block of readBlocks(path, options)) yield* scanner.push(block);
  scanner.end();
}
