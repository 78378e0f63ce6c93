/** Files from strangers, by the commands that take them: refused in words, nothing executed, nothing left behind. */
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bundledModelsFolder } from '../../engine/weights/bundled.ts';
import { promptConfig } from '../adapters/small-adapters.ts';
import { name, oneTensor, type Piece, pickleOf, raw, torchParts, type ZipPart, zipOf } from '../weights/torch-zip.ts';
import { dept } from './fake-host.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'dept-hostile-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const run = (...pieces: readonly Piece[]): Buffer => zipOf(torchParts(pickleOf(...pieces)));
const honest = torchParts(oneTensor());
const claim = (index: number, claims: ZipPart['claims']): Buffer =>
  zipOf(honest.map((part, i) => (i === index ? { ...part, claims } : part)));

const hostile: readonly [what: string, code: string, message: RegExp, file: Buffer][] = [
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

let made = 0;
function unused(): string {
  made += 1;
  return join(folder, String(made));
}

/** A T5 whose weights are this file. */
function modelOf(file: Buffer): string {
  const source = unused();
  mkdirSync(source);
  for (const own of ['config.json', 'tokenizer.json']) {
    copyFileSync(join(bundledModelsFolder(), 'scenes-t5', own), join(source, own));
  }
  writeFileSync(join(source, 'pytorch_model.bin'), file);
  return source;
}

describe.each(hostile)('%s', (_what, code, message, file) => {
  test('as an adapter', async () => {
    const [home, source] = [unused(), unused()];
    mkdirSync(source);
    writeFileSync(join(source, 'adapter_config.json'), JSON.stringify(promptConfig));
    writeFileSync(join(source, 'adapter_model.bin'), file);
    const { exitCode, stdout } = await dept(['import-adapter', source, '--name', 'stranger', '--json'], { home });
    expect(exitCode).not.toBe(0);
    const { error } = JSON.parse(stdout);
    expect(error).toMatchObject({ code, message: expect.stringMatching(message) });
    expect(existsSync(join(home, 'adapters', 'stranger'))).toBe(false);
    expect(existsSync('pwned')).toBe(false);
  });

  test('as a model', async () => {
    const [home, source] = [unused(), modelOf(file)];
    const { exitCode, stdout } = await dept(['models', 'add', source, '--name', 'stranger', '--json'], { home });
    expect(exitCode).not.toBe(0);
    expect(JSON.parse(stdout).error).toMatchObject({ code, message: expect.stringMatching(message) });
    expect(existsSync(join(home, 'models', 'stranger'))).toBe(false);
    expect(existsSync('pwned')).toBe(false);
  });
});

test('names of an archive that lead elsewhere are never used as paths', async () => {
  const home = unused();
  const source = modelOf(zipOf(honest.map((part) => ({ ...part, name: `../../../${part.name}` }))));
  const { exitCode } = await dept(['models', 'add', source, '--name', 'stranger'], { home });
  expect(exitCode).toBe(0);
  expect(readdirSync(join(home, 'models', 'stranger')).sort()).toEqual([
    'config.json',
    'pytorch_model.bin',
    'tokenizer.json',
  ]);
  expect(readdirSync(home)).toEqual(['models']);
});
