/** DePT: its parameters, its first values, and [P_s ; E + c A B] against the formula. */
import { describe, expect, test } from 'vitest';
import { DeptError } from '../../engine/common/errors.ts';
import { Random } from '../../engine/common/random.ts';
import { deptCount } from '../../engine/contract/budget.ts';
import { countValues } from '../../engine/graph/parameter.ts';
import { type ParameterValues, startParameters } from '../../engine/training/train-step.ts';
import { type DeptOptions, LOW_RANK_A, LOW_RANK_B, updateScale } from '../../engine/tuning/dept.ts';
import { PROMPT } from '../../engine/tuning/soft-prompt.ts';
import { compared, pinned } from '../fidelity/compared.ts';
import { generate } from '../graph/dense.ts';
import { relativeDifference } from '../models/reference.ts';
import { config, deptMethod, frozen, promptTuningMethod, tiny } from '../training/tiny.ts';
import { frontOf } from './front.ts';
import { largest, mean, spread, variance } from './statistics.ts';

const { width } = config;
const textLength = 8;

function draw(length: number, ...key: (string | number)[]): Float32Array {
  const random = new Random(...key);
  return Float32Array.from({ length }, () => random.normal());
}

/** Parameters away from their first values, B among them. */
const drawn = (options: Partial<DeptOptions>): ParameterValues[] =>
  startParameters(deptMethod(options).parameters, 1).map((parameter) => ({
    ...parameter,
    values: draw(parameter.values.length, parameter.spec.name),
  }));

describe('parameters', () => {
  test('are P_s [m, d], A [s, r] and B [r, d], in two groups', () => {
    const described = deptMethod().parameters.map(({ name, shape, group }) => ({ name, shape, group }));
    expect(described).toEqual([
      { name: PROMPT, shape: [4, 16], group: 'prompt' },
      { name: LOW_RANK_A, shape: [8, 3], group: 'lowRank' },
      { name: LOW_RANK_B, shape: [3, 16], group: 'lowRank' },
    ]);
  });

  test.each([
    [4, 3],
    [0, 3],
    [4, 0],
    [1, 1],
  ])('m %d, r %d: as many values as the budget equation counts', (promptLength, rank) => {
    const { parameters } = deptMethod({ promptLength, rank });
    expect(countValues(parameters)).toBe(deptCount({ width, textLength }, promptLength, rank));
  });

  test('without prompt and rank there is nothing to train', () => {
    const make = () => deptMethod({ promptLength: 0, rank: 0 });
    expect(make).toThrow(DeptError);
    expect(make).toThrow(expect.objectContaining({ code: 'bad-config' }));
  });
});

compared(
  {
    area: 'DePT',
    what: 'spread of first values: A for four ranks, a random prompt',
    against: pinned('torch'),
    measure: 'relative',
    allowed: 0.01,
  },
  (differences) => {
    for (const [what, { std, largest: bound }] of Object.entries(tiny.reference.spreads)) {
      const rank = Number(what.match(/^A, r = (\d+)$/)?.[1] ?? 0);
      const options = rank === 0 ? { promptLength: 4000, rank } : { promptLength: 0, rank, maxTextLength: 4000 };
      const [{ values }] = startParameters(deptMethod(options).parameters, 1) as [ParameterValues];
      differences.values(spread(values), std, what);
      // Of a uniform distribution the largest of many values is its bound; of a normal one it is anything.
      if (rank > 0) differences.values(largest(values), bound, what);
    }
    expect(differences.cases).toBe(9);
  },
);

test('the prompt starts as the embeddings of its text, end of text included', () => {
  const [prompt] = startParameters(deptMethod({ promptInit: 'text', initText: 'ab' }).parameters, 1);
  expect(frozen.encode('ab')).toEqual(tiny.reference.init_text_ids);
  expect(prompt!.values).toEqual(tiny.expected('init.prompt.text'));
});

