/**
 * Weights as `torch.save` writes them since version 1.6, and `torch.jit.save`: a zip of a pickle and of each storage's little-endian
 * bytes. A program beside them is not looked at.
 */
import { closeSync, readSync } from 'node:fs';
import { DeptError } from '../common/errors.ts';
import { openForReading } from '../common/files.ts';
import { unpickle } from './pickle.ts';
import type { SafetensorsFile } from './safetensors.ts';
import { readZipDirectory, readZipEntry, type ZipEntry } from './stored-zip.ts';
import { readOldTorchHeader } from './torch-old-file.ts';
import { namedTensors, torchVocabulary } from './torch-tensors.ts';

/** A state dict of 10,000 tensors has 2 MB; a longer pickle can only be made to fill the memory. */
const MAX_PICKLE_BYTES = 10_000_000;
const PICKLE = '/data.pkl';

/** The text of a TorchScript program, which is compressed. */
const CODE = /^[^/]+\/code\//;

function checkByteOrder(path: string, folder: string, entries: ReadonlyMap<string, ZipEntry>): void {
  const name = `${folder}/byteorder`;
  const entry = entries.get(name);
  if (entry === undefined || entry.byteLength > 16) return; // torch before 2.1 has none
  const order = readZipEntry(path, name, entry).toString('latin1');
  if (order === 'little') return;
  throw new DeptError('unsupported', 'The file was saved on a machine of another byte order', { path, got: order });
}

/** Before 1.6 a file was several pickles and no archive. */
function isOld(path: string): boolean {
  const start = Buffer.alloc(2);
  const descriptor = openForReading(path);
  try {
    readSync(descriptor, start);
  } finally {
    closeSync(descriptor);
  }
  return start[0] === 0x80;
}

/**
 * The tensors and where their bytes lie; they are read as those of a safetensors file. The devices that they were saved from do
 * not matter. Nothing in the file is executed.
 * Errors: `not-found`, `bad-file`, `unsupported` (any other Python object, views that are not contiguous, compressed entries).
 */
export function readTorchHeader(path: string): SafetensorsFile {
  if (isOld(path)) return readOldTorchHeader(path);
  const entries = readZipDirectory(path, (name) => !CODE.test(name));
  const pickles = [...entries.keys()].filter((name) => name.endsWith(PICKLE));
  const folder = pickles[0]?.slice(0, -PICKLE.length);
  if (folder === undefined || pickles.length > 1) {
    throw new DeptError('bad-file', 'The archive is not one that torch.save wrote', { path, expected: 'one data.pkl' });
  }
  const entry = entries.get(pickles[0]!)!;
  if (entry.byteLength > MAX_PICKLE_BYTES) {
    throw new DeptError('bad-file', 'Not a valid torch file: its description is too long', { path });
  }
  checkByteOrder(path, folder, entries);
  const vocabulary = torchVocabulary(path, (key) => entries.get(`${folder}/data/${key}`));
  const value = unpickle(readZipEntry(path, pickles[0]!, entry), vocabulary, path).value;
  return { path, metadata: {}, tensors: namedTensors(value, path) };
}
