/** A zip archive whose entries are stored and not compressed, so that each is a plain range of the file. Torch's are. */
import { closeSync, fstatSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { DeptError } from '../common/errors.ts';
import { openForReading } from '../common/files.ts';
import { readFully } from './safetensors.ts';

export interface ZipEntry {
  /** Absolute, in bytes from the start of the file. */
  readonly offset: number;
  readonly byteLength: number;
  readonly crc32: number;
}

const END = 0x06054b50;
const END_64_LOCATOR = 0x07064b50;
const END_64 = 0x06064b50;
const DIRECTORY_ENTRY = 0x02014b50;
const LOCAL_HEADER = 0x04034b50;

const END_BYTES = 22;
const LOCATOR_BYTES = 20;
const END_64_BYTES = 56;
const DIRECTORY_ENTRY_BYTES = 46;
const LOCAL_HEADER_BYTES = 30;
const ZIP_64_EXTRA = 0x0001;
const MAX_COMMENT_BYTES = 0xffff;
const MAX_DIRECTORY_BYTES = 100_000_000;
/** One for each tensor, and a few. */
const MAX_ENTRIES = 100_000;

/** In place of a value that stands in the 64-bit field. */
const IN_64_BITS = 0xffffffff;

function broken(path: string, message: string): DeptError {
  return new DeptError('bad-file', `Not a valid zip archive: ${message}`, {
    path,
    remedy: 'Copy or download the file again; it may have been cut short.',
  });
}

class Source {
  readonly path: string;
  readonly size: number;
  readonly #descriptor: number;

  constructor(path: string, descriptor: number) {
    this.path = path;
    this.#descriptor = descriptor;
    this.size = fstatSync(descriptor).size;
  }

  bytes(offset: number, length: number): Buffer {
    if (offset < 0 || length < 0 || offset + length > this.size) throw broken(this.path, 'a part lies outside of it');
    const bytes = Buffer.alloc(length);
    readFully(this.#descriptor, bytes, offset, this.path);
    return bytes;
  }

  long(bytes: Buffer, at: number): number {
    const value = bytes.readBigUInt64LE(at);
    if (value > BigInt(this.size)) throw broken(this.path, 'a part lies outside of it');
    return Number(value);
  }
}

/** Where the directory lies, and how many entries it has. */
function findDirectory(source: Source): { offset: number; length: number; count: number } {
  const tailLength = Math.min(source.size, END_BYTES + MAX_COMMENT_BYTES);
  const tail = source.bytes(source.size - tailLength, tailLength);
  let at = tailLength - END_BYTES;
  while (at >= 0 && (tail.readUInt32LE(at) !== END || tail.readUInt16LE(at + 20) !== tailLength - at - END_BYTES))
    at -= 1;
  if (at < 0) throw broken(source.path, 'it has no directory');
  const end = {
    count: tail.readUInt16LE(at + 10),
    length: tail.readUInt32LE(at + 12),
    offset: tail.readUInt32LE(at + 16),
  };
  if (end.count !== 0xffff && end.length !== IN_64_BITS && end.offset !== IN_64_BITS) return end;

  const locator = source.bytes(source.size - tailLength + at - LOCATOR_BYTES, LOCATOR_BYTES);
  if (locator.readUInt32LE(0) !== END_64_LOCATOR) throw broken(source.path, 'it has no directory');
  const end64 = source.bytes(source.long(locator, 8), END_64_BYTES);
  if (end64.readUInt32LE(0) !== END_64) throw broken(source.path, 'it has no directory');
  return { count: source.long(end64, 32), length: source.long(end64, 40), offset: source.long(end64, 48) };
}

/** Uncompressed size, stored size and place of the local header, from the 64-bit fields where an entry has them. */
function sizesOf(source: Source, entry: Buffer, extra: Buffer): [number, number, number] {
  const sizes: [number, number, number] = [entry.readUInt32LE(24), entry.readUInt32LE(20), entry.readUInt32LE(42)];
  for (let at = 0; at + 4 <= extra.length; ) {
    const end = at + 4 + extra.readUInt16LE(at + 2);
    if (extra.readUInt16LE(at) === ZIP_64_EXTRA) {
      let field = at + 4;
      sizes.forEach((size, i) => {
        if (size !== IN_64_BITS || field + 8 > Math.min(end, extra.length)) return;
        sizes[i] = source.long(extra, field);
        field += 8;
      });
    }
    at = end;
  }
  return sizes;
}

function entryAt(source: Source, name: string, header: Buffer, extra: Buffer): ZipEntry {
  const [size, storedSize, local] = sizesOf(source, header, extra);
  const isEncrypted = (header.readUInt16LE(8) & 1) !== 0;
  if (isEncrypted || header.readUInt16LE(10) !== 0) {
    throw new DeptError('unsupported', `Entry '${name}' of the archive is compressed or encrypted`, {
      path: source.path,
      expected: 'stored entries, as torch writes them',
    });
  }
  if (size !== storedSize) throw broken(source.path, `entry '${name}' has two sizes`);
  const start = source.bytes(local, LOCAL_HEADER_BYTES);
  if (start.readUInt32LE(0) !== LOCAL_HEADER) throw broken(source.path, `entry '${name}' is not where it should be`);
  const offset = local + LOCAL_HEADER_BYTES + start.readUInt16LE(26) + start.readUInt16LE(28);
  if (offset + size > source.size) throw broken(source.path, `entry '${name}' ends after the file`);
  return { offset, byteLength: size, crc32: header.readUInt32LE(16) };
}

/** Every byte belongs to one entry at most: archives whose entries share bytes are made to deceive. */
function checkApart(entries: ReadonlyMap<string, ZipEntry>, path: string): void {
  const inOrder = [...entries].sort(([, a], [, b]) => a.offset - b.offset || a.byteLength - b.byteLength);
  inOrder.forEach(([name, { offset }], i) => {
    const before = inOrder[i - 1]?.[1];
    if (before === undefined || before.offset + before.byteLength <= offset) return;
    throw broken(path, `entry '${name.slice(0, 100)}' overlaps the one before it`);
  });
}

/** The wanted entries by name. Errors: `not-found`, `bad-file`, `unsupported` (one of them is compressed or encrypted). */
export function readZipDirectory(path: string, isWanted = (_name: string) => true): Map<string, ZipEntry> {
  const descriptor = openForReading(path);
  try {
    const source = new Source(path, descriptor);
    const { offset, length, count } = findDirectory(source);
    if (count > MAX_ENTRIES) throw broken(path, `it has more than ${MAX_ENTRIES} entries`);
    if (length > MAX_DIRECTORY_BYTES) throw broken(path, 'its directory is too long');
    const directory = source.bytes(offset, length);
    const entries = new Map<string, ZipEntry>();
    let at = 0;
    for (let i = 0; i < count; i += 1) {
      const header = directory.subarray(at, at + DIRECTORY_ENTRY_BYTES);
      if (header.length < DIRECTORY_ENTRY_BYTES || header.readUInt32LE(0) !== DIRECTORY_ENTRY) {
        throw broken(path, 'its directory is cut short');
      }
      const nameEnd = at + DIRECTORY_ENTRY_BYTES + header.readUInt16LE(28);
      const extraEnd = nameEnd + header.readUInt16LE(30);
      const next = extraEnd + header.readUInt16LE(32);
      if (next > length) throw broken(path, 'its directory is cut short');
      const name = directory.toString('utf8', at + DIRECTORY_ENTRY_BYTES, nameEnd);
      if (entries.has(name)) throw broken(path, `it has two entries '${name}'`);
      if (isWanted(name)) entries.set(name, entryAt(source, name, header, directory.subarray(nameEnd, extraEnd)));
      at = next;
    }
    checkApart(entries, path);
    return entries;
  } finally {
    closeSync(descriptor);
  }
}

/** The bytes of one entry, checked against its checksum. */
export function readZipEntry(path: string, name: string, { offset, byteLength, crc32: sum }: ZipEntry): Buffer {
  const bytes = Buffer.alloc(byteLength);
  const descriptor = openForReading(path);
  try {
    readFully(descriptor, bytes, offset, path);
  } finally {
    closeSync(descriptor);
  }
  if (crc32(bytes) !== sum) throw broken(path, `entry '${name}' is damaged`);
  return bytes;
}
