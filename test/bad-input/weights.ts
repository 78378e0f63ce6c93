/** Weights from strangers: refused in words, nothing executed, no more memory than an honest file takes. */
import { symlinkSync } from 'node:fs';
import type { ErrorCode } from '../../engine/common/errors.ts';
import { name, oneTensor, type Piece, pickleOf, raw, torchParts, type ZipPart, zipOf } from '../weights/torch-zip.ts';
import { aFolder, type ExpectedError, type Make, namedPipe } from './expected.ts';

export interface BadWeights extends ExpectedError {
  readonly name: string;
  readonly format: 'torch' | 'safetensors';
  readonly make: Make;
}

const run = (...pieces: readonly Piece[]): Buffer => zipOf(torchParts(pickleOf(...pieces)));
const honest = torchParts(oneTensor());
const claim = (index: number, claims: ZipPart['claims']): Buffer =>
  zipOf(honest.map((part, i) => (i === index ? { ...part, claims } : part)));

const torch: readonly [name: string, code: ErrorCode, message: RegExp, file: Buffer][] = [
  [
    'os.system',
    'unsupported',
    /wants to use Python's "os\.system"/,
    run(name('os', 'system'), ['touch pwned'], raw('R')),
  ],
  ['builtins.eval', 'unsupported', /"builtins\.eval"/, run(name('builtins', 'eval'), ['1'], raw('R'))],
  [
    'posix.system by its name on the stack',
    'unsupported',
    /opcode that is refused: 0x93/,
    run('posix', 'system', raw('\x93'), ['id'], raw('R')),
  ],
  ['a class called with INST', 'unsupported', /opcode that is refused: 0x69/, run(raw('(ios\nsystem\n'))],
  ['a class called with OBJ', 'unsupported', /"os\.system"/, run(raw('('), name('os', 'system'), 'id', raw('o'))],
  [
    'OBJ of a known name',
    'unsupported',
    /opcode that is refused: 0x6f/,
    run(raw('('), name('collections', 'OrderedDict'), raw('o')),
  ],
  [
    'NEWOBJ of a known name',
    'unsupported',
    /opcode that is refused: 0x81/,
    run(name('collections', 'OrderedDict'), raw(')\x81')),
  ],
  ['an extension by its number', 'unsupported', /opcode that is refused: 0x82/, run(raw('\x82\x01'))],
  [
    'a call of a storage type',
    'bad-file',
    /call of what cannot be called/,
    run(name('torch', 'FloatStorage'), raw(')R')),
  ],
  ['attributes for what is no dict', 'bad-file', /items without a dict/, run(raw('N'), [], raw('b'))],
  [
    'lists in lists, each twice in the next',
    'unsupported',
    /more than a state dict/,
    run(raw(`]q\x00${'](h\x00h\x00eq\x00'.repeat(60)}`)),
  ],
  [
    'a number for an object that is not there',
    'bad-file',
    /refers to what is not there/,
    run(raw('j\xff\xff\xff\x7f')),
  ],
  ['a text longer than the file', 'bad-file', /ends too early/, run(raw('X\xff\xff\xff\xff'))],
  [
    'a pickle too long to be one',
    'bad-file',
    /description is too long/,
    zipOf(torchParts(Buffer.alloc(10_000_001, 'N'))),
  ],
  ['protocol 4', 'bad-file', /not of protocol 2/, zipOf(torchParts(Buffer.from('\x80\x04N.', 'latin1')))],
  ['compressed entries', 'unsupported', /compressed or encrypted/, claim(1, { method: 8 })],
  ['an entry longer than the file', 'bad-file', /ends after the file/, claim(1, { size: 1e9, storedSize: 1e9 })],
  [
    'entries without number',
    'bad-file',
    /has more than 100000 entries/,
    zipOf([...honest, { name: 'archive/more', data: Buffer.alloc(200_000) }], { large: true, end: { count: 100_001 } }),
  ],
  ['an entry of two sizes', 'bad-file', /two sizes/, claim(1, { size: 1e6 })],
  ['entries that overlap', 'bad-file', /overlaps the one before it/, claim(1, { local: 0 })],
  [
    'a storage of another size than it says',
    'bad-file',
    /not that of its elements/,
    zipOf(torchParts(oneTensor({ elements: 600 }))),
  ],
  ['a tensor beyond its storage', 'bad-file', /reaches beyond/, zipOf(torchParts(oneTensor({ first: 4 })))],
];

/** Opcodes again and again. */
const often = (count: number, codes: string): Buffer => Buffer.from(codes.repeat(count), 'latin1');
/** Attributes of one object, put into object after object. */
const copies = Buffer.concat([
  raw('}q\x00('),
  ...Array.from({ length: 5000 }, (_, i) => raw(`M${String.fromCharCode(i & 255, i >> 8)}N`)),
  raw('uc__torch__\nA\nq\x01'),
  often(5000, 'h\x01)\x81h\x00b'),
]);

