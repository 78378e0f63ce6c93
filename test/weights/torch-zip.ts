/** Builds zip archives and pickles byte by byte, honest ones and others. */
import { crc32 } from 'node:zlib';

export interface ZipPart {
  readonly name: string;
  readonly data: Buffer;
  /** What the directory says instead of the truth. */
  readonly claims?: {
    method?: number;
    flags?: number;
    size?: number;
    storedSize?: number;
    local?: number;
    crc32?: number;
  };
}

export interface ZipOptions {
  readonly comment?: Buffer;
  /** With a 64-bit end of the directory, as torch writes it. */
  readonly large?: boolean;
  /** What the end says instead of the truth. */
  readonly end?: { count?: number; length?: number; offset?: number };
}

function u16(...values: number[]): Buffer {
  return Buffer.from(Uint16Array.from(values).buffer);
}

function u32(...values: number[]): Buffer {
  return Buffer.from(Uint32Array.from(values).buffer);
}

function u64(...values: number[]): Buffer {
  return Buffer.from(BigUint64Array.from(values.map(BigInt)).buffer);
}

/** A zip whose entries are stored. */
export function zipOf(
  parts: readonly ZipPart[],
  { comment = Buffer.alloc(0), large, end = {} }: ZipOptions = {},
): Buffer {
  const locals: Buffer[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  for (const { name, data, claims = {} } of parts) {
    const text = Buffer.from(name);
    const { size = data.length, storedSize = data.length, local = at } = claims;
    const start = Buffer.concat([
      u32(0x04034b50),
      u16(0, 0, 0, 0, 0),
      u32(0, data.length, data.length),
      u16(text.length, 0),
      text,
      data,
    ]);
    directory.push(
      u32(0x02014b50),
      u16(0, 0, claims.flags ?? 0, claims.method ?? 0, 0, 0),
      u32(claims.crc32 ?? crc32(data), storedSize, size),
      u16(text.length, 0, 0, 0, 0),
      u32(0, local),
      text,
    );
    locals.push(start);
    at += start.length;
  }
  const entries = Buffer.concat(directory);
  const { count = parts.length, length = entries.length, offset = at } = end;
  const large64 = Buffer.concat([
    u32(0x06064b50),
    u64(44),
    u16(0, 0),
    u32(0, 0),
    u64(count, count, length, offset),
    u32(0x07064b50, 0),
    u64(at + entries.length),
    u32(1),
  ]);
  const all = 0xffffffff;
  const last = large ? [u16(0, 0, 0xffff, 0xffff), u32(all, all)] : [u16(0, 0, count, count), u32(length, offset)];
  return Buffer.concat([
    ...locals,
    entries,
    ...(large ? [large64] : []),
    u32(0x06054b50),
    ...last,
    u16(comment.length),
    comment,
  ]);
}

/** A piece of a pickle: raw opcodes as a string of bytes, or a value. */
export type Piece = Buffer | string | number | null | boolean | readonly Piece[];

const text = (value: string): Buffer =>
  Buffer.concat([Buffer.from('X'), u32(Buffer.byteLength(value)), Buffer.from(value)]);
export const raw = (codes: string): Buffer => Buffer.from(codes, 'latin1');
export const name = (module: string, own: string): Buffer => raw(`c${module}\n${own}\n`);

function piece(value: Piece): Buffer {
  if (Buffer.isBuffer(value)) return value;
  if (typeof value === 'string') return text(value);
  if (typeof value === 'number') return Buffer.concat([raw('J'), Buffer.from(Int32Array.of(value).buffer)]);
  if (value === null) return raw('N');
  if (typeof value === 'boolean') return raw(value ? '\x88' : '\x89');
  return Buffer.concat([raw('('), ...value.map(piece), raw('t')]); // a tuple
}

/** A whole pickle of protocol 2. */
export function pickleOf(...pieces: readonly Piece[]): Buffer {
  return Buffer.concat([raw('\x80\x02'), ...pieces.map(piece), raw('.')]);
}

interface TensorPieces {
  readonly type?: Piece;
  readonly key?: Piece;
  readonly elements?: Piece;
  readonly first?: Piece;
  readonly shape?: Piece;
  readonly strides?: Piece;
}

/** One float32 tensor as torch describes it. */
function tensorPieces(given: TensorPieces = {}): Buffer {
  const {
    type = name('torch', 'FloatStorage'),
    key = '0',
    elements = 6,
    first = 0,
    shape = [2, 3],
    strides = [3, 1],
  } = given;
  const storage = Buffer.concat([piece(['storage', type, key, 'cuda:0', elements]), raw('Q')]);
  const hooks = Buffer.concat([name('collections', 'OrderedDict'), raw(')R')]);
  const args = piece([storage, first, shape, strides, false, hooks]);
  return Buffer.concat([name('torch._utils', '_rebuild_tensor_v2'), args, raw('R')]);
}

/** The parts of a file with one tensor "one" in a storage of 24 bytes. */
export function torchParts(pickle: Buffer, data = Buffer.alloc(24)): ZipPart[] {
  return [
    { name: 'archive/data.pkl', data: pickle },
    { name: 'archive/data/0', data },
    { name: 'archive/version', data: Buffer.from('3\n') },
  ];
}

export const oneTensor = (given?: TensorPieces): Buffer => pickleOf(raw('}'), 'one', tensorPieces(given), raw('s'));
