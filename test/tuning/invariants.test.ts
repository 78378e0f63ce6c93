/** What holds of DePT by construction, for both scales and all first values: what B = 0, padding and the tail of A do. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ParameterValues, startParameters, type TrainStep } from '../../engine/training/train-step.ts';
import { LOW_RANK_A, LOW_RANK_B } from '../../engine/tuning/dept.ts';
import { trainedParameters } from '../../engine/vision-language/clip-t5.ts';
import { relativeDifference } from '../models/reference.ts';
import {
  bits,
  caseSamples,
  deptMethod,
  feedsOf,
  fresh,
  modelWith,
  openStep,
  promptTuningMethod,
  sizes,
} from '../training/tiny.ts';
import { type LogitsReader, openLogits, paddedTo } from './logits.ts';

const kinds = (['text', 'vocabulary', 'random'] as const).flatMap((promptInit) =>
  (['uniform', 'gaussian'] as const).map((lowRankInit) => ({ promptInit, lowRankInit })),
);

/** s of the published runs. */
const maxTextLength = 256;
const longest = Math.max(...caseSamples.map(({ text }) => text.length));
const plain = modelWith(promptTuningMethod({ promptLength: sizes.prompt }));

describe.each([8, null])('alpha %s', (alpha) => {
  const model = modelWith(deptMethod({ alpha, maxTextLength }));
  const feeds = feedsOf(model, 'caption', caseSamples);
  const padded = paddedTo(maxTextLength, model, caseSamples, feeds);

  let logits: LogitsReader;
  let plainLogits: LogitsReader;
  let step: TrainStep;
  beforeAll(async () => {
    [logits, plainLogits] = [await openLogits(model), await openLogits(plain)];
    step = await openStep(model, fresh(startParameters(trainedParameters(model), 5)));
  });
  afterAll(async () => {
    for (const opened of [logits, plainLogits, step]) await opened[Symbol.asyncDispose]();
  });

  describe.each(kinds)('prompt from $promptInit, A $lowRankInit', (kind) => {
    const start = startParameters(trainedParameters(modelWith(deptMethod({ ...kind, alpha, maxTextLength }))), 5);
    /** As training leaves it: B is not zero any more. */
    const trained = start.map((parameter): ParameterValues => {
      const isB = parameter.spec.name === LOW_RANK_B;
      return isB ? { ...parameter, values: parameter.values.map((_, i) => Math.sin(3 * i)) } : parameter;
    });

    test('B = 0 gives the logits of prompt tuning, bit for bit', async () => {
      const { promptInit } = kind;
      const method = promptTuningMethod({ promptLength: sizes.prompt, promptInit });
      const alone = startParameters(trainedParameters(modelWith(method)), 5);
      const before = await logits.of(start, feeds);
      expect(bits(before)).toEqual(bits(await plainLogits.of(alone, feeds)));
      expect(relativeDifference(await logits.of(trained, feeds), before)).toBeGreaterThan(1e-3);
    });

    test('texts padded to s = 256 have the logits of texts padded to their longest', async () => {
      const cut = await logits.of(trained, feeds);
      // Attention sums over 265 positions instead of 16, in float32: 9e-7 was the largest difference seen.
      expect(relativeDifference(await logits.of(trained, padded), cut)).toBeLessThan(5e-6);
    });

    test('rows of A beyond the longest text get no gradient, padded to it or to s', async () => {
      step.parameters.forEach(({ values }, i) => {
        values.set(trained[i]!.values);
      });
      const at = trained.findIndex(({ spec }) => spec.name === LOW_RANK_A);
      const used = longest * sizes.rank;
      for (const batch of [feeds, padded]) {
        const gradient = (await step.gradients([batch], 0)).gradients[at]!;
        expect(gradient.length).toBe(maxTextLength * sizes.rank);
        expect(gradient.subarray(0, used).every((value) => value !== 0)).toBe(true);
        expect(gradient.subarray(used).every((value) => value === 0)).toBe(true);
      }
    });
  });
});
