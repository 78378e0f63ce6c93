/** Torch files that the engine writes: torch's own bytes, and what was written is what is read. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { DeptError } from '../../engine/common/errors.ts';
import { readTensor } from '../../engine/weights/safetensors.ts';
import { readZipDirectory, readZipEntry } from '../../engine/weights/stored-zip.ts';
import { readTorchHeader } from '../../engine/weights/torch-file.ts';
import { type TorchTensor, writeTorchFile } from '../../engine/weights/torch-writer.ts';
import { published } from '../adapters/published.ts';
import { compared, pinned } from '../fidelity/compared.ts';

const golden = fileURLToPath(new URL('../golden/torch-file/', import.meta.url));
const row = { area: 'Checkpoints', measure: 'identical', allowed: 0 } as const;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'dept-torch-writer-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A torch file's tensors, as they are to be written again. */
function tensorsOf(path: string): Record<string, TorchTensor> {
  const file = readTorchHeader(path);
  return Object.fromEntries(
    [...file.tensors].map(([name, { dtype, shape, device }]) => [
      name,
      { dtype, shape, data: readTensor(file, name), ...(device !== undefined && { device }) },
    ]),
  );
}

/** The bytes of one entry of an archive. */
function entryOf(path: string, name: string): Buffer {
  return readZipEntry(path, name, readZipDirectory(path).get(name)!);
}

compared(
  {
    ...row,
    against: 'the authors',
    what: 'published DePT prompts written again: the whole file',
    skip: !existsSync(published),
  },
  (differences) => {
    for (const task of ['cola', 'sst2']) {
      const source = join(published, task, 'adapter_model.bin');
      const path = join(folder, 'adapter_model.bin');
      writeTorchFile(path, tensorsOf(source));
      differences.same(readFileSync(path).toString('hex'), readFileSync(source).toString('hex'), task);
    }
  },
);

compared(
  { ...row, against: pinned('torch'), what: 'data.pkl that torch.save writes, every element type' },
  (differences) => {
    for (const name of ['plain', 'only']) {
      const path = join(folder, `${name}.pt`);
      writeTorchFile(path, tensorsOf(join(golden, `${name}.pt`)));
      const entries = [...readZipDirectory(path).keys()];
      expect(entries.length).toBeGreaterThan(2);
      for (const entry of entries)
        differences.same(entryOf(path, entry), entryOf(join(golden, `${name}.pt`), entry), entry);
    }
  },
);

test('every byte of data lies at a multiple of 64', () => {
  const path = join(folder, 'aligned.pt');
  writeTorchFile(path, tensorsOf(join(golden, 'plain.pt')));
  for (const [name, { offset }] of readZipDirectory(path)) expect(offset % 64, name).toBe(0);
});

test('no tensors at all', () => {
  const path = join(folder, 'empty.pt');
  writeTorchFile(path, {});
  expect(readTorchHeader(path).tensors.size).toBe(0);
});

test.each<[string, string, TorchTensor]>([
  [
    'unsupported',
    'an element type that torch has no storage for',
    { dtype: 'U32', shape: [1], data: Uint32Array.of(1) },
  ],
  ['shape-mismatch', 'data of another length', { dtype: 'F32', shape: [2], data: Float32Array.of(1) }],
])('%s: %s', (code, _what, tensor) => {
  const path = join(folder, 'refused.pt');
  const write = (): void => writeTorchFile(path, { one: tensor });
  expect(write).toThrow(DeptError);
  expect(write).toThrow(expect.objectContaining({ code }));
  expect(existsSync(path)).toBe(false);
});
