/** State dicts as torch.save writes them: found as torch.load finds them; anything else is refused, nothing is executed. */
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DeptError } from '../../engine/common/errors.ts';
import { readFloats, readSafetensorsHeader, readTensor } from '../../engine/weights/safetensors.ts';
import { readTorchHeader } from '../../engine/weights/torch-file.ts';
import { published } from '../adapters/published.ts';
import { compared, pinned } from '../fidelity/compared.ts';
import { largest, spread } from '../tuning/statistics.ts';
import { name, oneTensor, pickleOf, raw, torchParts, type ZipOptions, type ZipPart, zipOf } from './torch-zip.ts';

const golden = fileURLToPath(new URL('../golden/torch-file/', import.meta.url));
const publishedFile = (task: string) => join(published, task, 'adapter_model.bin');
const row = { area: 'Checkpoints', against: pinned('torch'), measure: 'identical', allowed: 0 } as const;

compared(
  { ...row, what: 'tensors of a state dict, every element type, as of today and as before torch 1.6' },
  (differences) => {
    const expected = readSafetensorsHeader(join(golden, 'expected.safetensors'));
    for (const name of ['state.pt', 'old.pt']) {
      const file = readTorchHeader(join(golden, name));
      expect([...file.tensors.keys()].sort()).toEqual([...expected.tensors.keys()].sort());
      for (const [tensor, { dtype, shape }] of expected.tensors) {
        const own = file.tensors.get(tensor)!;
        differences.same([own.dtype, own.shape], [dtype, shape], `${name}: ${tensor}`);
        differences.same(readTensor(file, tensor), readTensor(expected, tensor), `${name}: values of ${tensor}`);
      }
    }
  },
);

test('what training saved: its state dict, without the word before every name that several devices leave there', () => {
  const file = readTorchHeader(join(golden, 'training.pt'));
  const expected = readSafetensorsHeader(join(golden, 'expected.safetensors'));
  expect([...file.tensors.keys()]).toEqual(['float32', 'bfloat16']);
  for (const tensor of file.tensors.keys()) expect(readTensor(file, tensor)).toEqual(readTensor(expected, tensor));
});

interface Published {
  readonly published: Record<string, { name: string; shape: number[]; sha256: string }[]>;
}

compared({ ...row, what: 'published DePT prompts', skip: !existsSync(published) }, (differences) => {
  const reference = JSON.parse(readFileSync(join(golden, 'reference.json'), 'utf8')) as Published;
  for (const [task, tensors] of Object.entries(reference.published)) {
    const file = readTorchHeader(publishedFile(task));
    expect([...file.tensors.keys()]).toEqual(tensors.map((tensor) => tensor.name));
    for (const { name: tensor, shape, sha256 } of tensors) {
      const values = readTensor(file, tensor);
      const own = createHash('sha256').update(new Uint8Array(values.buffer)).digest('hex');
      differences.same(
        { shape: file.tensors.get(tensor)!.shape, sha256: own },
        { shape, sha256 },
        `${task}: ${tensor}`,
      );
    }
  }
});

describe.skipIf(!existsSync(published))('the published prompts (need ../shared)', () => {
  test.each([
    ['cola', 80, 15],
    ['sst2', 60, 30],
  ])('%s has 76,800 values: m %d, r %d', (task, length, rank) => {
    const { tensors } = readTorchHeader(publishedFile(task));
    expect([...tensors.values()].map(({ shape }) => shape)).toEqual([
      [length, 768],
      [256, rank],
      [rank, 768],
    ]);
    expect([...tensors.values()].reduce((sum, { byteLength }) => sum + byteLength / 4, 0)).toBe(76_800);
  });

  test.each([
    ['prompt_encoder.lora_embedding_A', 0.142, 0.785],
    ['prompt_encoder.lora_embedding_B', 0.087, 0.37],
  ])('sst2: %s has spread %d and is at most %d', (tensor, deviation, most) => {
    const values = readFloats(readTorchHeader(publishedFile('sst2')), tensor);
    expect(spread(values)).toBeCloseTo(deviation, 3);
    expect(largest(values)).toBeCloseTo(most, 2);
  });
});

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'dept-torch-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function readBytes(bytes: Uint8Array) {
  const path = join(folder, 'file.pt');
  writeFileSync(path, bytes);
  return readTorchHeader(path);
}
const read = (parts: readonly ZipPart[], options?: ZipOptions) => readBytes(zipOf(parts, options));
const refusedAs = (code: string, message: RegExp) =>
  expect.objectContaining({ code, message: expect.stringMatching(message) });

