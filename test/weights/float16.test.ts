import { expect, test } from 'vitest';
import { bfloat16ToFloat32, float32ToBfloat16 } from '../../engine/weights/float16.ts';

test('all 65,536 bfloat16 values survive the way to float32 and back', () => {
  const bits = Uint16Array.from({ length: 65536 }, (_, i) => i);
  const values = bfloat16ToFloat32(bits);
  const back = float32ToBfloat16(values);
  for (const [i, value] of values.entries()) {
    if (Number.isNaN(value)) expect(bfloat16ToFloat32(back.subarray(i, i + 1))[0]).toBeNaN();
    else if (back[i] !== i) expect.unreachable(`${i.toString(16)} became ${back[i]!.toString(16)}`);
  }
});

test('rounds to nearest, ties to even', () => {
  const words = Uint32Array.from([0x3f800000, 0x3f808000, 0x3f818000, 0x3f808001, 0x7f7fffff, 0x7f800001]);
  const bits = float32ToBfloat16(new Float32Array(words.buffer));
  expect([...bits.subarray(0, 5)]).toEqual([0x3f80, 0x3f80, 0x3f82, 0x3f81, 0x7f80]);
  expect(bfloat16ToFloat32(bits)[5]).toBeNaN();
});
