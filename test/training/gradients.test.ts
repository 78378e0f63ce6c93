/** Loss and gradients of DePT on CLIP-T5's input against torch, and what holds for them by construction. */
import { describe, expect, test } from 'vitest';
import type { DeptOptions } from '../../engine/tuning/dept.ts';
import { compared, type Differences, pinned } from '../fidelity/compared.ts';
import { relativeDifference } from '../models/reference.ts';
import { countedLogits, openLogits } from '../tuning/logits.ts';
import {
  bits,
  caseSamples,
  deptMethod,
  feedsOf,
  gradientsOf,
  modelWith,
  openStep,
  parametersFrom,
  promptTuningMethod,
  sizes,
  tiny,
  torchName,
  trainingBatches,
} from './tiny.ts';

const model = modelWith(deptMethod());
const randomB = () => parametersFrom(model, (name) => (name === 'B' ? 'init.B.random' : `init.${name}`));
const zeroB = () => parametersFrom(model, (name) => `init.${name}`);

const row = { area: 'DePT', against: pinned('torch'), measure: 'relative' } as const;

compared({ ...row, what: 'both losses and all gradients, with B = 0 and not', allowed: 1e-5 }, async (differences) => {
  for (const { golden, task, parameters } of [
    { golden: 'caption', task: 'caption', parameters: randomB },
    { golden: 'vqa', task: 'vqa', parameters: randomB },
    { golden: 'caption_zero_B', task: 'caption', parameters: zeroB },
    { golden: 'vqa_zero_B', task: 'vqa', parameters: zeroB },
  ] as const) {
    const { loss, gradients } = await gradientsOf(model, parameters(), [feedsOf(model, task, caseSamples)]);
    differences.values(loss, tiny.expected(`${golden}.loss`)[0]!, golden);
    const wanted = tiny.names.filter((name) => name.startsWith(`${golden}.grad.`));
    expect(Object.keys(gradients).length).toBe(wanted.length);
    for (const name of wanted) {
      differences.values(gradients[name.replace(`${golden}.grad.`, '')]!, tiny.expected(name), name);
    }
  }
});

interface GoldenCase {
  readonly name: string;
  /** Golden tensors that the prompt and A start from. */
  readonly prompt: string;
  readonly A: string;
}

/** Loss, logits and gradients of the method's tensors, B away from zero. */
async function compareCases(
  differences: Differences,
  options: Partial<DeptOptions>,
  cases: readonly GoldenCase[],
): Promise<void> {
  const own = modelWith(deptMethod(options));
  const feeds = feedsOf(own, 'caption', caseSamples);
  const step = await openStep(
    own,
    parametersFrom(own, (name) => `init.${name === 'A' ? cases[0]!.A : name}`),
  );
  const names = step.parameters.map(({ spec }) => torchName(spec.name));
  await using reader = await openLogits(own);
  for (const { name, prompt, A } of cases) {
    const first: Record<string, string> = { prompt, A, B: 'B.random' };
    names.forEach((own, i) => {
      step.parameters[i]!.values.set(tiny.expected(`init.${first[own] ?? own}`));
    });
    const { loss, gradients } = await step.gradients([feeds], 0);
    differences.values(loss, tiny.expected(`${name}.loss`)[0]!, `${name}: loss`);
    for (const own of Object.keys(first)) {
      differences.values(gradients[names.indexOf(own)]!, tiny.expected(`${name}.grad.${own}`), `${name}: ${own}`);
    }
    const logits = countedLogits(tiny.expected(`${name}.logits`), feeds);
    differences.values(await reader.of(step.parameters, feeds), logits, `${name}: logits`);
  }
  await step.release();
}

const scales = { code: sizes.alpha, paper: null };

compared(
  { ...row, what: 'logits, loss and gradients for both scales and all first values', allowed: 1e-5 },
  async (differences) => {
    for (const [scale, alpha] of Object.entries(scales)) {
      const cases = ['text', 'vocabulary', 'random'].flatMap((prompt) =>
        ['uniform', 'gaussian'].map((A) => ({
          name: `variant.${scale}.${prompt}.${A}`,
          prompt: `prompt.${prompt}`,
          A: `A.${A}`,
        })),
      );
      await compareCases(differences, { alpha }, cases);
    }
    expect(differences.cases).toBe(tiny.names.filter((name) => name.startsWith('variant.')).length);
  },
);