describe('archives', () => {
  const data = Buffer.from(Float32Array.of(1, 2, 3, 4, 5, 6).buffer);
  const parts = torchParts(oneTensor(), data);

  test.each<[string, ZipOptions]>([
    ['as made here', {}],
    ['with a 64-bit directory', { large: true }],
    ['with a comment', { comment: Buffer.from('PK\x05\x06 is not the end') }],
  ])('%s', (_what, options) => {
    const file = read(parts, options);
    expect([...file.tensors.keys()]).toEqual(['one']);
    expect([...readFloats(file, 'one')]).toEqual([1, 2, 3, 4, 5, 6]);
    expect([...readFloats(file, 'one', 1)]).toEqual([4, 5, 6]);
  });

  test('a view inside its storage', () => {
    const file = read(torchParts(oneTensor({ first: 3, shape: [3], strides: [1] }), data));
    expect([...readFloats(file, 'one')]).toEqual([4, 5, 6]);
  });

  const changed = (index: number, claims: ZipPart['claims']): ZipPart[] =>
    parts.map((part, i) => (i === index ? { ...part, claims } : part));

  test.each<[string, string, RegExp, readonly ZipPart[], ZipOptions?]>([
    ['no data.pkl', 'bad-file', /not one that torch.save wrote/, parts.slice(1)],
    ['two of them', 'bad-file', /not one that torch.save/, [...parts, { name: 'b/data.pkl', data: oneTensor() }]],
    ['the same name twice', 'bad-file', /two entries 'archive\/version'/, [...parts, parts[2]!]],
    ['a compressed entry', 'unsupported', /compressed or encrypted/, changed(1, { method: 8 })],
    ['an encrypted one', 'unsupported', /compressed or encrypted/, changed(1, { flags: 1 })],
    ['an entry of two sizes', 'bad-file', /two sizes/, changed(1, { storedSize: 23 })],
    ['one longer than the file', 'bad-file', /ends after the file/, changed(1, { size: 5000, storedSize: 5000 })],
    ['one that starts elsewhere', 'bad-file', /not where it should be/, changed(1, { local: 5 })],
    ['one that starts outside', 'bad-file', /lies outside/, changed(1, { local: 1_000_000 })],
    ['a wrong checksum of the pickle', 'bad-file', /damaged/, changed(0, { crc32: 1 })],
    ['more entries than there are', 'bad-file', /cut short/, parts, { end: { count: 4 } }],
    ['a directory outside', 'bad-file', /lies outside/, parts, { end: { offset: 100_000 } }],
    ['a directory too long', 'bad-file', /lies outside|cut short/, parts, { large: true, end: { length: 800 } }],
    ['a 64-bit count beyond reason', 'bad-file', /lies outside/, parts, { large: true, end: { count: 2 ** 52 } }],
    [
      'big-endian numbers',
      'unsupported',
      /byte order/,
      [...parts, { name: 'archive/byteorder', data: Buffer.from('big') }],
    ],
  ])('refuses %s', (_what, code, message, given, options) => {
    expect(() => read(given, options)).toThrow(refusedAs(code, message));
  });

  test('a compressed program beside the weights is not looked at', () => {
    const program = { name: 'archive/code/__torch__.py', data: Buffer.alloc(9), claims: { method: 8, crc32: 1 } };
    expect([...read([...parts, program]).tensors.keys()]).toEqual(['one']);
  });

  test('refuses what is no archive', () => {
    expect(() => readBytes(Buffer.alloc(0))).toThrow(refusedAs('bad-file', /Not a valid/));
    expect(() => readBytes(Buffer.alloc(300, 7))).toThrow(refusedAs('bad-file', /Not a valid/));
    expect(() => readTorchHeader(join(folder, 'none.pt'))).toThrow(refusedAs('not-found', /./));
  });
});

