import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createGenerator, type EncodedSource, type SequenceGenerator } from '../../engine/decoding/generate.ts';
import type { Answer } from '../../engine/decoding/search.ts';
import { readT5Config } from '../../engine/models/t5/config.ts';
import { openCheckpoint } from '../../engine/weights/checkpoint.ts';
import { encoded } from './encode.ts';
import { modelFolder, reference } from './reference-cases.ts';

const folder = modelFolder('tiny');
const prompts = reference.inputs;
const [maxLength, beams] = [12, 4];
const checkpoint = openCheckpoint(folder);
const config = readT5Config(folder);

let generator: SequenceGenerator;
let source: EncodedSource;
beforeAll(async () => {
  generator = await createGenerator({ checkpoint, config, threads: 1 });
  source = await encoded(checkpoint, config, prompts);
});
afterAll(() => generator.release());

function expectAnswers(actual: readonly Answer[], expected: readonly Answer[]): void {
  expect(actual.map(({ ids }) => ids)).toEqual(expected.map(({ ids }) => ids));
  actual.forEach(({ score }, i) => {
    expect(Math.abs(score - expected[i]!.score)).toBeLessThan(1e-4);
  });
}

test('a batch answers as its prompts do one by one, whatever their padding', async () => {
  const together = await generator.generate(source, { beams, maxLength, returnSequences: beams });
  for (const [i, prompt] of prompts.entries()) {
    const alone = await encoded(checkpoint, config, [prompt.filter((id) => id !== config.padId)]);
    const [answers] = await generator.generate(alone, { beams, maxLength, returnSequences: beams });
    expectAnswers(answers!, together[i]!);
  }
});

test('the source is left as it was, and generating again gives the same', async () => {
  const before = [
    Float32Array.from(source.states.data as Float32Array),
    Float32Array.from(source.mask.data as Float32Array),
  ];
  const first = await generator.generate(source, { beams, maxLength });
  expect([source.states.data, source.mask.data]).toEqual(before);
  expect(await generator.generate(source, { beams, maxLength })).toEqual(first);
});

test('answers end at the length limit, whether they came to an end or not', async () => {
  for (const width of [1, beams]) {
    const one = await generator.generate(source, { beams: width, maxLength: 1, returnSequences: width });
    expect(one.flat().every(({ ids }) => ids.length === 1)).toBe(true);
    const three = await generator.generate(source, { beams: width, maxLength: 3, returnSequences: width });
    for (const { ids } of three.flat()) {
      expect(ids.length === 3 || ids.at(-1) === config.eosId).toBe(true);
      expect(ids.slice(0, -1)).not.toContain(config.eosId);
    }
  }
});

test('a prompt whose likeliest first id is the end id, alone and many times over', async () => {
  const ends = [37, 1];
  const ended = await encoded(checkpoint, config, [ends, ends, ends]);
  const answers = await generator.generate(ended, { beams: 1, maxLength });
  expect(answers.map(([answer]) => answer!.ids)).toEqual(Array(3).fill([config.eosId]));
});

test('more beams than the vocabulary has ids', async () => {
  const answers = await generator.generate(source, { beams: 60, maxLength: 2, returnSequences: 60 });
  for (const row of answers) expect(new Set(row.map(({ ids }) => ids.join(' ')))).toHaveLength(60);
});

test('rules that never come to bear change nothing', async () => {
  const plain = await generator.generate(source, { beams, maxLength, returnSequences: beams });
  const ruled = await generator.generate(source, { beams, maxLength, returnSequences: beams, noRepeatNgram: 99 });
  ruled.forEach((answers, i) => {
    expectAnswers(answers, plain[i]!);
  });
});

test('no prompts, no answers', async () => {
  const none: EncodedSource = {
    states: { data: new Float32Array(0), shape: [0, 2, config.width] },
    mask: { data: new Float32Array(0), shape: [0, 2] },
  };
  expect(await generator.generate(none, { beams, maxLength })).toEqual([]);
});

describe('refusals', () => {
  test('a cancelled generation stops between two steps', async () => {
    const abort = new AbortController();
    const answers = generator.generate(source, { beams, maxLength }, abort.signal);
    abort.abort();
    await expect(answers).rejects.toMatchObject({ code: 'cancelled' });
  });

  test.each([
    { beams: 0, maxLength },
    { beams: 1.5, maxLength },
    { beams, maxLength: 0 },
    { beams, maxLength, returnSequences: beams + 1 },
    { beams: 1, maxLength, returnSequences: 2 },
    { beams, maxLength, lengthPenalty: Number.NaN },
    { beams, maxLength, minLength: -1 },
    { beams, maxLength, minLength: maxLength + 1 },
    { beams, maxLength, noRepeatNgram: 0.5 },
    { beams, maxLength, repetitionPenalty: 0 },
    { beams, maxLength, repetitionPenalty: Infinity },
    { beams, maxLength, forcedBosId: 40 }, // 40 ids in the vocabulary
    { beams, maxLength, forcedEosId: -1 },
  ])('options %o', async (options) => {
    await expect(generator.generate(source, options)).rejects.toMatchObject({ code: 'bad-input' });
  });

  test('rules that ban every id: beams find no answer, greedy search goes on with id 0', async () => {
    const rules = { maxLength: 50, noRepeatNgram: 1, minLength: 50 };
    await expect(generator.generate(source, { beams, ...rules })).rejects.toMatchObject({
      code: 'bad-input',
      message: 'The rules of generation leave a prompt without an answer',
    });
    const greedy = await generator.generate(source, { beams: 1, ...rules });
    for (const [answer] of greedy) {
      expect(answer!.score).toBe(-Infinity);
      expect(new Set(answer!.ids.slice(0, 38))).toHaveLength(38); // all but start and end
      expect(answer!.ids.slice(38)).toEqual(Array(12).fill(0));
    }
  });

  test('states and mask of different batches', async () => {
    const mask = { data: new Float32Array(4).fill(1), shape: [2, 2] };
    await expect(generator.generate({ ...source, mask }, { beams, maxLength })).rejects.toMatchObject({
      code: 'shape-mismatch',
    });
  });

  test('states that are not numbers, as of parameters that diverged', async () => {
    const states = { ...source.states, data: (source.states.data as Float32Array).map(() => Number.NaN) };
    await expect(generator.generate({ ...source, states }, { beams, maxLength })).rejects.toMatchObject({
      code: 'runtime-failed',
      message: "The decoder's scores are not numbers",
    });
  });
});
