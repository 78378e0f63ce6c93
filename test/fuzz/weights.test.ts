/** Weights in every format, damaged: read within their file, or refused. */
import { readFileSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect } from 'vitest';
import { elementCount, elementSize } from '../../engine/weights/dtypes.ts';
import { KnownName, type PickleVocabulary, unpickle } from '../../engine/weights/pickle.ts';
import { readSafetensorsHeader, readTensor, type SafetensorsFile } from '../../engine/weights/safetensors.ts';
import { readZipDirectory, readZipEntry } from '../../engine/weights/stored-zip.ts';
import { readTorchHeader } from '../../engine/weights/torch-file.ts';
import { oneTensor, raw, torchParts, zipOf } from '../weights/torch-zip.ts';
import { changedJson, damaged } from './damage.ts';
import { ScratchFolder } from './folder.ts';
import { hunt } from './hunt.ts';

const scratch = new ScratchFolder();
const golden = (name: string): Buffer =>
  readFileSync(fileURLToPath(new URL(`../golden/torch-file/${name}`, import.meta.url)));

/** Every tensor lies inside the file, has as many bytes as its shape says, and can be read. */
function checkTensors(file: SafetensorsFile): void {
  const { size } = statSync(file.path);
  for (const [name, info] of file.tensors) {
    expect(info.name).toBe(name);
    expect(info.byteLength).toBe(elementCount(info.shape) * elementSize(info.dtype));
    expect(info.offset).toBeGreaterThanOrEqual(0);
    expect(info.offset + info.byteLength).toBeLessThanOrEqual(size);
    expect(readTensor(file, name).byteLength).toBe(info.byteLength);
  }
}

describe('safetensors', () => {
  const whole = golden('expected.safetensors');
  const headerLength = Number(whole.readBigUInt64LE());
  const header: unknown = JSON.parse(whole.toString('utf8', 8, 8 + headerLength));
  const withHeader = (header: string): Buffer => {
    const text = Buffer.from(header);
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(text.length));
    return Buffer.concat([length, text, whole.subarray(8 + headerLength)]);
  };
  const read = (bytes: Buffer): void => checkTensors(readSafetensorsHeader(scratch.write('x.safetensors', bytes)));

  hunt('damaged bytes', { runs: 200, inputs: damaged([whole]), read });
  hunt('a changed header', { runs: 200, inputs: changedJson([header]).map(withHeader), read });
});

describe('archives', () => {
  const whole = [zipOf(torchParts(oneTensor())), zipOf(torchParts(oneTensor()), { large: true }), golden('state.pt')];
  hunt('of stored entries', {
    runs: 200,
    inputs: damaged(whole),
    read: (bytes) => {
      const path = scratch.write('x.zip', bytes);
      for (const [name, entry] of readZipDirectory(path)) {
        expect(entry.offset + entry.byteLength).toBeLessThanOrEqual(bytes.length);
        try {
          expect(readZipEntry(path, name, entry).length).toBe(entry.byteLength);
        } catch (error) {
          expect(error).toMatchObject({ code: 'bad-file', message: expect.stringContaining('damaged') });
        }
      }
    },
  });
});

describe('torch files', () => {
  const read = (bytes: Buffer): void => checkTensors(readTorchHeader(scratch.write('x.pt', bytes)));
  const files = ['state.pt', 'old.pt', 'only.pt', 'training.pt', 'view.pt', 'module.pt'].map(golden);
  hunt('damaged bytes', { runs: 200, inputs: damaged(files), read });
  // with its checksum right, so that the pickle itself is what is read
  const module = Buffer.concat([
    raw('\x80\x02c__torch__.a\nOuter\n)\x81}(X\x01\0\0\0a'),
    oneTensor().subarray(oneTensor().indexOf('ctorch._utils'), -2),
    raw('ub.'),
  ]);
  const pickles = damaged([oneTensor(), module]);
  hunt('a damaged pickle', { runs: 200, inputs: pickles.map((pickle) => zipOf(torchParts(pickle))), read });
});

describe('pickles', () => {
  const vocabulary: PickleVocabulary = {
    names: new Map([
      ['a.b', new KnownName((args) => args.length)],
      ['a.named', new KnownName()],
    ]),
    isPlainClass: (name) => name.startsWith('p.'),
    persistent: (identifier) => identifier,
  };
  const piece = fc.oneof(
    fc.constantFrom(
      ...'(NJKMGX)]}t\x85\x86\x87hjQRqrsuaeb.\x88\x89\x8a\x81'.split(''),
      'ca\nb\n',
      'cp\nc\n',
      'X\x01\0\0\0k',
    ),
    fc.constantFrom('h\0', 'q\0', 'K\x01', '}q\x01', '](h\0h\0e', '}(K\x01K\x02u'),
    fc.nat(255).map((code) => String.fromCharCode(code)),
  );
  hunt('made of opcodes', {
    runs: 1000,
    inputs: fc.array(piece, { maxLength: 60 }).map((pieces) => raw(`\x80\x02${pieces.join('')}.`)),
    read: (bytes) => {
      const { length } = unpickle(bytes, vocabulary, 'some.pkl');
      expect(length).toBeLessThanOrEqual(bytes.length);
    },
  });
});
