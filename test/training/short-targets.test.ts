/** Cross-attention over the states themselves, as short targets have it: the same numbers for less work. */
import { expect, test } from 'vitest';
import { graphCost } from '../../engine/graph/cost.ts';
import { gradient } from '../../engine/graph/gradient.ts';
import { trainingGraph } from '../../engine/vision-language/clip-t5.ts';
import { relativeDifference } from '../models/reference.ts';
import { backbone, caseSamples, deptMethod, feedsOf, modelWith, openStep, parametersFrom } from './tiny.ts';

const model = modelWith(deptMethod());
const parameters = parametersFrom(model, (name) => (name === 'B' ? 'init.B.random' : `init.${name}`));
const batch = feedsOf(model, 'caption', caseSamples);

async function gradientsWith(targetLength: number | undefined) {
  const step = await openStep(model, parameters, { targetLength });
  const result = await step.gradients([batch], 0);
  await step.release();
  return result;
}

test('loss and gradients are those of keys and values', async () => {
  const [usual, short] = [await gradientsWith(undefined), await gradientsWith(5)];
  expect(Math.abs(short.loss - usual.loss)).toBeLessThan(1e-6 * usual.loss);
  short.gradients.forEach((own, i) => {
    expect(relativeDifference(own, usual.gradients[i]!), parameters[i]!.spec.name).toBeLessThan(1e-5);
  });
});

test('a step on a long source and a short target is less work', () => {
  const flopsOf = (targetLength: number | undefined): number => {
    const { loss, parameters: own } = trainingGraph(backbone(), model, targetLength);
    const extents = { batch: 4, text: 8, target: 1, counted: 4 };
    return graphCost([loss, ...gradient(loss, own.trained)], extents).flops;
  };
  expect(flopsOf(3)).toBeLessThan(0.95 * flopsOf(undefined));
  expect(flopsOf(17)).toBe(flopsOf(undefined));
});

test('dropout drops there as well', async () => {
  const losses = await Promise.all(
    [0, 0.3].map(async (dropoutRate) => {
      const step = await openStep(model, parameters, { targetLength: 5, dropoutRate });
      const { loss } = await step.gradients([batch], 0);
      await step.release();
      return loss;
    }),
  );
  expect(Math.abs(losses[0]! - losses[1]!)).toBeGreaterThan(1e-3);
});
