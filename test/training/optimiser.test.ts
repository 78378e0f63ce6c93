/** AdamW and clipping against torch and transformers (test/golden/make-optim.py). */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { DeptError } from '../../engine/common/errors.ts';
import { type AdamWOptions, adamWUpdate, clipGlobalNorm } from '../../engine/training/optimiser.ts';
import { relativeDifference } from '../models/reference.ts';

type Tensors = Record<'a' | 'b', number[]>;

interface OptimReference {
  betas: [number, number];
  eps: number;
  rates: Record<'a' | 'b', number>;
  start: Tensors;
  gradients: Tensors[];
  runs: { optimizer: 'torch' | 'transformers'; weight_decay: number; after: Tensors[] }[];
  clipping: { max_norm: number; norm: number; clipped: Tensors }[];
}

const reference = JSON.parse(readFileSync(new URL('../golden/optim.json', import.meta.url), 'utf8')) as OptimReference;
const moments = (length: number) => ({ first: new Float32Array(length), second: new Float32Array(length) });

describe('AdamW', () => {
  test.each(reference.runs)('of $optimizer, weight decay $weight_decay', ({ optimizer, weight_decay, after }) => {
    const options: AdamWOptions = {
      betas: reference.betas,
      epsilon: reference.eps,
      weightDecay: weight_decay,
      epsilonPlacement: optimizer === 'torch' ? 'corrected' : 'uncorrected',
    };
    for (const name of ['a', 'b'] as const) {
      const values = Float32Array.from(reference.start[name]);
      const state = moments(values.length);
      after.forEach((expected, i) => {
        const gradient = Float32Array.from(reference.gradients[i]![name]);
        adamWUpdate(values, gradient, state, i + 1, reference.rates[name], options);
        expect(relativeDifference(values, expected[name]), `${name} after step ${i + 1}`).toBeLessThan(1e-6);
      });
    }
  });

  test('the two placements of epsilon differ by more than the tolerance', () => {
    const [torch, , transformers] = reference.runs;
    const last = (run: typeof torch) => run!.after.at(-1)!.a;
    expect(relativeDifference(last(torch), last(transformers))).toBeGreaterThan(1e-3);
  });

  test('refuses a gradient of another size', () => {
    const options = { betas: [0.9, 0.999], epsilon: 1e-6, weightDecay: 0, epsilonPlacement: 'corrected' } as const;
    const update = () => adamWUpdate(new Float32Array(3), new Float32Array(2), moments(3), 1, 0.1, options);
    expect(update).toThrow(DeptError);
    expect(update).toThrow(expect.objectContaining({ code: 'shape-mismatch' }));
  });
});

describe('clipping', () => {
  test.each(reference.clipping)('to norm $max_norm', ({ max_norm, norm, clipped }) => {
    const gradients = (['a', 'b'] as const).map((name) => Float32Array.from(reference.gradients[0]![name]));
    expect(Math.abs(clipGlobalNorm(gradients, max_norm) / norm - 1)).toBeLessThan(1e-6);
    expect(relativeDifference(gradients[0]!, clipped.a)).toBeLessThan(1e-6);
    expect(relativeDifference(gradients[1]!, clipped.b)).toBeLessThan(1e-6);
  });

  test.each([0, Number.POSITIVE_INFINITY])('a limit of %d leaves gradients alone', (limit) => {
    const gradient = Float32Array.of(3, -4);
    expect(clipGlobalNorm([gradient], limit)).toBe(5);
    expect([...gradient]).toEqual([3, -4]);
  });
});
