/** A batch run in parts: the same loss and gradients, the same values dropped. */
import { expect, test } from 'vitest';
import { startParameters } from '../../engine/training/train-step.ts';
import { trainedParameters } from '../../engine/vision-language/clip-t5.ts';
import { microBatches } from '../../engine/vision-language/micro-batches.ts';
import { caseSamples, deptMethod, feedsOf, fresh, modelWith, openStep } from './tiny.ts';

const model = modelWith(deptMethod());
const batch = feedsOf(model, 'vqa', caseSamples);
const parameters = fresh(startParameters(trainedParameters(model), 1));

async function gradientsIn(microBatch: number | null) {
  const step = await openStep(model, parameters, { dropoutRate: 0.5, microBatch });
  const result = await step.gradients([batch, batch], 3);
  await step.release();
  return result;
}

test.each([1, 2, 3])('parts of at most %i examples add up to the batch, dropout included', async (size) => {
  const [whole, parts] = [await gradientsIn(null), await gradientsIn(size)];
  expect(Math.abs(parts.loss - whole.loss)).toBeLessThan(1e-6 * whole.loss);
  parts.gradients.forEach((gradient, i) => {
    const [name, expected] = [parameters[i]!.spec.name, whole.gradients[i]!];
    const largest = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    const difference = gradient.reduce((most, value, j) => Math.max(most, Math.abs(value - expected[j]!)), 0);
    if (name !== 'prompt_encoder.lora_embedding_A') expect(largest, name).toBeGreaterThan(0); // B is zero: A has none
    expect(difference, name).toBeLessThanOrEqual(1e-5 * largest);
  });
});

test('parts are as equal as can be, in order, with the padding of the whole', () => {
  const parts = microBatches(batch, 3);
  expect(parts.map(({ first }) => first)).toEqual([0, 2]);
  for (const name of ['ids', 'targetIds', 'mask', 'visual', 'labels', 'weights']) {
    const joined = parts.flatMap(({ feeds }) => [...feeds[name]!.data]);
    expect(joined, name).toEqual([...batch[name]!.data]);
    if (name !== 'labels' && name !== 'weights')
      expect(parts[1]!.feeds[name]!.shape.slice(1)).toEqual(batch[name]!.shape.slice(1));
  }
});

test('a part counts its places from its own first example', () => {
  const target = batch.targetIds!.shape[1]!;
  const places = microBatches(batch, 1).flatMap(({ feeds, first }) =>
    [...(feeds.counted!.data as BigInt64Array)].map((place) => place + BigInt(first * target)),
  );
  expect(places).toEqual([...(batch.counted!.data as BigInt64Array)]);
});

test('no limit, or one that is not reached, leaves the batch whole', () => {
  expect(microBatches(batch, null)).toHaveLength(1);
  expect(microBatches(batch, 4)).toHaveLength(1);
});