/** Small files that stand for much. */
export const bombs: readonly [name: string, code: ErrorCode, message: RegExp, file: Buffer][] = [
  ['millions of dicts', 'bad-file', /more than 1000000 objects/, run(often(1_000_001, '}'))],
  ['tuples in tuples, millions', 'bad-file', /more than 1000000 objects/, run(raw('N'), often(1_000_001, '\x85'))],
  ['attributes that are copied again and again', 'bad-file', /more than 1000000 objects/, run(copies)],
  [
    'a tensor of a hundred axes',
    'bad-file',
    /a tensor is not described/,
    zipOf(torchParts(oneTensor({ shape: Array(100).fill(1), strides: Array(100).fill(1) }))),
  ],
  [
    'a name of a megabyte',
    'unsupported',
    /more than a state dict/,
    run(raw('}'), 'n'.repeat(2 ** 20), oneTensor().subarray(oneTensor().indexOf('ctorch._utils'), -2), raw('s')),
  ],
];

/** A safetensors file with this header; `length` is what it says of its length. */
function withHeader(header: string, data = 0, length: bigint = BigInt(Buffer.byteLength(header))): Buffer {
  const field = Buffer.alloc(8);
  field.writeBigUInt64LE(length);
  return Buffer.concat([field, Buffer.from(header), Buffer.alloc(data)]);
}
const entry = (shape: string, begin: number, end: number): string =>
  `{"dtype":"F32","shape":[${shape}],"data_offsets":[${begin},${end}]}`;
const deep = '['.repeat(1_000_000) + ']'.repeat(1_000_000);

const safetensors: readonly [name: string, message: RegExp, file: Buffer][] = [
  ['a header length of 2^64 - 1', /header length is out of bounds/, withHeader('{}', 0, 2n ** 64n - 1n)],
  ['lists in lists, a million', /header is not JSON/, withHeader(`{"a":${deep}}`)],
  [
    'tensors without number',
    /has too many tensors/,
    withHeader(`{${Array.from({ length: 100_001 }, (_, i) => `"t${i}":${entry('0', 0, 0)}`).join()}}`),
  ],
  ['a name twice', /two tensors of one name/, withHeader(`{"a":${entry('1', 0, 4)},"a":${entry('1', 0, 4)}}`, 4)],
  ['metadata twice', /two tensors of one name/, withHeader('{"__metadata__":{},"__metadata__":{"a":"b"}}')],
  [
    'tensors that overlap',
    /overlaps the one before it/,
    withHeader(`{"a":${entry('2', 0, 8)},"b":${entry('2', 4, 12)}}`, 12),
  ],
  [
    'an offset beyond the file',
    /unused bytes lie before tensor 'a'/,
    withHeader(`{"a":${entry('1', 2 ** 40, 2 ** 40 + 4)}}`, 4),
  ],
  [
    'a shape of a hundred axes',
    /does not match its shape/,
    withHeader(`{"a":${entry(Array(100).fill(1).join(), 0, 4)}}`, 4),
  ],
  ['a name of a megabyte', /^.{0,300}is not described$/, withHeader(`{"${'n'.repeat(2 ** 20)}":5}`)],
  ['an entry of a megabyte', /'a' is not described/, withHeader(`{"a":"${'x'.repeat(2 ** 20)}"}`)],
  ['half a character in a name', /header is not JSON/, Buffer.concat([withHeader('{"', 0, 3n), Buffer.from([0xc3])])],
  ['a pickle under its name', /header length is out of bounds/, pickleOf(name('os', 'system'), ['id'], raw('R'))],
];

const notFiles: readonly [name: string, got: RegExp, make: Make][] = [
  ['a folder', /^a folder$/, aFolder],
  ['a named pipe', /^a named pipe$/, namedPipe],
  ['a device', /^a device or a socket$/, (path) => symlinkSync('/dev/zero', path) as undefined],
];

export const badWeights: readonly BadWeights[] = [
  ...[...torch, ...bombs].map(
    ([name, code, message, file]) => ({ name, format: 'torch', code, message, make: () => file }) as const,
  ),
  ...safetensors.map(
    ([name, message, file]) => ({ name, format: 'safetensors', code: 'bad-file', message, make: () => file }) as const,
  ),
  ...notFiles.flatMap(([name, got, make]) =>
    (['torch', 'safetensors'] as const).map(
      (format) => ({ name, format, code: 'bad-file', message: /not a file/, got, make }) as const,
    ),
  ),
];

/** An honest archive whose names lead elsewhere. */
export const leadingElsewhere: Buffer = zipOf(honest.map((part) => ({ ...part, name: `../../../${part.name}` })));