describe('first values', () => {
  const [rank, maxTextLength] = [25, 400];
  const valuesOf = (lowRankInit: DeptOptions['lowRankInit'], name: string, seed = 1): Float32Array => {
    const { parameters } = deptMethod({ rank, maxTextLength, lowRankInit });
    return startParameters(parameters, seed).find(({ spec }) => spec.name === name)!.values;
  };

  test('A is uniform within 1 / sqrt(r)', () => {
    const values = valuesOf('uniform', LOW_RANK_A);
    const bound = 1 / Math.sqrt(rank);
    const [least, most] = [Math.min(...values), Math.max(...values)];
    expect(least).toBeGreaterThanOrEqual(-bound);
    expect(least).toBeLessThan(-0.99 * bound);
    expect(most).toBeLessThanOrEqual(bound);
    expect(most).toBeGreaterThan(0.99 * bound);
    expect(Math.abs(mean(values)) / bound).toBeLessThan(0.03);
    expect(variance(values) / (bound ** 2 / 3)).toBeCloseTo(1, 1);
  });

  test('or Gaussian with variance 1 / r', () => {
    const values = valuesOf('gaussian', LOW_RANK_A);
    expect(Math.abs(mean(values)) * Math.sqrt(rank)).toBeLessThan(0.05);
    expect(variance(values) * rank).toBeCloseTo(1, 1);
    const beyond = values.filter((value) => Math.abs(value) > 1.96 / Math.sqrt(rank)).length / values.length;
    expect(beyond).toBeCloseTo(0.05, 1);
  });

  test.each(['uniform', 'gaussian'] as const)('B is zero, and a seed gives the same A again (%s)', (init) => {
    expect(valuesOf(init, LOW_RANK_B).every((value) => Object.is(value, 0))).toBe(true);
    expect(valuesOf(init, LOW_RANK_A)).toEqual(valuesOf(init, LOW_RANK_A));
    expect(valuesOf(init, LOW_RANK_A, 2)).not.toEqual(valuesOf(init, LOW_RANK_A));
  });
});

describe('the scale c', () => {
  test.each([
    [15, 2.066],
    [24, 1.633],
    [30, 1.461],
    [40, 1.265],
    [45, 1.193],
    [60, 1.033],
    [75, 0.924],
  ])('8 / sqrt(%d) = %d', (rank, scale) => {
    expect(updateScale({ alpha: 8, rank })).toBeCloseTo(scale, 3);
  });

  test('is 1 as the paper has it, and follows any other alpha', () => {
    expect(updateScale({ alpha: null, rank: 30 })).toBe(1);
    expect(updateScale({ alpha: 5, rank: 25 })).toBe(1);
  });
});

describe('[P_s ; E + c (A B)[0 .. L)]', () => {
  const [batch, length] = [2, 5];
  const words = { data: draw(batch * length * width, 'words'), shape: [batch, length, width] };

  test.each([
    { promptLength: 4, rank: 3, alpha: 8 },
    { promptLength: 4, rank: 3, alpha: null },
    { promptLength: 0, rank: 3, alpha: 8 },
    { promptLength: 4, rank: 0, alpha: 8 },
  ])('m $promptLength, r $rank, alpha $alpha', async (options) => {
    const { promptLength, rank, alpha } = options;
    const parameters = drawn(options);
    const [P, A, B] = [PROMPT, LOW_RANK_A, LOW_RANK_B].map(
      (name) => parameters.find(({ spec }) => spec.name === name)?.values,
    );
    const c = alpha === null ? 1 : alpha / Math.sqrt(rank);
    const expected = generate([batch, promptLength + length, width], ([b, position, k]) => {
      if (position! < promptLength) return P![position! * width + k!]!;
      const i = position! - promptLength;
      let value = words.data[(b! * length + i) * width + k!]!;
      for (let q = 0; q < rank; q += 1) value += c * A![i * rank + q]! * B![q * width + k!]!;
      return value;
    });
    const front = await frontOf(deptMethod(options), parameters, words);
    expect(front.shape).toEqual(expected.shape);
    expect(relativeDifference(front.data as Float32Array, expected.data)).toBeLessThan(1e-6);
  });

  test('rank 0 is prompt tuning, bit for bit', async () => {
    const method = deptMethod({ rank: 0 });
    const parameters = drawn({ rank: 0 });
    const front = await frontOf(method, parameters, words);
    expect(front).toEqual(await frontOf(promptTuningMethod({ promptLength: 4 }), parameters, words));
  });

  test('a text of s tokens has every row of A, a longer one is refused', async () => {
    const parameters = drawn({});
    const text = (tokens: number) => ({ data: draw(tokens * width, 'text'), shape: [1, tokens, width] });
    expect((await frontOf(deptMethod(), parameters, text(8))).shape).toEqual([1, 12, width]);
    await expect(frontOf(deptMethod(), parameters, text(9))).rejects.toThrow(DeptError);
  });
});
