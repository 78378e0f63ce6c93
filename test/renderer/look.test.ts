/** Looks of pictures, from base64 to pixels. */
import { expect, test } from 'vitest';
import { readLook } from '../../renderer/lib/look.ts';

test('width, height, and opaque pixels row by row', () => {
  const bytes = [2, 1, 10, 20, 30, 255, 128, 0];
  expect(readLook(Buffer.from(bytes).toString('base64'))).toEqual({
    width: 2,
    height: 1,
    pixels: new Uint8ClampedArray([10, 20, 30, 255, 255, 128, 0, 255]),
  });
});
