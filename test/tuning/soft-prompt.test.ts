/** The soft prompt: its three ways to start, and prompt tuning built from it. */
import { describe, expect, test } from 'vitest';
import { startParameters } from '../../engine/training/train-step.ts';
import { createMethod } from '../../engine/tuning/methods.ts';
import { promptTuning } from '../../engine/tuning/prompt-tuning.ts';
import { PROMPT, type SoftPromptOptions } from '../../engine/tuning/soft-prompt.ts';
import { config, frozen, promptTuningMethod, table } from '../training/tiny.ts';
import { frontOf } from './front.ts';
import { mean, variance } from './statistics.ts';

const { width, vocabularySize, eosId } = config;
const row = (id: number): number[] => [...table.subarray(id * width, (id + 1) * width)];

function promptRows(options: Partial<SoftPromptOptions>, seed = 1): number[][] {
  const [prompt] = startParameters(promptTuningMethod(options).parameters, seed);
  const [length] = prompt!.spec.shape;
  return Array.from({ length: length! }, (_, i) => [...prompt!.values.subarray(i * width, (i + 1) * width)]);
}

describe('starts from', () => {
  test('a text, end of text included, repeated and cut', () => {
    const [a, b] = frozen.encode('ab') as [number, number, number];
    const ids = [a, b, eosId, a, b, eosId, a];
    expect(promptRows({ promptInit: 'text', initText: 'ab', promptLength: 7 })).toEqual(ids.map(row));
  });

  test("the published text's 11 ids, over and over, in a prompt of 80", () => {
    const ids = [4501, 4921, 48, 1499, 19, 442, 757, 42, 59, 10, 1]; // as T5's tokenizer has it, see test/tokenizer
    const initText = 'Classify this text is postive or not:';
    const model = {
      width: 1,
      vocabularySize: 32_128,
      wordEmbedding: (id: number) => Float32Array.of(id),
      encode: (text: string) => (text === initText ? ids : expect.fail(text)),
    };
    const method = promptTuning({ promptLength: 80, promptInit: 'text', initText }, model);
    const [prompt] = startParameters(method.parameters, 1);
    const repeated = Array.from({ length: 8 }, () => ids).flat(); // ceil(80 / 11) times
    expect([...prompt!.values]).toEqual(repeated.slice(0, 80));
  });

  test('the first tokens of a text longer than the prompt', () => {
    const ids = frozen.encode('abcdef').slice(0, 4);
    expect(promptRows({ promptInit: 'text', initText: 'abcdef', promptLength: 4 })).toEqual(ids.map(row));
  });

  test('rows of the whole vocabulary', () => {
    const all = Array.from({ length: vocabularySize }, (_, id) => String(row(id)));
    const ids = promptRows({ promptInit: 'vocabulary', promptLength: 400 }).map((values) =>
      all.indexOf(String(values)),
    );
    expect(Math.min(...ids)).toBe(0);
    expect(Math.max(...ids)).toBe(vocabularySize - 1);
    expect(new Set(ids).size).toBe(vocabularySize);
  });

  test('N(0, 1)', () => {
    const values = promptRows({ promptInit: 'random', promptLength: 400 }).flat();
    expect(Math.abs(mean(values))).toBeLessThan(0.05);
    expect(variance(values)).toBeCloseTo(1, 1);
  });

  test.each(['vocabulary', 'random'] as const)('the same values for the same seed (%s)', (promptInit) => {
    expect(promptRows({ promptInit }, 5)).toEqual(promptRows({ promptInit }, 5));
    expect(promptRows({ promptInit }, 6)).not.toEqual(promptRows({ promptInit }, 5));
  });
});

test('prompt tuning puts the same tokens before every text and leaves the text alone', async () => {
  const method = promptTuningMethod({ promptLength: 2 });
  const parameters = startParameters(method.parameters, 1);
  const words = { data: Float32Array.from({ length: 2 * 3 * width }, (_, i) => i / 7), shape: [2, 3, width] };
  const { data, shape } = await frontOf(method, parameters, words);
  expect(shape).toEqual([2, 5, width]);
  const [text, prompt] = [3 * width, [...parameters[0]!.values]];
  const texts = [words.data.subarray(0, text), words.data.subarray(text)];
  expect([...(data as Float32Array)]).toEqual(texts.flatMap((values) => [...prompt, ...values]));
});

test('methods by name', () => {
  const prompt = { promptLength: 4, promptInit: 'random', initText: 'ab' } as const;
  const lowRank = { rank: 3, maxTextLength: 8, alpha: 8, lowRankInit: 'uniform' } as const;
  const dept = createMethod({ name: 'dept', ...prompt, ...lowRank }, frozen);
  const plain = createMethod({ name: 'prompt-tuning', ...prompt }, frozen);
  expect([dept.name, dept.promptLength, dept.parameters.length]).toEqual(['dept', 4, 3]);
  expect([plain.name, plain.promptLength, plain.parameters.map(({ name }) => name)]).toEqual([
    'prompt-tuning',
    4,
    [PROMPT],
  ]);
});