compared(
  { ...row, what: 'logits, loss and gradients where the reference pads to s = 256 and adds all of A B', allowed: 1e-5 },
  async (differences) => {
    for (const [scale, alpha] of Object.entries(scales)) {
      const cases = [{ name: `padded.${scale}`, prompt: 'prompt.text', A: 'A.long' }];
      await compareCases(differences, { alpha, maxTextLength: sizes.long }, cases);
    }
  },
);

test('with B = 0 DePT is prompt tuning, bit for bit', async () => {
  const plain = modelWith(promptTuningMethod({ promptLength: sizes.prompt }));
  const batch = [feedsOf(model, 'caption', caseSamples)];
  const withB = await gradientsOf(model, zeroB(), batch);
  const without = await gradientsOf(
    plain,
    parametersFrom(plain, (name) => `init.${name}`),
    batch,
  );
  expect(withB.loss).toBe(without.loss);
  const { A, B, ...shared } = withB.gradients;
  expect(A!.every((value) => value === 0)).toBe(true);
  expect(B!.some((value) => value !== 0)).toBe(true);
  expect(Object.keys(shared)).toEqual(Object.keys(without.gradients));
  for (const [name, values] of Object.entries(shared)) {
    expect(bits(values), name).toEqual(bits(without.gradients[name]!));
  }
});

test('rows of A beyond the longest text get no gradient and stay as they are', async () => {
  const parameters = randomB();
  const [, A] = parameters;
  const start = A!.values.slice();
  const step = await openStep(model, parameters);
  const short = caseSamples.filter(({ text }) => text.length <= 5);
  const batch = [feedsOf(model, 'caption', short)];
  const gradient = (await step.gradients(batch, 0)).gradients[1]!;
  const beyond = 5 * sizes.rank;
  expect(gradient.subarray(0, beyond).every((value) => value !== 0)).toBe(true);
  expect(gradient.subarray(beyond).every((value) => value === 0)).toBe(true);

  for (let i = 0; i < 3; i += 1) await step.run(batch, i, { prompt: 0.1, lowRank: 0.1, projection: 0.1 });
  await step.release();
  expect(bits(A!.values.subarray(beyond))).toEqual(bits(start.subarray(beyond)));
  expect(A!.values.subarray(0, beyond).some((value, i) => value !== start[i])).toBe(true);
});

test('padding changes nothing: a short text alone, and beside a longer one that does not count', async () => {
  const [long, short] = caseSamples as [(typeof caseSamples)[0], (typeof caseSamples)[0]];
  const ignored = { ...long, target: { ...long.target, score: 0 } };
  const alone = await gradientsOf(model, randomB(), [feedsOf(model, 'vqa', [short], [short, ignored])]);
  const padded = await gradientsOf(model, randomB(), [feedsOf(model, 'vqa', [short, ignored])]);
  expect(Math.abs(padded.loss / alone.loss - 1)).toBeLessThan(1e-6);
  for (const [name, values] of Object.entries(padded.gradients)) {
    expect(relativeDifference(values, alone.gradients[name]!), name).toBeLessThan(1e-5);
  }
});

test('an answer of score 0 teaches nothing', async () => {
  const unscored = caseSamples.at(-1)!;
  expect(unscored.target.score).toBe(0);
  const { loss, gradients } = await gradientsOf(model, randomB(), [feedsOf(model, 'vqa', [unscored])]);
  expect(loss).toBe(0);
  for (const [name, values] of Object.entries(gradients)) {
    expect(
      values.every((value) => value === 0),
      name,
    ).toBe(true);
  }
});

describe('accumulated batches are one large batch', () => {
  test.each(['caption', 'vqa'] as const)('%s', async (task) => {
    const parts = trainingBatches
      .slice(0, 3)
      .map((samples, i) =>
        samples.map((sample, j) => ({ ...sample, target: { ...sample.target, score: (1 + i + j) / 6 } })),
      );
    const whole = parts.flat();
    const large = await gradientsOf(model, randomB(), [feedsOf(model, task, whole)]);
    const accumulated = await gradientsOf(
      model,
      randomB(),
      parts.map((samples) => feedsOf(model, task, samples, whole)),
    );
    expect(Math.abs(accumulated.loss / large.loss - 1)).toBeLessThan(1e-5);
    for (const [name, values] of Object.entries(accumulated.gradients)) {
      expect(relativeDifference(values, large.gradients[name]!), name).toBeLessThan(1e-5);
    }
  });
});
