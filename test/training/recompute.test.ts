/** Layers whose values are computed twice: the same loss, gradients and dropout, and ONNX Runtime does compute them twice. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { CheckpointBackbone } from '../../engine/models/backbone.ts';
import { startParameters } from '../../engine/training/train-step.ts';
import { trainedParameters } from '../../engine/vision-language/clip-t5.ts';
import { profileShares } from '../bench/step-profile.ts';
import { golden, relativeDifference } from '../models/reference.ts';
import { caseSamples, deptMethod, feedsOf, fresh, modelWith, openStep } from './tiny.ts';

const folder = mkdtempSync(join(tmpdir(), 'dept-recompute-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const model = modelWith(deptMethod());
const batch = feedsOf(model, 'caption', caseSamples);
const parameters = fresh(startParameters(trainedParameters(model), 1));

/** Of a second run, with the number of its nodes by operator. `targetLength` decides how cross-attention is computed. */
async function computed(recomputes: boolean, targetLength: number) {
  const frozenT5 = new CheckpointBackbone(golden('t5-tiny').checkpoint(), { dropoutRate: 0.5, recomputes });
  const profile = join(folder, `${recomputes}-${targetLength}-`);
  const step = await openStep(model, parameters, { frozenT5, targetLength, profile });
  await step.gradients([batch], 0);
  const result = await step.gradients([batch], 3);
  await step.release();
  const file = readdirSync(folder).find((name) => join(folder, name).startsWith(profile))!;
  const counts = new Map(profileShares(join(folder, file)).map(({ operator, nodes }) => [operator, nodes]));
  return { ...result, counts };
}

test.each([10, 40])('the same loss and gradients, and each layer twice: targets of %i', async (targetLength) => {
  const [kept, again] = [await computed(false, targetLength), await computed(true, targetLength)];
  expect(again.loss).toBe(kept.loss);
  again.gradients.forEach((gradient, i) => {
    expect(relativeDifference(gradient, kept.gradients[i]!), parameters[i]!.spec.name).toBeLessThan(1e-6);
  });
  const { encoderLayers, decoderLayers } = model.config;
  const norms = 2 * encoderLayers + 3 * decoderLayers;
  expect(kept.counts.get('SimplifiedLayerNormalization')).toBe(norms + 2 + 1);
  expect(again.counts.get('SimplifiedLayerNormalization')).toBe(2 * norms + 2 + 1);
});
