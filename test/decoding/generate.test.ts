import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Answer } from '../../engine/decoding/beam-search.ts';
import { createGenerator, type EncodedSource, type SequenceGenerator } from '../../engine/decoding/generate.ts';
import { readT5Config } from '../../engine/models/t5/config.ts';
import { openCheckpoint } from '../../engine/weights/checkpoint.ts';
import { encoded } from './encode.ts';

interface DecodingReference {
  inputs: { input_ids: number[][]; max_new_tokens: number; num_beams: number };
  greedy: { ids: number[]; log_prob: number }[];
  beam: { length_penalty: number; early_stopping: boolean; returned: Answer[][] }[];
}

const folder = fileURLToPath(new URL('../golden/decoding-tiny', import.meta.url));
const reference = JSON.parse(readFileSync(`${folder}/reference.json`, 'utf8')) as DecodingReference;
const { input_ids: prompts, max_new_tokens: maxLength, num_beams: beams } = reference.inputs;
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

describe("transformers' generate()", () => {
  test('greedy', async () => {
    const answers = await generator.generate(source, { beams: 1, maxLength });
    answers.forEach((answer, i) => {
      const { ids, log_prob: score } = reference.greedy[i]!;
      expectAnswers(answer, [{ ids, score }]);
    });
  });

  test.each(reference.beam)('$length_penalty, early stopping $early_stopping', async (expected) => {
    const rules = { lengthPenalty: expected.length_penalty, earlyStopping: expected.early_stopping };
    const two = await generator.generate(source, { beams, maxLength, ...rules, returnSequences: 2 });
    two.forEach((answers, i) => {
      expectAnswers(answers, expected.returned[i]!);
    });
    const one = await generator.generate(source, { beams, maxLength, ...rules });
    expect(one).toEqual(two.map((answers) => answers.slice(0, 1)));
  });
});

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
  const ended = await encoded(checkpoint, config, Array(3).fill(prompts.at(-1)!) as number[][]);
  const answers = await generator.generate(ended, { beams: 1, maxLength });
  expect(answers.map(([answer]) => answer!.ids)).toEqual(Array(3).fill([config.eosId]));
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
    { beams: 21, maxLength }, // 40 ids in the vocabulary
    { beams, maxLength: 0 },
    { beams, maxLength, returnSequences: beams + 1 },
    { beams: 1, maxLength, returnSequences: 2 },
    { beams, maxLength, lengthPenalty: Number.NaN },
  ])('options %o', async (options) => {
    await expect(generator.generate(source, options)).rejects.toMatchObject({ code: 'bad-input' });
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
