/**
 * Weights as `torch.save` wrote them before version 1.6: five pickles (a mark, a version, the machine, the tensors, the order of the
 * storages), then each storage's number of elements and its little-endian bytes.
 */
import { closeSync, fstatSync } from 'node:fs';
import { DeptError } from '../common/errors.ts';
import { openForReading } from '../common/files.ts';
import { elementSize } from './dtypes.ts';
import { type PickleVocabulary, unpickle } from './pickle.ts';
import { readFully, type SafetensorsFile } from './safetensors.ts';
import { type LocateStorage, namedTensors, torchVocabulary } from './torch-tensors.ts';

/** The pickle of the number 0x1950a86a20f9469cfc6c. */
const MARK = Buffer.from('80028a0a6cfc9c46f9206aa850192e', 'hex');
const VERSION = 1001;
/** As many as torch-file.ts allows one. */
const MAX_PICKLE_BYTES = 10_000_000;
const COUNT_BYTES = 8;

const nothing: PickleVocabulary = { names: new Map(), persistent: () => undefined };

/** Errors as those of `readTorchHeader`. */
export function readOldTorchHeader(path: string): SafetensorsFile {
  const broken = (message: string): DeptError =>
    new DeptError('bad-file', `Not a valid torch file: ${message}`, { path });
  const descriptor = openForReading(path);
  try {
    const { size } = fstatSync(descriptor);
    const pickles = Buffer.alloc(Math.min(size, MAX_PICKLE_BYTES));
    readFully(descriptor, pickles, 0, path);
    if (!pickles.subarray(0, MARK.length).equals(MARK)) throw broken('it does not begin as one');

    let at = MARK.length;
    const next = (vocabulary: PickleVocabulary): unknown => {
      const { value, length } = unpickle(pickles.subarray(at), vocabulary, path);
      at += length;
      return value;
    };
    if (next(nothing) !== VERSION) throw broken('it is of another version');
    const machine = next(nothing);
    if (!(machine instanceof Map) || machine.get('little_endian') !== true) {
      throw new DeptError('unsupported', 'The file was saved on a machine of another byte order', { path });
    }
    // The order of the storages comes after the tensors in them: these are read once for sizes, and again for places.
    const places = new Map<string, { offset: number; byteLength: number; elements: number }>();
    const begin = at;
    const measure: LocateStorage = (key, dtype, elements) => {
      const place = { offset: 0, byteLength: elements * elementSize(dtype), elements };
      places.set(key, place);
      return place;
    };
    next(torchVocabulary(path, measure));
    const end = at;
    const keys = next(nothing);
    const unlike = 'its storages are not those of its tensors';
    if (!Array.isArray(keys) || keys.length !== places.size) throw broken(unlike);
    const count = Buffer.alloc(COUNT_BYTES);
    for (const key of keys) {
      const place = places.get(key as string);
      if (place === undefined || place.offset > 0) throw broken(unlike);
      readFully(descriptor, count, at, path);
      if (count.readBigInt64LE() !== BigInt(place.elements)) throw broken(unlike);
      place.offset = at + COUNT_BYTES;
      at = place.offset + place.byteLength;
      if (at > size) throw broken('it ends too early');
    }
    const { value } = unpickle(
      pickles.subarray(begin, end),
      torchVocabulary(path, (key) => places.get(key)),
      path,
    );
    return { path, metadata: {}, tensors: namedTensors(value, path) };
  } finally {
    closeSync(descriptor);
  }
}
