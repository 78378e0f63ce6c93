/** A step over int8 matrices: nearly the loss and the gradients of the matrices as published, and not the same: 16 wide here. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { isT5Matrix, QuantisedBackbone } from '../../engine/models/t5/quantised-backbone.ts';
import { quantisedCheckpoint } from '../../engine/weights/quantise.ts';
import { golden } from '../models/reference.ts';
import { backbone, caseSamples, deptMethod, feedsOf, modelWith, openStep, parametersFrom } from './tiny.ts';

const folder = mkdtempSync(join(tmpdir(), 'dept-int8-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const model = modelWith(deptMethod());
const parameters = parametersFrom(model, (name) => (name === 'B' ? 'init.B.random' : `init.${name}`));

async function gradientsOver(frozenT5: ReturnType<typeof backbone>) {
  const step = await openStep(model, parameters, { frozenT5 });
  const result = await step.gradients([feedsOf(model, 'caption', caseSamples)], 0);
  await step.release();
  return result;
}

const cosine = (a: Float32Array, b: Float32Array): number => {
  const dot = (x: Float32Array, y: Float32Array): number => x.reduce((sum, value, i) => sum + value * y[i]!, 0);
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
};

test('loss and gradients', async () => {
  const whole = await gradientsOver(backbone());
  const checkpoint = quantisedCheckpoint(golden('t5-tiny').checkpoint(), isT5Matrix, folder);
  const rounded = await gradientsOver(new QuantisedBackbone(checkpoint));
  expect(rounded.loss).not.toBe(whole.loss);
  expect(Math.abs(rounded.loss - whole.loss)).toBeLessThan(0.02 * whole.loss);
  rounded.gradients.forEach((gradient, i) => {
    expect(cosine(gradient, whole.gradients[i]!), parameters[i]!.spec.name).toBeGreaterThan(0.92);
  });
});