describe('tensors', () => {
  test.each([
    ['a storage that is not there', { key: '7' }, 'bad-file', /no storage '7'/],
    ['a storage of another size', { elements: 5 }, 'bad-file', /size of storage/],
    ['a storage type as a text', { type: 'FloatStorage' }, 'bad-file', /storage is not described/],
    ['a key as a number', { key: 0 }, 'bad-file', /storage is not described/],
    ['more elements than the storage has', { shape: [3, 3] }, 'bad-file', /beyond its storage/],
    ['a start that leaves too few', { first: 1 }, 'bad-file', /beyond its storage/],
    ['a start before the storage', { first: -1 }, 'bad-file', /tensor is not described/],
    ['a negative size', { shape: [-2, -3] }, 'bad-file', /tensor is not described/],
    ['a size beyond counting', { shape: Array(40).fill(2 ** 30), strides: Array(40).fill(0) }, 'bad-file', /beyond/],
    ['a shape that is none', { shape: 6 }, 'bad-file', /tensor is not described/],
    ['one value for many places', { shape: [2, 3], strides: [0, 0] }, 'unsupported', /not contiguous/],
    ['a turned view', { shape: [3, 2], strides: [1, 3] }, 'unsupported', /not contiguous/],
    ['fewer strides than axes', { strides: [1] }, 'unsupported', /not contiguous/],
  ] as const)('refuses %s', (_what, given, code, message) => {
    expect(() => read(torchParts(oneTensor(given)))).toThrow(refusedAs(code, message));
  });

  test.each([
    ['view.pt', /not contiguous/],
    ['module.pt', /Python's "torch.nn.modules/],
  ])('refuses %s as torch wrote it', (file, message) => {
    expect(() => readTorchHeader(join(golden, file))).toThrow(refusedAs('unsupported', message));
  });

  test.each([
    ['a list', raw(']')],
    ['a dict with a number for a name', Buffer.concat([raw('}K\x01'), name('torch', 'FloatStorage'), raw('s')])],
    ['a dict of texts', Buffer.concat([raw('}X\x01\0\0\0aX\x01\0\0\0bs')])],
  ])('refuses %s', (_what, pickle) => {
    expect(() => read(torchParts(pickleOf(pickle)))).toThrow(refusedAs('unsupported', /more than a state dict/));
  });

  test('a list that grows after it was a shape changes no tensor', () => {
    const whole = oneTensor({ shape: raw(']q\x05(K\x02K\x03e') });
    const pickle = pickleOf(raw('}q\x06'), whole.subarray(3, -1), raw('h\x05K\x64ah\x06'));
    expect(read(torchParts(pickle)).tensors.get('one')).toMatchObject({ shape: [2, 3], byteLength: 24 });
  });

  test('a name such as __proto__ is a name', () => {
    const pickle = oneTensor();
    const at = pickle.indexOf('X\x03\0\0\0one');
    const odd = Buffer.concat([pickle.subarray(0, at), raw('X\x09\0\0\0__proto__'), pickle.subarray(at + 8)]);
    expect([...read(torchParts(odd)).tensors.keys()]).toEqual(['__proto__']);
    expect(Object.prototype).toEqual({});
  });
});

describe('a file of before torch 1.6', () => {
  const whole = readFileSync(join(golden, 'old.pt'));
  const changed = (from: Buffer, to: Buffer): Buffer => {
    const at = whole.indexOf(from);
    expect(at).toBeGreaterThan(0);
    return Buffer.concat([whole.subarray(0, at), to, whole.subarray(at + from.length)]);
  };

  test.each([
    ['another beginning', raw('\x80\x02K\x01.'), 'bad-file', /does not begin/],
    ['another version', changed(raw('M\xe9\x03'), raw('M\xea\x03')), 'bad-file', /another version/],
    [
      'numbers of another byte order',
      changed(raw('little_endianq\x02\x88'), raw('little_endianq\x02\x89')),
      'unsupported',
      /byte order/,
    ],
    [
      'other Python objects',
      changed(raw('ccollections\nOrderedDict'), raw('cos\nsystem')),
      'unsupported',
      /"os.system"/,
    ],
    ['a storage less than it says', whole.subarray(0, -1), 'bad-file', /ends too early/],
  ] as const)('refuses %s', (_what, bytes, code, message) => {
    expect(() => readBytes(Buffer.from(bytes))).toThrow(refusedAs(code, message));
  });

  test('cut short or changed anywhere it is read or refused', () => {
    refusedCutShort(whole, 61);
    whenSomeBytesChange(whole, { most: 4, numRuns: 100, seed: 8 }, readsOrRefuses);
  });
});

describe('modules of a program, as their attributes', () => {
  const one = oneTensor();
  const tensor = one.subarray(one.indexOf('ctorch._utils'), -2); // without the name, the setting and the end
  const module = (name: string, ...attributes: Buffer[]): Buffer =>
    Buffer.concat([raw(`c__torch__.a\n${name}\n)\x81}(`), ...attributes, raw('ub')]);
  const key = (text: string): Buffer => raw(`X${String.fromCharCode(text.length)}\0\0\0${text}`);

  test("tensors by the path to them; other attributes are the program's", () => {
    const inner = module('Inner', key('weight'), tensor, key('training'), raw('\x89'));
    const pickle = pickleOf(module('Outer', key('0'), inner, key('rate'), raw('G\x3f\xe0\0\0\0\0\0\0')));
    expect([...read(torchParts(pickle)).tensors.keys()]).toEqual(['0.weight']);
  });

  test.each([
    ['that holds itself', raw('c__torch__\nA\n)\x81q\x01}(X\x01\0\0\0ah\x01ub'), 'unsupported', /no tree/],
    ['made with arguments', raw('c__torch__\nA\nK\x01\x85\x81'), 'bad-file', /cannot be made/],
    ['of another class', raw('ccollections\nOrderedDict\n)\x81'), 'unsupported', /refused: 0x81/],
    ['of a class outside the program', raw('cos\nsystem\n)\x81'), 'unsupported', /"os.system"/],
    ['that is called', raw('c__torch__\nA\n)R'), 'bad-file', /cannot be called/],
    ['whose attributes have no names', raw('c__torch__\nA\n)\x81]b'), 'bad-file', /without names/],
    [
      'too deep',
      Buffer.concat([
        ...Array(60).fill(raw('c__torch__\nA\n)\x81}(X\x01\0\0\0a')),
        raw('N'),
        ...Array(60).fill(raw('ub')),
      ]),
      'unsupported',
      /no tree/,
    ],
  ] as const)('refuses one %s', (_what, pickle, code, message) => {
    expect(() => read(torchParts(pickleOf(pickle)))).toThrow(refusedAs(code, message));
  });
});

/** Reads the tensors too: whatever is accepted must lie inside the file. */
function readsOrRefuses(bytes: Buffer): void {
  try {
    const file = readBytes(bytes);
    for (const tensor of file.tensors.keys()) readTensor(file, tensor);
  } catch (error) {
    expect(error).toBeInstanceOf(DeptError);
  }
}

/** Every so many bytes. */
function refusedCutShort(whole: Buffer, apart: number): void {
  for (let length = 0; length < whole.length; length += apart) {
    expect(() => readBytes(whole.subarray(0, length))).toThrow(DeptError);
  }
}

/** Checks copies with one byte changed, up to `most`. */
function whenSomeBytesChange(
  whole: Buffer,
  { most, ...runs }: { readonly most: number; readonly numRuns: number; readonly seed: number },
  check: (bytes: Buffer) => void,
): void {
  const change = fc.tuple(fc.integer({ min: 0, max: whole.length - 1 }), fc.integer({ min: 0, max: 255 }));
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: most }), (changes) => {
      const bytes = Buffer.from(whole);
      for (const [at, value] of changes) bytes[at] = value;
      check(bytes);
    }),
    runs,
  );
}

describe('damaged files are read or refused, and never crash', () => {
  const whole = readFileSync(join(golden, 'state.pt'));

  test('cut short anywhere', () => refusedCutShort(whole, 241));

  test('with some bytes of the archive changed', () =>
    whenSomeBytesChange(whole, { most: 4, numRuns: 60, seed: 6 }, readsOrRefuses));

  test('with some bytes of the pickle changed, its checksum being right', () =>
    whenSomeBytesChange(oneTensor(), { most: 3, numRuns: 150, seed: 7 }, (bytes) =>
      readsOrRefuses(zipOf(torchParts(bytes))),
    ));
});
