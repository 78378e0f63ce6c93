/** Weights of 16 bits in a file of float32: the same values under the same names, made once, where the disk has room. */
import { existsSync, mkdtempSync, rmSync, type StatsFs, statfsSync, statSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type Checkpoint, openCheckpoint } from '../../engine/weights/checkpoint.ts';
import { type TensorToWrite, writeSafetensors } from '../../engine/weights/safetensors.ts';
import { widenedCheckpoint } from '../../engine/weights/widen.ts';
import { refusal } from '../common/refusal.ts';

vi.mock('node:fs', async (original) => {
  const fs = await original<typeof import('node:fs')>();
  return { ...fs, statfsSync: vi.fn(fs.statfsSync) };
});

let folder: string;
let half: Checkpoint;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'dept-widen-'));
  const tensors: Record<string, TensorToWrite> = {
    norm: { dtype: 'F32', shape: [3], data: Float32Array.of(1, 0.1, 3) },
    matrix: { dtype: 'F16', shape: [2, 2], data: Float16Array.of(0.1, -2, 65504, 6e-8) },
    rounded: { dtype: 'BF16', shape: [1, 2], data: Uint16Array.of(0x3f80, 0xc2f7) },
  };
  writeSafetensors(join(folder, 'model.safetensors'), tensors);
  half = openCheckpoint(folder);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('all values are the same, as float32', () => {
  const widened = widenedCheckpoint(half, folder);
  for (const name of ['norm', 'matrix', 'rounded']) {
    expect(widened.tensor(name), name).toMatchObject({ name, dtype: 'F32', shape: half.tensor(name).shape });
    expect(widened.floats(name), name).toEqual(half.floats(name));
  }
  expect(widened.floats('matrix', 1)).toEqual(half.floats('matrix', 1));
  expect(widened.fingerprint()).toBe(half.fingerprint());
});

test('a name that stands for another finds its tensor', () => {
  const resolve = (name: string): string => (name === 'shared' ? 'matrix' : name);
  const tensor = (name: string) => half.tensor(resolve(name));
  const widened = widenedCheckpoint({ ...half, tensor }, folder);
  expect(widened.tensor('shared')).toEqual(widened.tensor('matrix'));
  expect(widened.floats('shared')).toEqual(half.floats('matrix'));
});

test('it is made once; what is float32 already stays', () => {
  const widened = widenedCheckpoint(half, folder);
  const { path } = widened.tensor('norm').file;
  const { ino } = statSync(path);
  expect(statSync(widenedCheckpoint(half, folder).tensor('norm').file.path).ino).toBe(ino);
  const whole = openCheckpoint(join(path, '..'));
  expect(widenedCheckpoint(whole, folder)).toBe(whole);
});

test('one that was cut short is named; deleted, it is made again', () => {
  const into = join(folder, 'cut');
  const { path } = widenedCheckpoint(half, into).tensor('norm').file;
  truncateSync(path, statSync(path).size - 1);
  const { code, details } = refusal(() => widenedCheckpoint(half, into));
  expect({ code, ...details }).toMatchObject({ code: 'bad-file', path, remedy: expect.stringContaining('made again') });
  rmSync(path);
  expect(widenedCheckpoint(half, into).floats('norm')).toEqual(half.floats('norm'));
});

test('a disk without room is told of; once there is some it goes on', () => {
  vi.mocked(statfsSync).mockReturnValueOnce({ bavail: 10, bsize: 3 } as StatsFs);
  const into = join(folder, 'full');
  expect(() => widenedCheckpoint(half, into)).toThrow(
    expect.objectContaining({
      code: 'no-space',
      message: 'The disk has not enough room for the weights as float32',
    }),
  );
  expect(existsSync(widenedCheckpoint(half, into).tensor('norm').file.path)).toBe(true);
});
