/** CLIP-T5's forward pass with DePT against torch: the encoder's input, its output, the logits. */
import { expect, test } from 'vitest';
import { compile } from '../../engine/graph/compile.ts';
import { named } from '../../engine/graph/dim.ts';
import { concat } from '../../engine/graph/ops/structure.ts';
import { Parameters } from '../../engine/graph/parameter.ts';
import { input } from '../../engine/graph/sources.ts';
import type { Tensor } from '../../engine/graph/tensor.ts';
import { wordEmbeddings } from '../../engine/models/t5/encoder.ts';
import { sequenceLoss } from '../../engine/models/t5/sequence-loss.ts';
import { Session, type Value } from '../../engine/runtime/session.ts';
import { parameterFeeds } from '../../engine/training/train-step.ts';
import { encodingGraph, trainedParameters } from '../../engine/vision-language/clip-t5.ts';
import { relativeDifference } from '../models/reference.ts';
import {
  backbone,
  caseSamples,
  config,
  deptMethod,
  feedsOf,
  modelWith,
  parametersFrom,
  sizes,
  tiny,
} from '../training/tiny.ts';

const model = modelWith(deptMethod());
const parameters = parametersFrom(model, (name) => (name === 'B' ? 'init.B.random' : `init.${name}`));
const feeds = { ...feedsOf(model, 'caption', caseSamples), ...parameterFeeds(parameters) };

async function run(outputs: Record<string, Tensor>, fed: Record<string, Value>): Promise<Record<string, Value>> {
  const session = await Session.create(compile(outputs), { threads: 1 });
  const results = await session.run(fed);
  await session.release();
  return results;
}

test('the encoder reads [prompt ; text ; visual tokens]', async () => {
  const tensors = new Parameters(trainedParameters(model));
  const words = wordEmbeddings(backbone(), config, input('ids', 'int64', [named('batch'), named('text')]));
  const visual = input('visual', 'float32', [named('batch'), sizes.visual, sizes.visual_width]);
  const embeds = concat([model.method.front(words, tensors), model.projection.project(visual, tensors)], 1);
  const { data, shape } = (await run({ embeds }, feeds)).embeds!;
  expect(shape).toEqual([4, sizes.prompt + 7 + sizes.visual, config.width]);
  expect(relativeDifference(data as Float32Array, tiny.expected('expected.inputs_embeds'))).toBeLessThan(1e-5);
});

test('its output, and from that the logits of every counted token', async () => {
  const states = (await run({ states: encodingGraph(backbone(), model) }, feeds)).states!;
  expect(relativeDifference(states.data as Float32Array, tiny.expected('expected.encoder.final'))).toBeLessThan(1e-5);

  const [batch, source, target, counted] = ['batch', 'source', 'target', 'counted'].map(named);
  const encoded = input('states', 'float32', [batch!, source!, config.width]);
  const { logits } = sequenceLoss(backbone(), config, encoded, input('mask', 'float32', [batch!, source!]), {
    ids: input('targetIds', 'int64', [batch!, target!]),
    buckets: input('targetBuckets', 'int64', [target!, target!]),
    counted: input('counted', 'int64', [counted!]),
    labels: input('labels', 'int64', [counted!]),
    weights: input('weights', 'float32', [counted!]),
  });
  const actual = (await run({ logits }, { ...feeds, states })).logits!;
  const all = tiny.expected('expected.logits');
  const rows = [...(feeds.counted!.data as BigInt64Array)].map(Number);
  const expected = rows.flatMap((row) => [
    ...all.subarray(row * config.vocabularySize, (row + 1) * config.vocabularySize),
  ]);
  expect(actual.shape).toEqual([rows.length, config.vocabularySize]);
  expect(relativeDifference(actual.data as Float32Array, expected)).toBeLessThan(1e-5);
});
